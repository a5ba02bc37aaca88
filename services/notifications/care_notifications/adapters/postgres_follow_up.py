"""What a person does about an alert is kept, and told as facts, in one transaction; the second time changes nothing."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg
from pydantic_core import to_json

from care_notifications.adapters.activity import event_row, outbox_row
from care_notifications.adapters.postgres import NOTE_CHANGE, Ring, transaction
from care_notifications.core.acts import Ask, Resolution
from care_notifications.core.check_ins.check_again import BY_HAND
from care_notifications.core.follow_up import KINDS, Act, OutcomeStated, StepTaken, codes_of, facts_of
from care_shared.contracts.alert_activity import AlertActivity
from care_shared.contracts.care_alerts import CareAlert
from care_shared.contracts.care_events import CareEvent
from care_shared.contracts.envelope import derived_id
from care_shared.errors import NotFoundError
from care_shared.runtime.clock import Clock
from care_shared.runtime.outbox import Row, enqueue
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import EventId, GapId, PersonId

LOCK_ALERT = "SELECT body FROM alerts WHERE gap_id = $1 FOR UPDATE"
SAVE_ACT = """
INSERT INTO acts (act_id, gap_id, patient_id, kind, done_at, done_by, codes)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING true
"""
# A leaflet that a person sends leaves as a check-in does: judged again when it leaves, with a link of its own.
SEND_LEAFLET = """
INSERT INTO check_ins (check_in_id, patient_id, check_in, party, occurrence, state, decided_at, answer_hours,
    send_until, next_attempt_at)
SELECT $1, patient_id, $3, 'patient', $4, 'waiting', $5, $6, $7, $5 FROM check_in_patients WHERE patient_id = $2
ON CONFLICT DO NOTHING
"""
LEAFLET_HOURS, LEAFLET_SENT_WITHIN = 336, timedelta(days=2)


class PostgresFollowUp:
    """Write access for pages and API: booked, reconciled, rated, step taken."""

    def __init__(self, pool: asyncpg.Pool, ring: Ring, clock: Clock) -> None:
        self._pool = pool
        self._ring = ring
        self._clock = clock

    async def record(self, gap_id: GapId, act: Act, person: PersonId) -> bool:
        """Keep the act and tell it. False for a repeat. Raises NotFoundError."""
        async with transaction(self._pool) as connection:
            saved = await self._record(connection, gap_id, act, person)
        if saved:
            self._ring()
        return saved

    async def _record(self, connection: Connection, gap_id: GapId, act: Act, person: PersonId) -> bool:
        now = self._clock()
        row = await connection.fetchrow(LOCK_ALERT, gap_id)
        if row is None:
            raise NotFoundError("no such alert")
        alert, codes, kind = CareAlert.model_validate_json(row["body"]), codes_of(act), KINDS[type(act)]
        saved = await connection.fetchval(
            SAVE_ACT, act.act_id, gap_id, alert.patient_id, kind, now, person, to_json(codes).decode()
        )
        if not saved:
            return False
        activity = AlertActivity(
            event_id=EventId(derived_id("activity", act.act_id, kind)), gap_id=gap_id, patient_id=alert.patient_id,
            kind=kind, occurred_at=now, by=person, detail=codes,
        )  # fmt: skip
        await enqueue(connection, [*fact_rows(facts_of(act, alert, person, now)), outbox_row(activity)])
        if isinstance(act, StepTaken) and act.leaflet:
            check_in_id = derived_id("check-in", alert.patient_id, act.leaflet, act.act_id)
            await connection.execute(
                SEND_LEAFLET, check_in_id, alert.patient_id, act.leaflet, f"{BY_HAND}{act.act_id}", now,
                LEAFLET_HOURS, now + LEAFLET_SENT_WITHIN,
            )  # fmt: skip
        await connection.execute(NOTE_CHANGE, gap_id, now)
        return True


def outcome_rows(alert: CareAlert, ask: Ask, outcome: Resolution, now: datetime) -> list[Row]:
    """What a person says came of the alert, as a fact; in the transaction that resolves it."""
    return fact_rows(facts_of(OutcomeStated(ask.action_id, outcome.value), alert, ask.actor, now))


def fact_rows(facts: Sequence[CareEvent]) -> list[Row]:
    """Facts on their way to `care.events.v1`."""
    return [event_row(fact, fact.model_dump(include={"type"})["type"]) for fact in facts]
