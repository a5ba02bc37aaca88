"""`carelead intake`: what was set aside, why, and having it read again; and how each feed is doing."""

import asyncio
import getpass
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from care_cli.commands.intake_mapping import codes, retranslate, sources
from care_cli.commands.intake_mending import evidence, fix
from care_cli.commands.intake_options import EVER, NEVER, By, DryRun, Since, Until, utc
from care_cli.output import EXIT_PROBLEM, EXIT_USAGE, plural, say, say_json, warn

if TYPE_CHECKING:
    from care_intake.adapters.desk import Choice, Desk
    from care_intake.core.effects import Verdict
    from care_intake.core.replays import Replay

intake = typer.Typer(no_args_is_help=True, help="Messages that were set aside, and the feeds they came from.")
intake.add_typer(sources, name="sources")
intake.command()(codes)
intake.command()(retranslate)
intake.command()(fix)
intake.command()(evidence)

ReceiptId = Annotated[str, typer.Argument(help="The receipt of a message, as in X-CareLead-Receipt or trace.")]
OneReceipt = Annotated[str, typer.Argument(help="One receipt; or choose with --cause or --since.")]
Source = Annotated[str, typer.Option(help="Only messages of this source.")]
CauseId = Annotated[str, typer.Option(help="A cause, as `carelead intake list` names it.")]
Number = Annotated[str, typer.Option("--number", help="Messages with this number of the sender's (MSH-10, Bundle id).")]
Patient = Annotated[str, typer.Option("--patient", help="Messages that became facts about this patient of ours.")]
EVERY_VERDICT = ("accepted", "ignored", "held", "test", "quarantined", "rejected", "conflict")
Most = Annotated[int, typer.Option(min=1, max=100_000, help="At most so many messages.")]
EndMany = Annotated[
    bool, typer.Option("--yes-end-many", help="A complete roster that ends unusually many alignments is whole.")
]
Verdicts = Annotated[
    list[str] | None,
    typer.Option("--verdict", help="quarantined, rejected, held or conflict; when named also ignored or accepted."),
]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which messages a person means."""

    cause: str = ""
    since: datetime | None = None
    until: datetime | None = None
    source: str = ""
    verdicts: tuple[str, ...] = ()
    number: str = ""
    patient: str = ""

    @property
    def is_search(self) -> bool:
        """Whether messages are meant, and not groups of them."""
        return bool(self.cause or self.since or self.until or self.number or self.patient)


@intake.command(name="list")
def list_(  # noqa: PLR0913  # each is an option of the command line
    source: Source = "",
    cause: CauseId = "",
    *,
    verdict: Verdicts = None,
    since: Since = None,
    until: Until = None,
    number: Number = "",
    patient: Patient = "",
    most: Most = 100,
) -> None:
    """What waits, grouped by source and cause; with --cause, --since, --number or --patient the messages themselves.

    A search by number or patient looks at messages of every verdict, unless --verdict says otherwise.
    """
    verdicts = tuple(verdict or ())
    if (number or patient) and not verdicts:
        verdicts = EVERY_VERDICT
    wanted = Wanted(cause, since, until, source, verdicts, number, patient)
    asyncio.run(_messages(wanted, most) if wanted.is_search else _causes(wanted))
    if not wanted.is_search:
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
def feeds(*, json: Annotated[bool, typer.Option("--json", help="The same as /ops/feeds answers.")] = False) -> None:
    """Per source: its last message, the last day, how much of it was refused, and this hour against the usual one."""
    asyncio.run(_feeds(is_json=json))


async def _feeds(*, is_json: bool) -> None:
    from care_cli.running.front_desk import front_desk
    from care_intake.core.feed_health import as_json
    from care_shared.runtime.clock import utc_now

    now = utc_now()
    async with front_desk() as front:
        found = await front.feeds(now)
        if is_json:
            say_json({"feeds": [as_json(one) for one in found]})
            return
        for one in found:
            last = "never" if one.last_message_at is None else f"{age(now - one.last_message_at)} ago"
            usual = "no usual pace yet" if one.usual is None else f"usually {one.usual:.1f}"
            say(
                f"{one.source:<20} last {last:<12} {plural(one.last_day, 'message')} in 24 h, "
                f"{one.error_share:.1%} refused; {one.last_hour} in this hour, {usual}"
                + (f"; {plural(one.unread_codes, 'code')} nobody explained" if one.unread_codes else "")
                + (f"; {one.waiting_facts} not published yet" if one.waiting_facts else "")
                + ("; SILENT" if one.is_silent else "")
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
                done = await front.replays.replay(
                    one, Asker(hand.name, hand.is_dry_run, may_end_many=hand.may_end_many)
                )
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
    return Choice(
        utc(wanted.since) or EVER, utc(wanted.until) or NEVER, wanted.source, cause, _verdicts(wanted), wanted.number,
        wanted.patient,
    )  # fmt: skip


def _verdicts(wanted: Wanted) -> "tuple[Verdict, ...]":
    from care_intake.core.effects import Verdict
    from care_intake.core.replays import SET_ASIDE
    from care_shared.errors import UnusableMessageError

    try:
        return tuple(Verdict(one) for one in wanted.verdicts) or SET_ASIDE
    except ValueError:
        raise UnusableMessageError("--verdict", f"is none of {', '.join(Verdict)}") from None


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
