"""What a person does on the worklist is kept and published in one transaction: taking an alert, logging a contact."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from care_notifications.adapters.activity import event_row, outbox_row
from care_notifications.adapters.postgres import NOTE_CHANGE, Ring, record_of, transaction
from care_notifications.core.alert_life import acknowledge
from care_notifications.core.state import AlertRecord
from care_shared.contracts.alert_activity import AlertActivity
from care_shared.contracts.care_events import ContactLogged
from care_shared.contracts.envelope import derived_id
from care_shared.errors import NotFoundError
from care_shared.runtime.outbox import enqueue
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import (
    ActivityKind,
    ContactChannel,
    ContactId,
    ContactOutcome,
    ContactParty,
    ContactPurpose,
    EventId,
    GapId,
    PersonId,
    SourceId,
)

LOCK_ALERT = "SELECT * FROM alerts WHERE gap_id = $1 FOR UPDATE"
TAKE = """
UPDATE alerts SET state = $2, acknowledged_at = $3, acknowledged_by = $4, takers = ARRAY[$4], version = version + 1
WHERE gap_id = $1
"""
SAVE_ACT = """
INSERT INTO acts (act_id, gap_id, patient_id, kind, done_at, done_by, outcome, channel, party, purpose)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING RETURNING true
"""
SOURCE = SourceId("worklist")


@dataclass(frozen=True, slots=True)
class Contact:
    """How an outreach went. `contact_id` was made with the form: sending it twice is logging it once."""

    contact_id: ContactId
    outcome: ContactOutcome
    channel: ContactChannel
    party: ContactParty
    purpose: ContactPurpose


class PostgresActs:
    """Write access for the pages."""

    def __init__(self, pool: asyncpg.Pool, ring: Ring) -> None:
        self._pool = pool
        self._ring = ring

    async def acknowledge(self, gap_id: GapId, person: PersonId, now: datetime) -> bool:
        """Whether this person took the alert by this; False when somebody has it already or it is closed."""
        async with transaction(self._pool) as connection:
            before = await _locked(connection, gap_id)
            taken = acknowledge(before)
            if taken is None:
                return False
            await connection.execute(TAKE, gap_id, taken.state, now, person)
            act_id = derived_id("acknowledged", gap_id, str(before.round), str(before.revision))
            saved = await connection.fetchval(
                SAVE_ACT, act_id, gap_id, before.patient_id, ActivityKind.ACKNOWLEDGED, now, person,
                None, None, None, None,
            )  # fmt: skip
            if saved:
                activity = _activity(before, ActivityKind.ACKNOWLEDGED, (act_id, person, now), {})
                await enqueue(connection, [outbox_row(activity)])
            await connection.execute(NOTE_CHANGE, gap_id, now)
        self._ring()
        return True

    async def log_contact(self, gap_id: GapId, contact: Contact, person: PersonId, now: datetime) -> bool:
        """Publish the contact as a fact; whether it closes the gap is for scoring to say. False for a repeat."""
        async with transaction(self._pool) as connection:
            alert = await _locked(connection, gap_id)
            saved = await connection.fetchval(
                SAVE_ACT, contact.contact_id, gap_id, alert.patient_id, ActivityKind.CONTACT_LOGGED, now, person,
                contact.outcome, contact.channel, contact.party, contact.purpose,
            )  # fmt: skip
            if not saved:
                return False
            fact = _fact(alert, contact, person, now)
            codes = {
                "outcome": contact.outcome.value,
                "channel": contact.channel.value,
                "party": contact.party.value,
                "purpose": contact.purpose.value,
            }
            activity = _activity(alert, ActivityKind.CONTACT_LOGGED, (contact.contact_id, person, now), codes)
            await enqueue(connection, [event_row(fact, fact.type), outbox_row(activity)])
            await connection.execute(NOTE_CHANGE, gap_id, now)
        self._ring()
        return True


async def _locked(connection: Connection, gap_id: GapId) -> AlertRecord:
    row = await connection.fetchrow(LOCK_ALERT, gap_id)
    if row is None:
        raise NotFoundError("no such alert")
    return record_of(row)


def _fact(alert: AlertRecord, contact: Contact, person: PersonId, now: datetime) -> ContactLogged:
    return ContactLogged(
        event_id=EventId(derived_id("contact-logged", contact.contact_id)),
        patient_id=alert.patient_id,
        occurred_at=now,
        recorded_at=now,
        source=SOURCE,
        contact_id=contact.contact_id,
        outcome=contact.outcome,
        channel=contact.channel,
        party=contact.party,
        purpose=contact.purpose,
        by=person,
    )


def _activity(
    alert: AlertRecord, kind: ActivityKind, act: tuple[str, PersonId, datetime], detail: dict[str, str]
) -> AlertActivity:
    act_id, person, now = act
    return AlertActivity(
        event_id=EventId(derived_id("activity", act_id, kind)),
        gap_id=alert.gap_id,
        patient_id=alert.patient_id,
        kind=kind,
        occurred_at=now,
        by=person,
        detail=detail,
    )
