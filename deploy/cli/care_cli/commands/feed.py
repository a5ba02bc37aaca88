"""`carelead feed`: play files of HL7, FHIR, visit records and readings into the running system, one line per answer.

With `--mllp` it is a hospital's sender against any receiver: HL7 only, waiting, retrying, measuring.
"""

import asyncio
import ssl
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from care_cli.output import plural, say

if TYPE_CHECKING:
    from care_cli.wire.mllp_feed import FeedPlan

Place = Annotated[Path, typer.Argument(help="A file, or a folder that is read whole.")]
Mllp = Annotated[str, typer.Option(help="host:port of an MLLP receiver; HL7 files go there, with a table of answers.")]
Connections = Annotated[int, typer.Option(min=1, max=500, help="Lines; one patient always has the same.")]
Rate = Annotated[float, typer.Option(min=0.0, help="Messages a second over all lines; 0 for as fast as answers come.")]
Repeat = Annotated[int, typer.Option(min=1, help="How often the whole is played.")]
Tls = Annotated[
    list[Path] | None,
    typer.Option(
        help="Encrypt: who must have issued the receiver's certificate; again for our certificate, and its key."
    ),
]


def feed(
    place: Place, mllp: Mllp = "", connections: Connections = 1, rate: Rate = 0.0, repeat: Repeat = 1, tls: Tls = None
) -> None:
    """Play FILE or FOLDER into the running system, or its HL7 into another receiver, and print the answers."""
    if not mllp:
        asyncio.run(_feed(place))
        return
    from care_cli.wire.mllp_feed import FeedPlan
    from care_local.addresses import split_address

    host, port = split_address(mllp)
    context = client_tls(*tls) if tls else None
    asyncio.run(_send(place, FeedPlan(host, port, connections, rate, tls=context), repeat))


def client_tls(authority: Path, certificate: Path | None = None, key: Path | None = None) -> ssl.SSLContext:
    """TLS that always asks whose the receiver's certificate is, and shows ours when we have one."""
    context = ssl.create_default_context(cafile=authority)
    if certificate is not None:
        context.load_cert_chain(certificate, key)
    return context


async def _send(place: Path, plan: "FeedPlan", repeat: int) -> None:
    from care_cli.player.play import files_below
    from care_cli.wire.mllp_feed import feed_all

    files = files_below(place)
    messages = [message for file in files for message in hl7_of(file)]
    tally = await feed_all(plan, messages * repeat)
    say(f"{plural(len(messages), 'message')} of {plural(len(files), 'file')}, played {plural(repeat, 'time')}")
    for line in tally.lines():
        say(line)


def hl7_of(file: Path) -> Iterator[bytes]:
    """The HL7 messages of a file; none of a file of another kind."""
    from care_cli.player.classify import Kind, classify
    from care_cli.player.play import messages_in

    content = file.read_bytes()
    if classify(file, content).kind is Kind.HL7:
        yield from messages_in(content)


async def _feed(place: Path) -> None:
    from care_cli.player.play import FrontDoors, files_below, play
    from care_cli.running.addresses import running_addresses
    from care_cli.wire.http import IntakeClient
    from care_shared.runtime.clock import utc_now

    files = files_below(place)
    known = running_addresses()
    verdicts: Counter[str] = Counter()
    async with IntakeClient(known.intake_url, known.intake_token) as intake:
        async for played in play(files, FrontDoors(known.mllp_host, known.mllp_port, intake, utc_now())):
            verdicts["skipped" if played.verdict == "skipped" else f"{played.kind} {played.verdict}"] += 1
            say(played.line())
    said = ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items()))
    say(f"{plural(sum(verdicts.values()), 'message')} of {plural(len(files), 'file')}: {said}")
