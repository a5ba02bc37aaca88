"""`carelead intake fix|evidence`: an edited copy of a refused message, and proof of what was received."""

import asyncio
import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from care_cli.commands.intake_mapping import OneSource, wanted_range
from care_cli.commands.intake_options import By, DryRun, Reason, Since, Until, needs_reason
from care_cli.output import EXIT_PROBLEM, EXIT_USAGE, say, warn

if TYPE_CHECKING:
    from care_intake.adapters.fixes import Edit
    from care_intake.adapters.replays import Asker
    from care_intake.adapters.retranslation import Range
    from care_intake.core.feed import Feed
    from care_intake.core.formats import Format

OneReceipt = Annotated[str, typer.Argument(help="The receipt of a refused message.")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", help="PLACE=VALUE, such as PV1-44=20270301 or Observation.status=final; may be repeated."),
]
EditedFile = Annotated[Path | None, typer.Option("--file", help="The whole edited message instead.")]
Unmask = Annotated[bool, typer.Option("--unmask", help="Print the original as well; that leaves your name.")]
Out = Annotated[Path | None, typer.Option("--out", help="Where to write; without it to standard output.")]


def fix(  # noqa: PLR0913  # each is an option of the command line
    receipt: OneReceipt,
    sets: Sets = None,
    file: EditedFile = None,
    *,
    reason: Reason = "",
    by: By = "",
    dry_run: DryRun = False,
    unmask: Unmask = False,
) -> None:
    """Keep an edited copy of a refused message and have it decided; the original stays and names its copy.

    No value is printed: you see places, verdict and facts.
    """
    from care_intake.adapters.replays import Asker

    if bool(sets) == (file is not None):
        warn("carelead intake fix: say what to change with --set PLACE=VALUE, or give the whole message with --file")
        raise typer.Exit(EXIT_USAGE)
    needs_reason(reason, is_wanted=not dry_run, command="fix")
    changes = dict(_change(one) for one in sets or ())
    asker = Asker(by or getpass.getuser(), dry_run, reason)
    if not asyncio.run(_fix(receipt, _edit(changes, file), ", ".join(changes) or "whole message", asker, unmask)):
        raise typer.Exit(EXIT_PROBLEM)


def evidence(source: OneSource, since: Since = None, until: Until = None, out: Out = None) -> None:
    """Every message and event of a source in a period as CSV, with the times of receipt and of our answer.

    It holds our ids and the sender's message numbers, and nothing else about a person.
    """
    asyncio.run(_evidence(wanted_range(source, since, until), out))


def _change(text: str) -> tuple[str, str]:
    place, sign, value = text.partition("=")
    if not place or not sign:
        warn("carelead intake fix: --set wants PLACE=VALUE")
        raise typer.Exit(EXIT_USAGE)
    return place, value


def _edit(changes: dict[str, str], file: Path | None) -> "Edit":
    from care_cli.files import read_bytes
    from care_intake.core.fixes import edited

    if file is not None:
        whole = read_bytes(file)
        return lambda _body, _form, _feed: whole

    def edit(body: bytes, form: "Format", feed: "Feed") -> bytes:
        return edited(body, form, changes, feed.charset)

    return edit


async def _fix(receipt: str, edit: "Edit", places: str, asker: "Asker", unmask: bool) -> bool:
    from care_cli.running.front_desk import front_desk
    from care_intake.adapters.fixes import Fixes
    from care_shared.runtime.clock import utc_now

    async with front_desk() as front:
        if unmask:
            raw = await front.desk.unmasked(receipt, asker.name)
            sys.stdout.buffer.write(raw.replace(b"\r", b"\n") + b"\n")
        done = await Fixes(front.pool, front.sources, utc_now, front.topic).fix(receipt, edit, places, asker)
    verdict = f"{done.receipt.verdict}: {done.receipt.field} {done.receipt.problem}".rstrip(": ")
    say(f"{done.receipt.receipt_id}  {verdict}  {' '.join(f'+{kind}' for kind in done.facts)}".rstrip())
    if not done.is_kept:
        say("the copy was refused as well and is not kept; the original waits as before")
    elif asker.is_dry_run:
        say("nothing was changed")
    return done.is_kept


async def _evidence(wanted: "Range", out: Path | None) -> None:
    from care_cli.running.front_desk import front_desk
    from care_intake.adapters.evidence import evidence as lines_of

    async with front_desk() as front:
        with out.open("w", encoding="utf-8", newline="") if out else sys.stdout as target:
            async for line in lines_of(front.pool, wanted):
                target.write(line)
