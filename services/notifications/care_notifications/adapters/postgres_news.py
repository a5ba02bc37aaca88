"""What some messages changed is kept by a few statements: alerts, history, who is told, and what partners read."""

from collections.abc import Sequence
from datetime import UTC, datetime

from care_notifications.adapters.activity import activity_of_news, outbox_row
from care_notifications.adapters.postgres import note_changes
from care_notifications.adapters.postgres_agreements import Agreements
from care_notifications.adapters.postgres_events import PostgresEventBook
from care_notifications.adapters.postgres_issues import keep_issues
from care_notifications.adapters.postgres_task_book import PostgresTaskBook
from care_notifications.adapters.postgres_telling import save_all_effects
from care_notifications.core.folding import News, is_handed_on
from care_notifications.core.state import AlertRecord, is_closed
from care_shared.contracts.care_alerts import CareAlert
from care_shared.runtime.outbox import enqueue
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import AlertChange

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
# left alone, as its claim reads the alert after us. What it covered is judged again. Both come before what these
# messages tell: that knows already.
HURRY = """
UPDATE deliveries SET next_attempt_at = $2, held_until = CASE WHEN state = 'held' THEN $2 ELSE held_until END
WHERE delivery_id IN (
    SELECT delivery_id FROM deliveries WHERE gap_id = ANY($1::text[]) AND state IN ('waiting', 'held')
    FOR UPDATE SKIP LOCKED)
"""
UNCOVER = """
UPDATE deliveries SET held_until = $2 WHERE delivery_id IN (
    SELECT delivery_id FROM deliveries WHERE held_by = ANY($1::text[]) AND state = 'held' FOR UPDATE SKIP LOCKED)
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


async def save_news(connection: Connection, news: Sequence[News], agreements: Agreements, now: datetime) -> None:
    """Keep the alerts as the last message about each left them, and all that each message led to. Call it last."""
    await _save_alerts(connection, news, now)
    await _set_free(connection, news, now)
    await save_all_effects(connection, [(one.alert, one.effects) for one in news], now)
    activities = [activity_of_news(one.before, one.record, one.alert) for one in news]
    await enqueue(connection, [outbox_row(one) for one in activities if one is not None])
    await _save_leads(connection, [one for one in news if is_handed_on(one)], now)
    await note_changes(connection, [one.alert.gap_id for one in news], now)
    await _tell_partners(connection, news, agreements, now)


async def note_lead(connection: Connection, record: AlertRecord, reason: str, by: str, now: datetime) -> None:
    """The patient's Lead from now on, if that is news."""
    await connection.execute(NOTE_LEAD, *_lead(record, reason, by, now))


async def _save_alerts(connection: Connection, news: Sequence[News], now: datetime) -> None:
    newest = {one.alert.gap_id: _alert(one.alert, one.record) for one in news}
    await connection.executemany(SAVE_ALERT, list(newest.values()))
    await connection.executemany(SAVE_CHANGE, [_change(one, now) for one in news])


async def _set_free(connection: Connection, news: Sequence[News], now: datetime) -> None:
    """What waited before these messages and is to be judged again. Its twin for what they tell is in `leaving.py`."""
    closed = [one.alert.gap_id for one in news if is_closed(one.alert)]
    if closed:
        await connection.execute(HURRY, closed, now)
    changed = [one.alert.gap_id for one in news if one.alert.change is not AlertChange.OPENED]
    if changed:
        await connection.execute(UNCOVER, changed, now)


async def _save_leads(connection: Connection, news: Sequence[News], now: datetime) -> None:
    """The patient's history of Leads says since when somebody answers."""
    leads = [_lead(one.record, "named" if one.record.covering_for is None else "leave", SCORING, now) for one in news]
    if leads:
        await connection.executemany(NOTE_LEAD, leads)


async def _tell_partners(connection: Connection, news: Sequence[News], agreements: Agreements, now: datetime) -> None:
    told = [(one.alert, one.record) for one in news]
    await keep_issues(connection, told, now)
    await PostgresTaskBook(connection).follow(told, agreements, now)
    events = PostgresEventBook(connection)
    await events.note(told, agreements, now)
    await events.number()


def _alert(alert: CareAlert, record: AlertRecord) -> Sequence[object]:
    return (
        record.gap_id, record.patient_id, record.revision, record.state, record.round, record.tier,
        record.owner, alert.due_at or NO_DEADLINE, alert.opened_at, alert.changed_at,
        alert.model_dump_json(exclude_none=True).encode(), record.version, record.backup, record.covering_for,
        record.outcome, record.snoozed_until, record.awaited, record.takers, record.climb.rung, record.climb.step,
        record.climb.next_at, record.climb.ended_at, record.named, record.occurrences,
    )  # fmt: skip


def _change(one: News, now: datetime) -> Sequence[object]:
    alert = one.alert
    return (
        alert.gap_id, alert.revision, alert.event_id, alert.caused_by, alert.change, alert.tier, alert.reason,
        alert.close_reason, alert.changed_at, now, one.record.version,
    )  # fmt: skip


def _lead(record: AlertRecord, reason: str, by: str, now: datetime) -> Sequence[object]:
    return record.patient_id, now, record.owner, record.backup, record.named, reason, by
