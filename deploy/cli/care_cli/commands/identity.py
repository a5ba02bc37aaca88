"""`carelead intake doubts`, `merge` and `unmerge`: a person says who is who, with name and reason on record."""

import asyncio
import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from care_cli.commands.intake import age
from care_cli.output import plural, say

if TYPE_CHECKING:
    from care_intake.adapters.identity_desk import OpenDoubt
    from care_intake.core.rulings import Ruling

doubts = typer.Typer(no_args_is_help=True, help="Messages whose numbers leave open who the patient is.")

DoubtId = Annotated[int, typer.Argument(help="The number of a doubt, as `doubts list` shows it.")]
Record = Annotated[str, typer.Argument(help="A patient id, or a number as `authority|type|value`.")]
Why = Annotated[str, typer.Option("--reason", help="Why, for the record.")]
By = Annotated[str, typer.Option(help="Who decides, for the record; without it the user of this machine.")]
Into = Annotated[str, typer.Option("--into", help="Whose the numbers are; without it all records are one person.")]
GiveTo = Annotated[str, typer.Option("--to", help="The record that gets the facts; without it they stay held.")]


@doubts.command(name="list")
def list_(most: int = 100) -> None:
    """What waits for a decision, the oldest first; no values."""
    asyncio.run(_list(most))


@doubts.command()
def show(doubt: DoubtId, unmask: bool = False) -> None:  # a flag of the command line
    """One doubt: the records it points to and the kinds of its facts; with --unmask also the numbers."""
    asyncio.run(_show(doubt, unmask=unmask))


@doubts.command()
def accept(doubt: DoubtId, reason: Why, into: Into = "", by: By = "") -> None:
    """The numbers are right: all records are one person, or --into names whose they are. The facts go out."""
    asyncio.run(_settle(doubt, "named" if into else "united", into, reason, by))


@doubts.command()
def reject(doubt: DoubtId, reason: Why, to: GiveTo = "", by: By = "") -> None:
    """The numbers are wrong and teach nothing: the facts stay held for good, or go --to the record they are about."""
    asyncio.run(_settle(doubt, "given" if to else "kept", to, reason, by))


def merge(survivor: Record, other: Record, reason: Why, by: By = "") -> None:
    """Two records are one person from now on; the first one answers for both."""
    asyncio.run(_tie(survivor, other, reason, by, is_one=True))


def unmerge(survivor: Record, other: Record, reason: Why, by: By = "") -> None:
    """Two records are two people after all; each gets back what came under its own numbers."""
    asyncio.run(_tie(survivor, other, reason, by, is_one=False))


async def _list(most: int) -> None:
    from care_cli.running.front_desk import front_desk
    from care_shared.runtime.clock import utc_now

    async with front_desk() as front:
        found = await front.identities.doubts(most)
    for one in found:
        say(f"{one.id:>6}  {age(utc_now() - one.found_at):>6} old  {one.source:<20} {_in_short(one)}")
    if not found:
        say("nobody is in doubt")


async def _show(doubt: int, *, unmask: bool) -> None:
    from care_cli.running.front_desk import front_desk
    from care_intake.core.translation import type_of

    async with front_desk() as front:
        found = await front.identities.doubt(doubt)
    say(f"{found.id}  {found.found_at:%Y-%m-%d %H:%M:%S} UTC  {found.source}  {found.decision or 'open'}")
    say(f"receipt {found.doubt.receipt_id}")
    say(_in_short(found))
    for record in found.doubt.candidates:
        say(f"  record {record}")
    for fact in found.doubt.facts:
        say(f"  fact {type_of(fact)}")
    for number in found.doubt.patient.identifiers if unmask else ():
        say(f"  number {number.authority}|{number.type}|{number.value}")


async def _settle(doubt: int, decided: str, record: str, reason: str, by: str) -> None:
    from care_cli.running.front_desk import front_desk
    from care_shared.vocabulary import PatientId

    async with front_desk() as front:
        chosen = await front.identities.record(record) if record else PatientId("")
        sent = await front.identities.settle(doubt, _ruling(decided, reason, by, chosen))
    say("was settled before; nothing changed" if sent is None else f"settled; {plural(sent, 'fact')} went out")


async def _tie(survivor: str, other: str, reason: str, by: str, *, is_one: bool) -> None:
    from care_cli.running.front_desk import front_desk

    async with front_desk() as front:
        is_changed = await front.identities.tie(survivor, other, _ruling("united", reason, by), is_one=is_one)
    say("done; scoring moves what it knows" if is_changed else "nothing changed: it was so already")


def _ruling(decided: str, reason: str, by: str, record: str = "") -> "Ruling":
    from care_intake.core.rulings import Decided, Ruling
    from care_shared.runtime.clock import utc_now
    from care_shared.vocabulary import PatientId

    return Ruling(Decided(decided), by or getpass.getuser(), reason, utc_now(), PatientId(record))


def _in_short(one: "OpenDoubt") -> str:
    return f"{one.doubt.why}: {plural(len(one.doubt.facts), 'fact')}, {plural(len(one.doubt.candidates), 'record')}"
