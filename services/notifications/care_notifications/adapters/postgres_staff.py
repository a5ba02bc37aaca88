"""People, teams and leaves as operators change them; a change that makes a rung nobody can be reached on is refused."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time

import asyncpg

from care_notifications.adapters.postgres import transaction
from care_notifications.adapters.postgres_directory import EMAIL, DirectorySource, read_directory
from care_notifications.adapters.postgres_handing import PostgresHanding
from care_notifications.core.acts import HandOverReason
from care_notifications.core.audit import unreachable_rungs
from care_notifications.core.lead import Answering, answering
from care_notifications.core.state import Leave
from care_shared.business_days import known_zone
from care_shared.contracts.care_alerts import CareTeam
from care_shared.errors import ConfigurationError, NotFoundError
from care_shared.runtime.clock import random_id
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import PersonId

CHANGE_PERSON = """
INSERT INTO people (person_id, display_name, email, roles, zone, work_days, work_from, work_until, mobile, languages,
    supervisor, team_id)
VALUES ($1::text, coalesce($2::text, $1::text), coalesce($3::text, ''), coalesce($4::text[], '{care-manager}'),
    coalesce($5::text, ''), coalesce($6::smallint[], '{1,2,3,4,5}'), coalesce($7::time, '08:00'),
    coalesce($8::time, '17:00'), coalesce($9::text, ''), coalesce($10::text[], '{en}'), $11, $12)
ON CONFLICT (person_id) DO UPDATE SET display_name = coalesce($2, people.display_name),
    email = coalesce($3, people.email), roles = coalesce($4, people.roles), zone = coalesce($5, people.zone),
    work_days = coalesce($6, people.work_days), work_from = coalesce($7, people.work_from),
    work_until = coalesce($8, people.work_until), mobile = coalesce($9, people.mobile),
    languages = coalesce($10, people.languages), supervisor = coalesce($11, people.supervisor),
    team_id = coalesce($12, people.team_id), active = true
"""
CHANGE_TEAM = """
INSERT INTO teams (team_id, display_name, organization_id, supervisor, after_hours)
VALUES ($1::text, coalesce($2::text, $1::text), $3, $4, $5)
ON CONFLICT (team_id) DO UPDATE SET display_name = coalesce($2, teams.display_name),
    organization_id = coalesce($3, teams.organization_id), supervisor = coalesce($4, teams.supervisor),
    after_hours = coalesce($5, teams.after_hours)
"""
GO = "UPDATE people SET active = false WHERE person_id = $1 AND active RETURNING true"
END_ACCOUNTS = "UPDATE accounts SET disabled_at = $2 WHERE person_id = $1 AND disabled_at IS NULL"
ADD_LEAVE = """
INSERT INTO leaves (leave_id, person_id, from_at, until_at, cover, recorded_by, recorded_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
OVERLAPS = """
SELECT EXISTS (SELECT FROM leaves WHERE person_id = $1 AND returned_at IS NULL
    AND from_at < coalesce($3, 'infinity'::timestamptz) AND coalesce(until_at, 'infinity') > $2)
"""
END_LEAVE = """
UPDATE leaves SET until_at = greatest($2, from_at + interval '1 microsecond')
WHERE person_id = $1 AND returned_at IS NULL AND (until_at IS NULL OR until_at > $2) RETURNING leave_id
"""
LEAVES = """
SELECT person_id, from_at, until_at, cover, moved_at FROM leaves WHERE returned_at IS NULL ORDER BY from_at, person_id
"""
# By index alone: what lies with whom, and how much of it is overdue.
ROSTER = """
SELECT people.*, coalesce(load.open, 0) AS open, coalesce(load.urgent, 0) AS urgent,
    coalesce(load.overdue, 0) AS overdue
FROM people LEFT JOIN (
    SELECT owner, count(*) AS open, count(*) FILTER (WHERE tier IN ('P1', 'P2')) AS urgent,
        count(*) FILTER (WHERE due_sort < $1) AS overdue
    FROM alerts WHERE NOT is_over GROUP BY owner) AS load ON load.owner = person_id
WHERE active OR load.open > 0 ORDER BY open DESC, person_id
"""


@dataclass(frozen=True, slots=True)
class PersonChange:
    """What is said about one person; what is None stays as it was, or as it is for somebody new."""

    person_id: PersonId
    display_name: str | None = None
    email: str | None = None
    roles: tuple[str, ...] | None = None
    zone: str | None = None
    days: tuple[int, ...] | None = None
    begin: time | None = None
    end: time | None = None
    mobile: str | None = None
    languages: tuple[str, ...] | None = None
    supervisor: PersonId | None = None
    team: str | None = None


@dataclass(frozen=True, slots=True)
class TeamChange:
    """What is said about one team."""

    team_id: str
    display_name: str | None = None
    organization: str | None = None
    supervisor: PersonId | None = None
    after_hours: PersonId | None = None


class PostgresStaff:
    """Write access for operators."""

    def __init__(self, pool: asyncpg.Pool, source: DirectorySource) -> None:
        self._pool = pool
        self._source = source

    async def put_person(self, one: PersonChange) -> None:
        """Enter or change somebody. Raises ConfigurationError when it makes no sense or breaks a ladder."""
        if one.email and not EMAIL.fullmatch(one.email):
            raise ConfigurationError("the email is not an address")
        if one.zone and known_zone(one.zone) is None:
            raise ConfigurationError("the zone must be an IANA zone like America/New_York")
        if one.supervisor == one.person_id:
            raise ConfigurationError("nobody supervises themselves")
        async with self._whole_ladders() as connection:
            await connection.execute(
                CHANGE_PERSON, one.person_id, one.display_name, one.email, one.roles, one.zone, one.days, one.begin,
                one.end, one.mobile, one.languages, one.supervisor, one.team,
            )  # fmt: skip

    async def put_team(self, one: TeamChange) -> None:
        """Enter or change a team. Raises ConfigurationError when it breaks a ladder."""
        async with self._whole_ladders() as connection:
            await connection.execute(
                CHANGE_TEAM, one.team_id, one.display_name, one.organization, one.supervisor, one.after_hours
            )

    async def let_go(self, person: PersonId, by: str, now: datetime) -> int:
        """Somebody works here no more: no sign-in, no new work, and the open work moves. Returns how much did."""
        async with transaction(self._pool) as connection:
            if not await connection.fetchval(GO, person):
                raise NotFoundError("nobody of that name works here")
            await connection.execute(END_ACCOUNTS, person, now)
        return await PostgresHanding(self._pool, self._source).give_away(person, HandOverReason.LEFT, by, now)

    async def add_leave(self, person: PersonId, leave: Leave, by: str, now: datetime) -> None:
        """Somebody will be away. The open work moves within a minute of its beginning."""
        if leave.end is not None and leave.end <= max(leave.begin, now):
            raise ConfigurationError("a leave ends after it begins, and in the future")
        if leave.cover == person:
            raise ConfigurationError("nobody covers for themselves")
        async with transaction(self._pool) as connection:
            directory = await read_directory(connection, self._source)
            for name in (person, *([leave.cover] if leave.cover is not None else [])):
                if not directory.active(name):
                    raise NotFoundError("nobody of that name works here")
            if await connection.fetchval(OVERLAPS, person, leave.begin, leave.end):
                raise ConfigurationError("this person is on leave for a part of that time already")
            await connection.execute(
                ADD_LEAVE, random_id(), person, leave.begin, leave.end, leave.cover, by, now
            )  # fmt: skip

    async def end_leave(self, person: PersonId, now: datetime) -> int:
        """Somebody is back, or does not go. Returns how many leaves that ends."""
        async with transaction(self._pool) as connection:
            return len(await connection.fetch(END_LEAVE, person, now))

    async def leaves(self) -> Sequence[asyncpg.Record]:
        """Leaves that hold or will."""
        async with transaction(self._pool) as connection:
            return await connection.fetch(LEAVES)

    async def roster(self, now: datetime) -> Sequence[asyncpg.Record]:
        """Everybody with what lies with them, the heaviest load first."""
        async with transaction(self._pool) as connection:
            return await connection.fetch(ROSTER, now)

    async def who_answers(self, named: str, now: datetime) -> Answering:
        """Whom a name of a care team stands for now."""
        async with transaction(self._pool) as connection:
            directory = await read_directory(connection, self._source)
        return answering(CareTeam(lead_care_manager=PersonId(named)), directory, now)

    @contextlib.asynccontextmanager
    async def _whole_ladders(self) -> AsyncIterator[Connection]:
        """A change that must not make a new hole; holes that were there before are the auditor's."""
        async with transaction(self._pool) as connection:
            before = set(unreachable_rungs(await read_directory(connection, self._source)))
            try:
                yield connection
            except asyncpg.ForeignKeyViolationError as error:
                raise NotFoundError("the supervisor, team, organisation or person named is not known here") from error
            except asyncpg.CheckViolationError as error:
                raise ConfigurationError("working days are 1 to 7, and work begins before it ends") from error
            after = set(unreachable_rungs(await read_directory(connection, self._source)))
            holes = sorted(one.subject for one in after - before)
            if holes:
                raise ConfigurationError(
                    f"this would put {', '.join(holes)} on a ladder without a way to be reached: "
                    "give an email or a mobile number first"
                )
