"""`carelead people`, `leave`, `cover` and `audit`: who works here, who is away, who answers, what is not in order."""

import asyncio
import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from care_cli.output import plural, say

if TYPE_CHECKING:
    from datetime import time

people = typer.Typer(no_args_is_help=True, help="Who works with CareLead, with what hours, under whom, with what load.")
leave = typer.Typer(no_args_is_help=True, help="Who is away, from when, until when, and who covers.")

PersonName = Annotated[str, typer.Argument(help="The id that care teams use for this person.")]
By = Annotated[str, typer.Option(help="Who says so, for the record; without it the user of this machine.")]
Role = Annotated[
    list[str] | None,
    typer.Option(help="care-manager, nurse, supervisor or interface-analyst; may be given more than once."),
]
Hours = Annotated[str | None, typer.Option(help="When this person works, as 08:00-17:00.")]
Days = Annotated[str | None, typer.Option(help="On which days, Monday is 1: 1,2,3,4,5.")]
Moment = Annotated[str, typer.Option("--from", help="A time with an offset.")]
Until = Annotated[str, typer.Option(help="A time with an offset; without it until `carelead leave end`.")]


@people.command(name="list")
def list_() -> None:
    """Everybody with what lies with them, the heaviest load first."""
    asyncio.run(_list())


@people.command()
def put(  # noqa: PLR0913  # each is an option of the command line
    person: PersonName,
    *,
    name: str | None = None,
    email: str | None = None,
    mobile: str | None = None,
    zone: str | None = None,
    hours: Hours = None,
    days: Days = None,
    role: Role = None,
    language: Annotated[list[str] | None, typer.Option(help="A language spoken, such as es.")] = None,
    supervisor: str | None = None,
    team: str | None = None,
) -> None:
    """Enter somebody, or change what is given. Refused when it would put somebody unreachable on a ladder."""
    from care_notifications.adapters.postgres_staff import PersonChange
    from care_shared.vocabulary import PersonId

    begin, end = _hours(hours)
    change = PersonChange(
        PersonId(person), name, email, _roles(role), zone, _days(days), begin, end, mobile,
        tuple(language) if language else None, PersonId(supervisor) if supervisor else None, team,
    )  # fmt: skip
    asyncio.run(_put(change))
    say(f"{person} is entered")


@people.command()
def team(
    team_id: Annotated[str, typer.Argument(help="The id that care teams may name instead of a person.")],
    name: str | None = None,
    organization: str | None = None,
    supervisor: str | None = None,
    after_hours: Annotated[str | None, typer.Option(help="Who answers what cannot wait outside of hours.")] = None,
) -> None:
    """Enter a team, or change what is given."""
    asyncio.run(_team(team_id, name, organization, supervisor, after_hours))
    say(f"{team_id} is entered")


@people.command()
def left(person: PersonName, by: By = "") -> None:
    """Somebody works here no more: no sign-in, and all open work moves, with a line in the audit for each alert."""
    moved = asyncio.run(_left(person, by or getpass.getuser()))
    say(f"{person} is gone; {plural(moved, 'open alert')} moved")


@leave.command()
def add(person: PersonName, from_: Moment, until: Until = "", cover: str = "", by: By = "") -> None:
    """Somebody will be away; open work moves within a minute of the beginning, and comes back at the end."""
    asyncio.run(_add(person, (from_, until), cover, by or getpass.getuser()))
    say(f"{person} will be away")


@leave.command()
def end(person: PersonName) -> None:
    """Somebody is back, or does not go."""
    from care_shared.errors import NotFoundError

    if not asyncio.run(_end(person)):
        raise NotFoundError("nobody of that name is or will be on leave")
    say(f"{person} is here")


@leave.command(name="list")
def list_leaves() -> None:
    """Leaves that hold or will."""
    asyncio.run(_list_leaves())


def cover(
    named: Annotated[str, typer.Argument(help="A person, a team or an organisation, as care teams name it.")],
) -> None:
    """Say who answers for NAMED now, and who stands by."""
    asyncio.run(_cover(named))


def audit() -> None:
    """Say what the auditor found and could not put right, what it put right today, and when it last looked."""
    if not asyncio.run(_audit()):
        raise typer.Exit(1)


async def _list() -> None:
    from care_cli.running.people import office
    from care_shared.runtime.clock import utc_now

    async with office() as here:
        rows = await here.people.roster(utc_now())
    say(f"{'person':<24} {'open':>6} {'P1+P2':>6} {'overdue':>8}  team, hours, zone")
    for row in rows:
        hours = f"{row['work_from']:%H:%M}-{row['work_until']:%H:%M}"
        gone = "" if row["active"] else "  works here no more"
        where = ", ".join(part for part in (row["team_id"], hours, row["zone"]) if part)
        say(f"{row['person_id']:<24} {row['open']:>6} {row['urgent']:>6} {row['overdue']:>8}  {where}{gone}")


async def _put(change: object) -> None:
    from care_cli.running.people import office
    from care_notifications.adapters.postgres_staff import PersonChange

    assert isinstance(change, PersonChange)
    async with office() as here:
        await here.people.put_person(change)


async def _team(
    team_id: str, name: str | None, organization: str | None, supervisor: str | None, after_hours: str | None
) -> None:
    from care_cli.running.people import office
    from care_notifications.adapters.postgres_staff import TeamChange
    from care_shared.vocabulary import PersonId

    above, night = (PersonId(one) if one else None for one in (supervisor, after_hours))
    async with office() as here:
        await here.people.put_team(TeamChange(team_id, name, organization, above, night))


async def _left(person: str, by: str) -> int:
    from care_cli.running.people import office
    from care_shared.runtime.clock import utc_now
    from care_shared.vocabulary import PersonId

    async with office() as here:
        return await here.people.let_go(PersonId(person), by, utc_now())


async def _add(person: str, span: tuple[str, str], cover: str, by: str) -> None:
    from care_cli.moments import moment
    from care_cli.running.people import office
    from care_notifications.core.state import Leave
    from care_shared.runtime.clock import utc_now
    from care_shared.vocabulary import PersonId

    begin, end = moment("--from", span[0]), moment("--until", span[1]) if span[1] else None
    async with office() as here:
        away = Leave(begin, end, PersonId(cover) if cover else None)
        await here.people.add_leave(PersonId(person), away, by, utc_now())


async def _end(person: str) -> int:
    from care_cli.running.people import office
    from care_shared.runtime.clock import utc_now
    from care_shared.vocabulary import PersonId

    async with office() as here:
        return await here.people.end_leave(PersonId(person), utc_now())


async def _list_leaves() -> None:
    from care_cli.running.people import office

    async with office() as here:
        rows = await here.people.leaves()
    for row in rows:
        until = f"until {row['until_at']:%Y-%m-%d %H:%M %Z}" if row["until_at"] else "until further notice"
        moved = "work moved" if row["moved_at"] else "to come"
        say(
            f"{row['person_id']:<24} from {row['from_at']:%Y-%m-%d %H:%M %Z} {until}, "
            f"cover {row['cover'] or '-'}, {moved}"
        )
    if not rows:
        say("nobody is or will be on leave")


async def _cover(named: str) -> None:
    from care_cli.running.people import office
    from care_shared.runtime.clock import utc_now

    async with office() as here:
        found = await here.people.who_answers(named, utc_now())
    stands_in = f", for {found.covering_for} who is on leave" if found.covering_for else ""
    say(f"{found.owner} answers{stands_in}; {found.backup or 'nobody'} stands by")


async def _audit() -> bool:
    from datetime import timedelta

    from care_cli.running.people import office
    from care_notifications.core.audit import IN_WORDS, FindingKind
    from care_shared.runtime.clock import utc_now

    async with office() as here:
        standing, ran = await here.auditor.standing(), await here.chores.ran()
        repaired = await here.auditor.repaired_since(utc_now() - timedelta(days=1))
    for row in standing:
        since = f"since {row['found_at']:%Y-%m-%d %H:%M %Z}"
        say(f"{row['subject']}: {IN_WORDS[FindingKind(row['kind'])]} ({row['kind']}, {since})")
    for row in repaired:
        say(f"put right within a day: {row['count']} times: {IN_WORDS[FindingKind(row['kind'])]}")
    for name, (at, outcome) in ran.items():
        say(f"{name}: last ran {at:%Y-%m-%d %H:%M %Z}, {outcome}")
    if not standing:
        say("every open alert has an owner and a next step" if ran else "the auditor has not looked yet")
    return not standing and bool(ran)


def _hours(text: str | None) -> "tuple[time | None, time | None]":
    from datetime import time

    from care_shared.errors import UnusableMessageError

    if text is None:
        return None, None
    try:
        begin, end = text.split("-")
        return time.fromisoformat(begin), time.fromisoformat(end)
    except ValueError as error:
        raise UnusableMessageError("--hours", "reads like 08:00-17:00") from error


def _days(text: str | None) -> tuple[int, ...] | None:
    from care_shared.errors import UnusableMessageError

    if text is None:
        return None
    days = text.split(",")
    if not all(day in {"1", "2", "3", "4", "5", "6", "7"} for day in days):
        raise UnusableMessageError("--days", "reads like 1,2,3,4,5; Monday is 1")
    return tuple(sorted({int(day) for day in days}))


def _roles(given: list[str] | None) -> tuple[str, ...] | None:
    from care_shared.errors import UnusableMessageError
    from care_shared.vocabulary import Role as Known

    if not given:
        return None
    if not set(given) <= {one.value for one in Known if one is not Known.AGENCY}:
        raise UnusableMessageError("--role", "is care-manager, nurse, supervisor or interface-analyst")
    return tuple(dict.fromkeys(given))
