"""`carelead intake sources|codes|retranslate`: what senders' own codes mean, and a change made good."""

import asyncio
import getpass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from care_cli.commands.intake_options import EVER, NEVER, Apply, By, Reason, Since, Until, needs_reason, utc
from care_cli.output import EXIT_PROBLEM, plural, say, warn

if TYPE_CHECKING:
    from care_intake.adapters.retranslation import Difference, Range
    from care_intake.adapters.sources import Sources

SourcesFile = Annotated[Path, typer.Argument(help="A sources file, as CARE_INTAKE_SOURCES_FILE names one.")]
OneSource = Annotated[str, typer.Option("--source", help="The source.")]
NewFile = Annotated[Path | None, typer.Option("--sources", help="The file to translate under; without it today's.")]
Most = Annotated[int, typer.Option(min=1, max=1_000_000, help="At most so many messages.")]

sources = typer.Typer(no_args_is_help=True, help="The reviewed file of who may send, and what their codes mean.")


@sources.command()
def check(file: SourcesFile) -> None:
    """Read the file as intake would; say what is agreed, and what a reviewer should look at."""
    from care_intake.adapters.sources import read_entries
    from care_intake.adapters.sources_review import doubts, summary

    entries = read_entries(file, file.name)
    for line in summary(entries):
        say(line)
    found = list(doubts(entries))
    for line in found:
        warn(f"  look at {line}")
    say(f"{plural(len(entries), 'source')}; {plural(len(found), 'remark')}")


@sources.command()
def diff(old: SourcesFile, new: SourcesFile) -> None:
    """What NEW changes: + comes, - goes, ~ changes. Secrets are only said to have changed."""
    from care_intake.adapters.sources import read_entries
    from care_intake.adapters.sources_review import differences

    found = list(differences(read_entries(old, old.name), read_entries(new, new.name)))
    for line in found or ["nothing changes"]:
        say(line)


def codes(source: OneSource, since: Since = None, until: Until = None, most: Most = 10_000) -> None:
    """The source's codes that nothing explains: kind, place, code, in how many messages, and when last."""
    asyncio.run(_codes(wanted_range(source, since, until), most))


def retranslate(  # noqa: PLR0913  # each is an option of the command line
    source: OneSource,
    since: Since = None,
    until: Until = None,
    new: NewFile = None,
    *,
    apply: Apply = False,
    by: By = "",
    reason: Reason = "",
    most: Most = 100_000,
) -> None:
    """Translate the stored messages anew and say what differs; with --apply publish it. Repeating it finds nothing."""
    needs_reason(reason, is_wanted=apply, command="retranslate --apply")
    hand = (by or getpass.getuser(), reason) if apply else None
    if not asyncio.run(_retranslate(wanted_range(source, since, until), new, most, hand)):
        raise typer.Exit(EXIT_PROBLEM)


def wanted_range(source: str, since: datetime | None, until: datetime | None) -> "Range":
    """Of one source, from a time to another, UTC."""
    from care_intake.adapters.retranslation import Range
    from care_shared.vocabulary import SourceId

    return Range(SourceId(source), utc(since) or EVER, utc(until) or NEVER)


async def _codes(wanted: "Range", most: int) -> None:
    from care_cli.running.front_desk import front_desk
    from care_intake.adapters.unread_codes import codes_of_source

    async with front_desk() as front:
        found = await codes_of_source(front.pool, front.sources, wanted, most)
    for one in found.asked:
        say(
            f"{one.code.kind:<20} {one.code.where:<14} {one.code.code:<26} {plural(one.messages, 'message'):<14} "
            f"last {one.last_at:%Y-%m-%d %H:%M} in {one.last_receipt_id}"
        )
    if not found.asked:
        say("every code is understood")
    for kind, code in found.unused:
        say(f"{kind:<20} {code} is agreed, and none of {plural(found.messages, 'message')} needed it")


async def _retranslate(wanted: "Range", new: Path | None, most: int, hand: tuple[str, str] | None) -> bool:
    from care_cli.running.front_desk import front_desk
    from care_intake.adapters.corrections import Corrected, Corrections
    from care_intake.adapters.replays import Asker
    from care_intake.adapters.retranslation import Retranslation
    from care_intake.adapters.sources import load_sources
    from care_shared.errors import ConfigurationError
    from care_shared.runtime.clock import utc_now

    async with front_desk() as front:
        under: Sources = load_sources(new) if new is not None else front.sources
        found = await Retranslation(front.pool, under, front.sources).preview(wanted, most)
        for line in told(found):
            say(line)
        if hand is None:
            say("nothing was changed; say --apply --reason … to publish this" if found.receipts else "nothing differs")
            return True
        corrections = Corrections(front.pool, under, front.sources, utc_now, front.topic)
        done, failed = Corrected(), 0
        for receipt in found.receipts:
            try:
                done += await corrections.correct(receipt, Asker(hand[0], reason=hand[1]))
            except ConfigurationError as error:
                warn(f"{receipt}: {error}")
                failed += 1
    say(
        f"published: {done.new} new, {done.changed} changed, {done.withdrawn} taken back; "
        f"{done.left} to be taken back by a person"
    )
    return not failed


def told(found: "Difference") -> list[str]:
    """The difference, counted, with a few examples of each kind."""
    lines = [
        f"{plural(found.messages, 'message')}; {plural(found.unchanged, 'fact')} unchanged"
        + (f", {found.uncompared} said before their content was kept" if found.uncompared else "")
    ]
    lines += [f"{count:>6}  {before} → {after}" for (before, after), count in sorted(found.verdicts.items())]
    for change, count in sorted(found.changes.items()):
        what, kind, cause = change
        lines.append(f"{count:>6}  {what:<15} {kind}  {cause}".rstrip())
        lines += [f"        {example}" for example in found.examples[change]]
    return lines
