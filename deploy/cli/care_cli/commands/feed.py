"""`carelead feed`: play files of HL7, FHIR, visit records and readings into the running system, one line per answer."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from care_cli.output import plural, say

Place = Annotated[Path, typer.Argument(help="A file, or a folder that is read whole.")]
Mllp = Annotated[str, typer.Option(help="host:port of another MLLP receiver; by default the running system's.")]


def feed(place: Place, mllp: Mllp = "") -> None:
    """Play FILE or FOLDER into the running system and print each answer."""
    asyncio.run(_feed(place, mllp))


async def _feed(place: Path, mllp: str) -> None:
    from care_cli.player.play import FrontDoors, files_below, play
    from care_cli.running.addresses import running_addresses
    from care_cli.wire.http import IntakeClient
    from care_local.addresses import split_address
    from care_shared.runtime.clock import utc_now

    files = files_below(place)
    known = running_addresses()
    host, port = split_address(mllp) if mllp else (known.mllp_host, known.mllp_port)
    verdicts: Counter[str] = Counter()
    async with IntakeClient(known.intake_url, known.intake_token) as intake:
        async for played in play(files, FrontDoors(host, port, intake, utc_now())):
            verdicts["skipped" if played.verdict == "skipped" else f"{played.kind} {played.verdict}"] += 1
            say(played.line())
    said = ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items()))
    say(f"{plural(sum(verdicts.values()), 'message')} of {plural(len(files), 'file')}: {said}")
