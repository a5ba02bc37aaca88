"""Alerts, notices and the position in the topic, kept in one PostgreSQL transaction."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import asyncpg

from care_notifications.adapters.activity import activity_of_news, outbox_row
from care_notifications.adapters.postgres import NOTE_CHANGE, Ring, record_of, transaction
from care_notifications.adapters.postgres_around import around_of, traffic_of
from care_notifications.adapters.postgres_directory import DirectoryAtHand, DirectorySource
from care_notifications.adapters.postgres_events import PostgresEventBook
from care_notifications.adapters.postgres_issues import keep_issue
from care_notifications.adapters.postgres_positions import PostgresPositions, advance, lock_position
from care_notifications.adapters.postgres_scores import PostgresScoreBook
from care_notifications.adapters.postgres_task_book import PostgresTaskBook
from care_notifications.adapters.postgres_telling import load_told, save_effects
from care_notifications.core.effects import Decision
from care_notifications.core.notice_policy import SHIPPED, NoticePolicy
from care_notifications.core.situation import Around, Lane, TrafficOf
from care_notifications.core.state import AlertRecord, Directory, is_closed, is_over
from care_notifications.ports import Known, RawAlert, ScoreBook, Slot
from care_shared.contracts.care_alerts import CareAlert
from care_shared.errors import UnusableMessageError
from care_shared.runtime.dead_letters import Place, dead_letter
from care_shared.runtime.outbox import enqueue
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import AlertChange, GapId, PatientId

LOAD_ALERT = "SELECT * FROM alerts WHERE gap_id = $1 FOR UPDATE"
SAVE_ALERT = """
INSERT INTO alerts (gap_id, patient_id, revision, state, round, tier, owner, due_sort, opened_at, changed_at, body,
    version, backup, covering_for, outcome, snoozed_until, awaited, takers, rung, step, next_escalation_at,
    chain_ended_at, named, occurrences)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)
ON CONFLICT (gap_id) DO UPDATE SET patient_id = $2, revision = $3, state = $4, round = $5, tier = $6, owner = $7,
    due_sort = $8, opened_at = $9, changed_at = $10, body = $11, version = $12, backup = $13, covering_for = $14,
    outcome = $15, snoozed_until = $16, awaited = $17, takers = $18, rung = $19, step = $20, next_escalation_at = $21,
    chain_ended_at = $22, named = $23, occurrences = $24,
    acknowledged_at = CASE WHEN $18 <> '{}' THEN alerts.acknowledged_at END,
    acknowledged_by = CASE WHEN $18 <> '{}' THEN alerts.acknowledged_by END
WHERE alerts.revision < $3
"""
SAVE_CHANGE = """
INSERT INTO alert_changes
    (gap_id, revision, event_id, caused_by, change, tier, reason, close_reason, changed_at, received_at, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING
"""
# A closed gap's waiting notices are looked at now, to be suppressed; one that is being claimed at this instant is
# left alone, as its claim reads the alert after us. What it covered is judged again.
HURRY = """
UPDATE deliveries SET next_attempt_at = $2, held_until = CASE WHEN state = 'held' THEN $2 ELSE held_until END
WHERE delivery_id IN (
    SELECT delivery_id FROM deliveries WHERE gap_id = $1 AND state IN ('waiting', 'held') FOR UPDATE SKIP LOCKED)
"""
UNCOVER = """
UPDATE deliveries SET held_until = $2 WHERE delivery_id IN (
    SELECT delivery_id FROM deliveries WHERE held_by = $1 AND state = 'held' FOR UPDATE SKIP LOCKED)
"""

NOTE_LEAD = """
INSERT INTO lead_history (patient_id, since, person_id, backup, named, reason, done_by)
SELECT $1::text, $2::timestamptz, $3::text, $4::text, $5::text, $6::text, $7::text
WHERE NOT EXISTS (
    SELECT FROM (
        SELECT person_id, backup FROM lead_history WHERE patient_id = $1 ORDER BY since DESC, entry DESC LIMIT 1
    ) AS newest WHERE newest.person_id = $3 AND newest.backup IS NOT DISTINCT FROM $4)
"""
SCORING = "scoring"

# Sorts behind every real deadline.
NO_DEADLINE = datetime(9999, 1, 1, tzinfo=UTC)


class PostgresAlertStore(PostgresPositions):
    """The alerts of this installation."""

    def __init__(self, pool: asyncpg.Pool, source: DirectorySource, ring: Ring, policy: NoticePolicy = SHIPPED) -> None:
        """`ring` is called after each commit that changed something."""
        super().__init__(pool)
        self._source = source
        self._ring = ring
        self._policy = policy
        self._directory = DirectoryAtHand()

    @contextlib.asynccontextmanager
    async def begin(self, slot: Slot) -> AsyncIterator["PostgresAlertWork"]:
        """Whoever holds the row of the slot's position works alone on it: a worker that comes back late waits here,
        then finds that the position has moved on.
        """
        async with transaction(self._pool) as connection:
            next_offset = await lock_position(connection, slot)
            directory = await self._directory.read(connection, self._source)
            yield PostgresAlertWork(connection, slot, next_offset, directory, self._policy)
        self._ring()


class PostgresAlertWork:
    """One transaction over the alerts of one slot."""

    def __init__(
        self, connection: Connection, slot: Slot, next_offset: int, directory: Directory, policy: NoticePolicy
    ) -> None:
        self.next_offset = next_offset
        self.directory = directory
        self.scores: ScoreBook = PostgresScoreBook(connection)
        self._events = PostgresEventBook(connection)
        self.policy = policy
        self._connection = connection
        self._slot = slot
        self._before: dict[GapId, AlertRecord] = {}

    async def load(self, gap_id: GapId) -> Known:
        """The alert, locked, and its notices."""
        row = await self._connection.fetchrow(LOAD_ALERT, gap_id)
        if row is None:
            return Known(None, ())
        self._before[gap_id] = record_of(row)
        return Known(self._before[gap_id], await load_told(self._connection, gap_id))

    async def around(self, alert: CareAlert) -> Around:
        """The patient's other open alerts and what the patient allowed."""
        return await around_of(self._connection, alert, self.policy)

    async def traffic(self, lanes: Sequence[Lane], patient: PatientId, now: datetime) -> TrafficOf:
        """What has left for these recipients of late."""
        return await traffic_of(self._connection, lanes, patient, self.policy, now)

    async def save(self, alert: CareAlert, decision: Decision, now: datetime) -> None:
        """Keep the alert, its history, its deliveries and its suppressions."""
        assert decision.record is not None
        before = self._before.get(alert.gap_id)
        await self._save_alert(alert, decision.record, now)
        await keep_issue(self._connection, alert, decision.record, now)
        await self._events.note(alert, decision.record, now)
        await self._note_lead(before, decision.record, now)
        await save_effects(self._connection, alert, decision.effects, now)
        activity = activity_of_news(before, decision.record, alert)
        if activity is not None:
            await enqueue(self._connection, [outbox_row(activity)])
        self._before[alert.gap_id] = decision.record
        await PostgresTaskBook(self._connection).follow(alert, decision.record, now)
        if is_closed(alert):
            await self._connection.execute(HURRY, alert.gap_id, now)
        if alert.change is not AlertChange.OPENED:
            await self._connection.execute(UNCOVER, alert.gap_id, now)
        await self._connection.execute(NOTE_CHANGE, alert.gap_id, now)

    async def set_aside(self, raw: RawAlert, error: UnusableMessageError, now: datetime) -> None:
        """Keep a record that can never be used as a dead letter."""
        place = Place(self._slot.topic, self._slot.partition, raw.offset)
        await enqueue(self._connection, [dead_letter(place, raw.key, raw.value, error, now)])

    async def advance(self, next_offset: int) -> None:
        """The next record to read."""
        await self._events.number()
        await advance(self._connection, self._slot, next_offset)

    async def _note_lead(self, before: AlertRecord | None, record: AlertRecord, now: datetime) -> None:
        """Work that went to somebody counts at once, and the patient's history of Leads says since when."""
        if before is not None and (before.owner, before.backup) == (record.owner, record.backup):
            return
        if not is_over(record.state):
            load = self.directory.load
            load[record.owner] = load.get(record.owner, 0) + 1
        reason = "named" if record.covering_for is None else "leave"
        await note_lead(self._connection, record, reason, SCORING, now)

    async def _save_alert(self, alert: CareAlert, record: AlertRecord, now: datetime) -> None:
        await self._connection.execute(
            SAVE_ALERT, record.gap_id, record.patient_id, record.revision, record.state, record.round, record.tier,
            record.owner, alert.due_at or NO_DEADLINE, alert.opened_at, alert.changed_at,
            alert.model_dump_json(exclude_none=True).encode(), record.version, record.backup, record.covering_for,
            record.outcome, record.snoozed_until, record.awaited, record.takers, record.climb.rung, record.climb.step,
            record.climb.next_at, record.climb.ended_at, record.named, record.occurrences,
        )  # fmt: skip
        await self._connection.execute(
            SAVE_CHANGE, alert.gap_id, alert.revision, alert.event_id, alert.caused_by, alert.change, alert.tier,
            alert.reason, alert.close_reason, alert.changed_at, now, record.version,
        )  # fmt: skip


async def note_lead(connection: Connection, record: AlertRecord, reason: str, by: str, now: datetime) -> None:
    """The patient's Lead from now on, if that is news."""
    await connection.execute(NOTE_LEAD, record.patient_id, now, record.owner, record.backup, record.named, reason, by)
