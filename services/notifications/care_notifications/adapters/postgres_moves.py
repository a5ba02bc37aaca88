"""One move in an alert's life, whoever made it, is kept in one place: the alert, the act, its activity, and silence."""

from dataclasses import dataclass
from datetime import datetime

from care_notifications.adapters.activity import outbox_row
from care_notifications.adapters.postgres import NOTE_CHANGE
from care_notifications.core.acts import Details
from care_notifications.core.reasons import Reason
from care_notifications.core.state import TAKEN, AlertRecord, AlertState, Standing, is_over
from care_shared.contracts.alert_activity import AlertActivity
from care_shared.contracts.envelope import derived_id
from care_shared.runtime.outbox import enqueue
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import ActivityKind, EventId

# Those who took it are named by the last of them; the time is that of the last.
SAVE_MOVE = """
UPDATE alerts SET state = $2, round = $3, owner = $4, version = $5, backup = $6, covering_for = $7, outcome = $8,
    snoozed_until = $9, awaited = $10, rung = $12, step = $13, next_escalation_at = $14, chain_ended_at = $15,
    acknowledged_at = CASE
        WHEN $11::text[] = '{}' THEN NULL WHEN takers = $11::text[] THEN acknowledged_at ELSE $16::timestamptz END,
    acknowledged_by = ($11::text[])[cardinality($11::text[])], takers = $11::text[],
    changed_at = CASE WHEN is_over THEN changed_at WHEN $17 THEN $16::timestamptz ELSE changed_at END
WHERE gap_id = $1
"""
SAVE_ACT = """
INSERT INTO acts (act_id, gap_id, patient_id, kind, done_at, done_by, outcome, round, version, state, reason, note,
    until_at, to_person)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING RETURNING true
"""
# Our own channels fall silent in the transaction that says so. What is being sent in this instant is left alone; its
# next attempt, if there is one, finds the alert taken, and so does what was folded into one notice with others.
HUSH = """
UPDATE deliveries SET state = 'suppressed', reason = $3, ended_at = $2 WHERE delivery_id IN (
    SELECT delivery_id FROM deliveries
    WHERE gap_id = $1 AND state IN ('waiting', 'held') AND standing = $4
        AND notice = 'attention' AND (leased_until IS NULL OR leased_until <= $2)
    FOR UPDATE SKIP LOCKED)
"""


NO_DETAILS = Details()


@dataclass(frozen=True, slots=True)
class Move:
    """An alert before and after, and who did what. `by` is a person, or what did it by itself."""

    before: AlertRecord
    after: AlertRecord
    kind: ActivityKind
    by: str
    act_id: str
    details: Details = NO_DETAILS


async def keep_move(connection: Connection, move: Move, now: datetime) -> bool:
    """Keep and publish it; False when this act was kept before. The caller holds the alert's row."""
    if not await connection.fetchval(SAVE_ACT, *_act(move, now)):
        return False
    await connection.execute(SAVE_MOVE, *_alert(move.after), now, is_over(move.after.state))
    await hush(connection, move.after, now)
    await enqueue(connection, [outbox_row(activity_of(move, now))])
    await connection.execute(NOTE_CHANGE, move.after.gap_id, now)
    return True


async def hush(connection: Connection, record: AlertRecord, now: datetime) -> None:
    """Nothing that still waits for our own people leaves once somebody has it in hand, or nobody needs to."""
    reason = _why_silent(record.state)
    if reason is not None:
        await connection.execute(HUSH, record.gap_id, now, reason, Standing.CARE_TEAM)


def activity_of(move: Move, now: datetime) -> AlertActivity:
    """What others hear of it: codes and ids, no note."""
    before, after, details = move.before, move.after, move.details
    told = {
        "state": after.state.value,
        "before": before.state.value,
        "owner": after.owner,
        "version": str(after.version),
        "round": str(after.round),
        "reason": details.reason,
        "outcome": details.outcome,
        "until": details.until.isoformat() if details.until is not None else None,
        "to": details.to,
    }
    return AlertActivity(
        event_id=EventId(derived_id("activity", move.act_id, move.kind)),
        gap_id=after.gap_id,
        patient_id=after.patient_id,
        kind=move.kind,
        occurred_at=now,
        by=move.by,
        detail={name: value for name, value in told.items() if value},
    )


def _why_silent(state: AlertState) -> Reason | None:
    if is_over(state):
        return Reason.CLOSED_BEFORE_SEND
    if state is AlertState.SNOOZED:
        return Reason.SNOOZED_BEFORE_SEND
    return Reason.ACKNOWLEDGED_BEFORE_SEND if state in TAKEN else None


def _act(move: Move, now: datetime) -> tuple[object, ...]:
    after, details = move.after, move.details
    return (
        move.act_id, after.gap_id, after.patient_id, move.kind, now, move.by, details.outcome, after.round,
        after.version, after.state, details.reason, details.note or None, details.until, details.to,
    )  # fmt: skip


def _alert(after: AlertRecord) -> tuple[object, ...]:
    climb = after.climb
    return (
        after.gap_id, after.state, after.round, after.owner, after.version, after.backup, after.covering_for,
        after.outcome, after.snoozed_until, after.awaited, after.takers, climb.rung, climb.step, climb.next_at,
        climb.ended_at,
    )  # fmt: skip
