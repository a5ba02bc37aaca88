"""`carelead intake`: what was set aside, why, and having it read again; and how each feed is doing."""

import asyncio
import getpass
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from care_cli.output import EXIT_PROBLEM, EXIT_USAGE, plural, say, warn

if TYPE_CHECKING:
    from care_intake.adapters.desk import Choice, Desk
    from care_intake.core.effects import Verdict
    from care_intake.core.replays import Replay

intake = typer.Typer(no_args_is_help=True, help="Messages that were set aside, and the feeds they came from.")

ReceiptId = Annotated[str, typer.Argument(help="The receipt of a message, as in X-CareLead-Receipt or trace.")]
OneReceipt = Annotated[str, typer.Argument(help="One receipt; or choose with --cause or --since.")]
Source = Annotated[str, typer.Option(help="Only messages of this source.")]
CauseId = Annotated[str, typer.Option(help="A cause, as `carelead intake list` names it.")]
Since = Annotated[datetime | None, typer.Option(help="Received at or after this time, UTC.")]
Until = Annotated[datetime | None, typer.Option(help="Received before this time, UTC; without it: all.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")]
By = Annotated[str, typer.Option(help="Who asks, for the record; without it the user of this machine.")]
Most = Annotated[int, typer.Option(min=1, max=100_000, help="At most so many messages.")]
EndMany = Annotated[
    bool, typer.Option("--yes-end-many", help="A complete roster that ends unusually many alignments is whole.")
]
Verdicts = Annotated[
    list[str] | None,
    typer.Option("--verdict", help="quarantined, rejected, held or conflict; when named also ignored or accepted."),
]
EVER, NEVER = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which messages a person means."""

    cause: str = ""
    since: datetime | None = None
    until: datetime | None = None
    source: str = ""
    verdicts: tuple[str, ...] = ()


@intake.command(name="list")
def list_(source: Source = "", cause: CauseId = "", verdict: Verdicts = None, most: Most = 100) -> None:
    """What waits, grouped by source and cause; with --cause the messages of that cause."""
    wanted = Wanted(cause=cause, source=source, verdicts=tuple(verdict or ()))
    asyncio.run(_messages(wanted, most) if cause else _causes(wanted))
    if not cause:
        asyncio.run(_codes(source))


@intake.command()
def show(receipt: ReceiptId, by: By = "", unmask: bool = False) -> None:
    """One message: why it was set aside, and its structure with every value replaced.

    With --unmask the message itself; that leaves your name in intake.receipt_views.
    """
    asyncio.run(_show(receipt, by or getpass.getuser(), unmask=unmask))


@intake.command()
def replay(  # noqa: PLR0913  # each is an option of the command line
    receipt: OneReceipt = "",
    *,
    cause: CauseId = "",
    since: Since = None,
    until: Until = None,
    source: Source = "",
    verdict: Verdicts = None,
    dry_run: DryRun = False,
    by: By = "",
    most: Most = 1000,
    yes_end_many: EndMany = False,
) -> None:
    """Decide again over the stored bytes, under today's code and sources file. Repeating it changes nothing more."""
    if sum(map(bool, (receipt, cause, since))) != 1:
        warn("carelead intake replay: name one receipt, or one --cause, or a time with --since")
        raise typer.Exit(EXIT_USAGE)
    wanted = Wanted(cause, since, until, source, tuple(verdict or ()))
    if not asyncio.run(_replay(receipt, wanted, most, _Hand(by or getpass.getuser(), dry_run, yes_end_many))):
        raise typer.Exit(EXIT_PROBLEM)


@intake.command()
def roster(
    file: Annotated[Path, typer.Argument(help="A roster or a plan of absences, CSV.")],
    source: Annotated[str, typer.Option(help="Whose roster it is, as the sources file names it.")],
    *,
    dry_run: DryRun = False,
    yes_end_many: EndMany = False,
    by: By = "",
) -> None:
    """Show what a roster changes against what was said before, and apply it unless --dry-run."""
    from care_cli.running.roster import apply_roster

    lines, is_good = asyncio.run(apply_roster(file, source, _Hand(by or getpass.getuser(), dry_run, yes_end_many)))
    for line in lines:
        say(line)
    if not is_good:
        raise typer.Exit(EXIT_PROBLEM)


@intake.command()
def feeds() -> None:
    """Per source: its last message, the last day, how much of it was refused, and this hour against the usual one."""
    asyncio.run(_feeds())


async def _feeds() -> None:
    from care_cli.running.front_desk import front_desk
    from care_shared.runtime.clock import utc_now

    now = utc_now()
    async with front_desk() as front:
        for one in await front.feeds(now):
            last = "never" if one.last_message_at is None else f"{age(now - one.last_message_at)} ago"
            usual = "no usual pace yet" if one.usual is None else f"usually {one.usual:.1f}"
            say(
                f"{one.source:<20} last {last:<12} {plural(one.last_day, 'message')} in 24 h, "
                f"{one.error_share:.1%} refused; {one.last_hour} in this hour, {usual}"
            )


@dataclass(frozen=True, slots=True)
class _Hand:
    name: str
    is_dry_run: bool
    may_end_many: bool = False


async def _causes(wanted: Wanted) -> None:
    from care_cli.running.front_desk import front_desk
    from care_shared.runtime.clock import utc_now

    async with front_desk() as front:
        found = await front.desk.causes(wanted.source, _verdicts(wanted))
    now = utc_now()
    for one in found:
        say(
            f"{one.id}  {plural(one.messages, 'message'):<14} {one.source:<20} {one.verdict:<12} "
            f"{age(now - one.newest):>6} to {age(now - one.oldest):<6} old  {one.field} {one.problem}".rstrip()
        )
    if not found:
        say("nothing waits")


async def _codes(source: str) -> None:
    from care_cli.running.front_desk import front_desk

    async with front_desk() as front:
        asked = await front.codes(source)
    if asked:
        say("codes that nobody explained; name them in the sources file (visit_codes):")
    for one in asked:
        say(f"{one.times:>8}  {one.source:<20} {one.kind:<14} {one.shown:<24} last {one.last_seen:%Y-%m-%d %H:%M}")


async def _messages(wanted: Wanted, most: int) -> None:
    from care_cli.running.front_desk import front_desk

    async with front_desk() as front:
        for one in await front.desk.chosen(await _choice(front.desk, wanted), most):
            say(f"{one.receipt_id}  {one.received_at:%Y-%m-%d %H:%M:%S}  {one.source} {one.format} {one.verdict}")


async def _show(receipt: str, reader: str, *, unmask: bool) -> None:
    from care_cli.running.front_desk import front_desk

    async with front_desk() as front:
        if unmask:
            raw = await front.desk.unmasked(receipt, reader)
            sys.stdout.buffer.write(raw.replace(b"\r", b"\n") + b"\n")
            return
        kept, structure = await front.desk.shown(receipt)
    say(f"{kept.receipt_id}  {kept.received_at:%Y-%m-%d %H:%M:%S} UTC  {kept.source} {kept.format}")
    say(f"{kept.verdict}: {kept.field} {kept.problem}".rstrip())
    say(structure)


async def _replay(receipt: str, wanted: Wanted, most: int, hand: _Hand) -> bool:
    """Whether every message could be read again."""
    from care_cli.running.front_desk import front_desk
    from care_intake.adapters.replays import Asker
    from care_shared.errors import ConfigurationError

    after: Counter[str] = Counter()
    async with front_desk() as front:
        chosen = [receipt] if receipt else await _receipts(front.desk, wanted, most)
        for one in chosen:
            try:
                done = await front.replays.replay(one, Asker(hand.name, hand.is_dry_run, hand.may_end_many))
            except ConfigurationError as error:
                warn(f"{one}: {error}")
                after["not readable"] += 1
                continue
            say(told(done))
            after[done.receipt.verdict if done.is_applied else done.before] += 1
    would = "would be" if hand.is_dry_run else "are now"
    say(f"{plural(len(chosen), 'message')}; {would}: {', '.join(f'{n} {what}' for what, n in sorted(after.items()))}")
    return not after["not readable"]


async def _receipts(desk: "Desk", wanted: Wanted, most: int) -> list[str]:
    found = await desk.chosen(await _choice(desk, wanted), most + 1)
    if len(found) > most:
        warn(f"there are more than {most}; the oldest come first, so run it again (or say --most)")
    return [one.receipt_id for one in found[:most]]


async def _choice(desk: "Desk", wanted: Wanted) -> "Choice":
    from care_intake.adapters.desk import Choice

    cause = await desk.cause(wanted.cause) if wanted.cause else None
    return Choice(_utc(wanted.since) or EVER, _utc(wanted.until) or NEVER, wanted.source, cause, _verdicts(wanted))


def _verdicts(wanted: Wanted) -> "tuple[Verdict, ...]":
    from care_intake.core.effects import Verdict
    from care_intake.core.replays import SET_ASIDE
    from care_shared.errors import UnusableMessageError

    try:
        return tuple(Verdict(one) for one in wanted.verdicts) or SET_ASIDE
    except ValueError:
        raise UnusableMessageError("--verdict", f"is none of {', '.join(Verdict)}") from None


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def told(done: "Replay") -> str:
    """One line: before, after, and which facts come, came already, or are not said any more."""
    receipt, change = done.receipt, done.difference
    verdict = (
        f"{done.before} → {receipt.verdict}" if done.is_applied else f"{done.before} stays ({receipt.verdict} now)"
    )
    facts = [
        f"{sign}{kind}" + (f" ({count} times)" if count > 1 else "")
        for sign, kinds in (("+", change.added), ("=", change.repeated), ("?", change.unsaid))
        for kind, count in sorted(Counter(kinds).items())
    ]
    return f"{receipt.receipt_id}  {verdict}  {' '.join(facts)}  {receipt.field} {receipt.problem}".rstrip()


def age(time: timedelta) -> str:
    """«3 d», «5 h», «2 min»."""
    minutes = int(time.total_seconds()) // 60
    if minutes >= 48 * 60:
        return f"{minutes // (24 * 60)} d"
    return f"{minutes // 60} h" if minutes >= 120 else f"{max(minutes, 0)} min"
