"""Open work moves: when a leave begins and ends, when somebody goes for good. One line in the audit for each alert."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from care_notifications.adapters.postgres import record_of, transaction
from care_notifications.adapters.postgres_directory import DirectorySource, read_directory
from care_notifications.adapters.postgres_moves import Move, keep_move
from care_notifications.adapters.postgres_news import note_lead
from care_notifications.adapters.postgres_telling import Telling, tell
from care_notifications.core.acts import Details, HandOverReason
from care_notifications.core.alert_life import Stage, move
from care_notifications.core.lead import Answering, answering, available
from care_notifications.core.notice_policy import SHIPPED, NoticePolicy
from care_notifications.core.state import AlertRecord, Directory
from care_shared.contracts.care_alerts import CareAlert, CareTeam
from care_shared.contracts.envelope import derived_id
from care_shared.errors import NotFoundError
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import ActivityKind, PersonId

# What somebody else holds in this instant is left for the next look, a minute later.
OWNED = """
SELECT * FROM alerts WHERE owner = $1 AND NOT is_over AND gap_id > $2
ORDER BY gap_id LIMIT $3 FOR UPDATE SKIP LOCKED
"""
COVERED = """
SELECT * FROM alerts WHERE covering_for = $1 AND NOT is_over AND gap_id > $2
ORDER BY gap_id LIMIT $3 FOR UPDATE SKIP LOCKED
"""
AWAY = """
SELECT DISTINCT leaves.person_id FROM leaves
WHERE from_at <= $1 AND (until_at IS NULL OR until_at > $1) AND returned_at IS NULL
    AND EXISTS (SELECT FROM alerts WHERE owner = leaves.person_id AND NOT is_over)
"""
BEGUN = "UPDATE leaves SET moved_at = $1 WHERE from_at <= $1 AND moved_at IS NULL AND returned_at IS NULL"
ENDED = "SELECT leave_id, person_id FROM leaves WHERE until_at <= $1 AND returned_at IS NULL ORDER BY until_at"
STILL_COVERED = "SELECT EXISTS (SELECT FROM alerts WHERE covering_for = $1 AND NOT is_over)"
RETURNED = "UPDATE leaves SET returned_at = $2 WHERE leave_id = $1"

BATCH = 100
BY = "carelead"
Choose = Callable[[AlertRecord, CareAlert, Directory, datetime], Answering]


@dataclass(frozen=True, slots=True)
class Why:
    """For which reason work moves, who said so, and when."""

    reason: HandOverReason
    by: str
    now: datetime


class PostgresHanding:
    """Moves work from person to person."""

    def __init__(self, pool: asyncpg.Pool, source: DirectorySource, policy: NoticePolicy = SHIPPED) -> None:
        self._pool = pool
        self._source = source
        self._policy = policy

    async def keep_leaves(self, now: datetime) -> int:
        """Work of people who are away goes to who covers; work of people who are back comes back. How much moved."""
        async with transaction(self._pool) as connection:
            away = [PersonId(row["person_id"]) for row in await connection.fetch(AWAY, now)]
            ended = [(row["leave_id"], PersonId(row["person_id"])) for row in await connection.fetch(ENDED, now)]
        moved = sum([await self.give_away(one, HandOverReason.LEAVE_BEGAN, BY, now) for one in away])
        moved += sum([await self._give_back(leave_id, person, now) for leave_id, person in ended])
        async with transaction(self._pool) as connection:
            await connection.execute(BEGUN, now)
        return moved

    async def give_away(self, person: PersonId, reason: HandOverReason, by: str, now: datetime) -> int:
        """All open work of somebody who is not there goes to who answers instead."""
        return await self._move_all(OWNED, person, stand_in, Why(reason, by, now))

    async def hand_all(self, person: PersonId, to: PersonId, why: Why) -> int:
        """All open work of somebody goes to one colleague. Raises NotFoundError when that one is not there."""
        async with transaction(self._pool) as connection:
            directory = await read_directory(connection, self._source)
        if person == to or not available(to, directory, why.now):
            raise NotFoundError("nobody of that name is here to take it")

        def choose(record: AlertRecord, _: CareAlert, directory: Directory, at: datetime) -> Answering:
            return Answering(to, record.backup if record.backup != to else record.owner)

        return await self._move_all(OWNED, person, choose, why)

    async def _give_back(self, leave_id: str, person: PersonId, now: datetime) -> int:
        def choose(record: AlertRecord, _: CareAlert, directory: Directory, at: datetime) -> Answering:
            if not available(person, directory, at):
                return Answering(record.owner, record.backup, record.covering_for)
            return Answering(person, record.owner if record.owner != person else record.backup)

        moved = await self._move_all(COVERED, person, choose, Why(HandOverReason.LEAVE_ENDED, BY, now))
        async with transaction(self._pool) as connection:
            directory = await read_directory(connection, self._source)
            away_again = not available(person, directory, now)
            if away_again or not await connection.fetchval(STILL_COVERED, person):
                await connection.execute(RETURNED, leave_id, now)
        return moved

    async def _move_all(self, which: str, person: PersonId, choose: Choose, why: Why) -> int:
        moved, after = 0, ""
        while True:
            async with transaction(self._pool) as connection:
                rows = await connection.fetch(which, person, after, BATCH)
                if not rows:
                    return moved
                directory = await read_directory(connection, self._source)
                telling = Telling(directory, self._policy, why.now)
                for row in rows:
                    moved += await hand_on(connection, row, why, telling, choose)
                after = rows[-1]["gap_id"]


def stand_in(record: AlertRecord, alert: CareAlert, directory: Directory, now: datetime) -> Answering:
    """Who answers instead of the owner: the owner's cover, else whoever the care team names besides."""
    team = alert.care_team
    other = team.backup if team.backup != record.owner else team.lead_care_manager
    found = answering(CareTeam(lead_care_manager=record.owner, backup=other), directory, now)
    if record.covering_for is not None:
        return Answering(found.owner, found.backup, record.covering_for)
    return found


async def hand_on(connection: Connection, row: asyncpg.Record, why: Why, telling: Telling, choose: Choose) -> bool:
    """Give one alert to whom `choose` names, with its line in the audit; False when that is nobody new."""
    before, alert = record_of(row), CareAlert.model_validate_json(row["body"])
    who = choose(before, alert, telling.directory, why.now)
    if who.owner == before.owner:
        return False
    after = move(before, who, Stage(telling.directory, why.now), alert.rule_id)
    load = telling.directory.load
    load[who.owner] = load.get(who.owner, 0) + 1
    act_id = derived_id("handed-on", before.gap_id, str(after.version))
    details = Details(reason=why.reason, to=who.owner)
    await keep_move(connection, Move(before, after, ActivityKind.HANDED_OVER, why.by, act_id, details), why.now)
    await note_lead(connection, after, why.reason, why.by, why.now)
    await tell(connection, alert, after, telling)
    return True
