"""The auditor: every open alert has an owner and a next step, every chain runs or has ended; else it acts or tells."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from care_notifications.adapters.postgres import record_of, transaction
from care_notifications.adapters.postgres_directory import DirectorySource, read_directory
from care_notifications.adapters.postgres_handing import Why, hand_on, stand_in
from care_notifications.adapters.postgres_telling import Telling
from care_notifications.core.acts import HandOverReason
from care_notifications.core.audit import Finding, FindingKind, farthest, unreachable_rungs
from care_notifications.core.climbing import climb_from
from care_notifications.core.notice_policy import SHIPPED, NoticePolicy
from care_notifications.core.state import AlertRecord, Directory
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import Tier

# An owner is always somebody of the directory (a foreign key says so); gone are those who work here no more.
NO_OWNER = """
SELECT * FROM alerts WHERE NOT is_over AND owner = ANY(ARRAY(SELECT person_id FROM people WHERE NOT active))
LIMIT $1 FOR UPDATE SKIP LOCKED
"""
# Somebody has it in hand and the ladder of its tier never asks again: that is no hole.
NO_NEXT_STEP = """
SELECT * FROM alerts WHERE NOT is_over AND next_escalation_at IS NULL AND chain_ended_at IS NULL
    AND (state IN ('open', 'snoozed') OR tier = ANY($2)) LIMIT $1 FOR UPDATE SKIP LOCKED
"""
TOO_FAR = """
SELECT * FROM alerts WHERE NOT is_over AND tier = $2 AND next_escalation_at > $3 LIMIT $1 FOR UPDATE SKIP LOCKED
"""
SET_STEP = """
UPDATE alerts SET rung = $2, next_escalation_at = $3::timestamptz, chain_ended_at = NULL,
    snoozed_until = CASE WHEN state = 'snoozed' THEN $3::timestamptz END, version = version + 1
WHERE gap_id = $1
"""
OVERDUE = "SELECT gap_id FROM alerts WHERE NOT is_over AND next_escalation_at < $1 LIMIT $2"
CHAINS_ENDED = """
SELECT gap_id FROM alerts WHERE NOT is_over AND chain_ended_at IS NOT NULL AND state = 'open' AND tier <> 'P4' LIMIT $1
"""
KNOWN = "SELECT kind, subject FROM audit_findings WHERE gone_at IS NULL AND kind = ANY($1)"
NEW_FINDING = "INSERT INTO audit_findings (kind, subject, found_at, seen_at, gone_at) VALUES ($1, $2, $3, $3, $4)"
SEEN = "UPDATE audit_findings SET seen_at = $3 WHERE kind = $1 AND subject = $2 AND gone_at IS NULL"
GONE = "UPDATE audit_findings SET gone_at = $3 WHERE kind = $1 AND subject = $2 AND gone_at IS NULL"
STANDING = "SELECT kind, subject, found_at FROM audit_findings WHERE gone_at IS NULL ORDER BY found_at, kind, subject"
REPAIRED_SINCE = """
SELECT kind, count(*) AS count FROM audit_findings WHERE gone_at = found_at AND found_at > $1
GROUP BY kind ORDER BY kind
"""

MOST = 1000
OVERDUE_AFTER = timedelta(minutes=5)
BY = "auditor"
TOLD = (FindingKind.NO_OWNER, FindingKind.STEP_OVERDUE, FindingKind.CHAIN_ENDED, FindingKind.CHORE_OVERDUE)
NIGHTLY = (FindingKind.UNREACHABLE,)


@dataclass(frozen=True, slots=True)
class Report:
    """What one look found: put right at once, new, and gone since the last look; and how much stands."""

    repaired: Sequence[Finding]
    appeared: Sequence[Finding]
    gone: Sequence[Finding]
    standing: Counter[str]


class PostgresAuditor:
    """Looks at every open alert, by indices and counts, each minute."""

    def __init__(self, pool: asyncpg.Pool, source: DirectorySource, policy: NoticePolicy = SHIPPED) -> None:
        self._pool = pool
        self._source = source
        self._policy = policy

    async def look(self, now: datetime, chores_overdue: Iterable[str] = ()) -> Report:
        """Put right what can be put right; keep and return what cannot."""
        async with transaction(self._pool) as connection:
            directory = await read_directory(connection, self._source)
            owned, unowned = await self._give_owners(connection, directory, now)
            repaired = [*owned, *await _give_steps(connection, directory, now)]
            for one in repaired:
                await connection.execute(NEW_FINDING, one.kind, one.subject, now, now)
            late = await connection.fetch(OVERDUE, now - OVERDUE_AFTER, MOST)
            ended = await connection.fetch(CHAINS_ENDED, MOST)
            found = [
                *unowned,
                *(Finding(FindingKind.STEP_OVERDUE, row["gap_id"]) for row in late),
                *(Finding(FindingKind.CHAIN_ENDED, row["gap_id"]) for row in ended),
                *(Finding(FindingKind.CHORE_OVERDUE, one) for one in chores_overdue),
            ]
            return await _compared(connection, repaired, (TOLD, found), now)

    async def look_at_ladders(self, now: datetime) -> Report:
        """Whether everybody on a ladder can be reached. People change without anybody touching a ladder: each night."""
        async with transaction(self._pool) as connection:
            directory = await read_directory(connection, self._source)
            return await _compared(connection, [], (NIGHTLY, list(unreachable_rungs(directory))), now)

    async def standing(self) -> Sequence[asyncpg.Record]:
        """What is not put right, the oldest first."""
        async with transaction(self._pool) as connection:
            return await connection.fetch(STANDING)

    async def repaired_since(self, since: datetime) -> Sequence[asyncpg.Record]:
        """How often something was put right."""
        async with transaction(self._pool) as connection:
            return await connection.fetch(REPAIRED_SINCE, since)

    async def _give_owners(
        self, connection: Connection, directory: Directory, now: datetime
    ) -> tuple[list[Finding], list[Finding]]:
        """Those that have an owner now, and those for whom nobody was found: the desk itself is gone."""
        why, telling = Why(HandOverReason.LEFT, BY, now), Telling(directory, self._policy, now)
        owned: list[Finding] = []
        unowned: list[Finding] = []
        for row in await connection.fetch(NO_OWNER, MOST):
            given = await hand_on(connection, row, why, telling, stand_in)
            (owned if given else unowned).append(Finding(FindingKind.NO_OWNER, row["gap_id"]))
        return owned, unowned


async def _give_steps(connection: Connection, directory: Directory, now: datetime) -> list[Finding]:
    terms = directory.terms
    asks_again = [tier for tier in Tier if terms.ladders[tier].acknowledged_for is not None]
    holes = await connection.fetch(NO_NEXT_STEP, MOST, asks_again)
    found = [await _give_step(connection, row, FindingKind.NO_NEXT_STEP, directory, now) for row in holes]
    for tier in Tier:
        rows = await connection.fetch(TOO_FAR, MOST, tier, now + farthest(tier, terms))
        found += [await _give_step(connection, row, FindingKind.STEP_TOO_FAR, directory, now) for row in rows]
    return found


async def _give_step(
    connection: Connection, row: asyncpg.Record, kind: FindingKind, directory: Directory, now: datetime
) -> Finding:
    record = record_of(row)
    at = _snooze_end(record, directory, now) or climb_from(record, record.climb.step, directory, now).next_at
    await connection.execute(SET_STEP, record.gap_id, record.climb.rung, at)
    return Finding(kind, record.gap_id)


def _snooze_end(record: AlertRecord, directory: Directory, now: datetime) -> datetime | None:
    """A snooze that ends later than any may was given by a clock that was wrong: it ends when the longest would."""
    if record.snoozed_until is None:
        return None
    return min(record.snoozed_until, now + directory.terms.longest_snooze)


async def _compared(
    connection: Connection,
    repaired: list[Finding],
    seen: tuple[Sequence[FindingKind], list[Finding]],
    now: datetime,
) -> Report:
    """What is new, what is gone; an ops alarm hangs on the change and on the age, not on every look."""
    kinds, found = seen
    rows = await connection.fetch(KNOWN, list(kinds))
    known = {Finding(FindingKind(row["kind"]), row["subject"]) for row in rows}
    appeared, gone = [one for one in found if one not in known], sorted(known - set(found), key=str)
    await connection.executemany(NEW_FINDING, [(one.kind, one.subject, now, None) for one in appeared])
    await connection.executemany(SEEN, [(one.kind, one.subject, now) for one in found if one in known])
    await connection.executemany(GONE, [(one.kind, one.subject, now) for one in gone])
    return Report(repaired, appeared, gone, Counter(one.kind.value for one in found))
