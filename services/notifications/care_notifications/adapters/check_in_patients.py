"""Facts from `care.events.v1` become what check-ins know of a patient, in one transaction with the position read."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
from pydantic import TypeAdapter, ValidationError

from care_notifications.adapters.postgres import Ring, transaction
from care_notifications.adapters.postgres_consents import keep_consents
from care_notifications.adapters.postgres_positions import PostgresPositions, advance, lock_position
from care_notifications.core.check_ins.content import Schedule
from care_notifications.core.check_ins.joining import join
from care_notifications.core.check_ins.listen import HEARD, note
from care_notifications.core.check_ins.profile import Profile
from care_notifications.ports import RawAlert, Slot
from care_shared.contracts.care_events import AnyCareEvent, PatientMerged, decode_event
from care_shared.errors import OwnershipLostError
from care_shared.runtime.clock import Clock
from care_shared.runtime.logs import get_log
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import PatientId

log = get_log(__name__)

LOAD = "SELECT patient_id, body FROM check_in_patients WHERE patient_id = ANY($1::text[]) ORDER BY 1 FOR UPDATE"
# News is a reason to look at the patient now.
SAVE = """
INSERT INTO check_in_patients (patient_id, phone, email, look_at, body) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (patient_id) DO UPDATE SET phone = $2, email = $3, look_at = $4, body = $5
"""
ONE = "SELECT body FROM check_in_patients WHERE patient_id = $1"
PROFILE: TypeAdapter[Profile] = TypeAdapter(Profile)
# Most facts are readings, and a JSON parser that looks at the whole of each costs more than this glance.
NAMES = tuple(f'"{kind.model_fields["type"].default}"'.encode() for kind in HEARD)


class CheckInPatients(PostgresPositions):
    """What notifications knows of patients beside their alerts."""

    def __init__(self, pool: asyncpg.Pool, schedule: Schedule, ring: Ring, clock: Clock) -> None:
        super().__init__(pool)
        self._schedule = schedule
        self._ring = ring
        self._clock = clock

    async def handle(self, slot: Slot, batch: Sequence[RawAlert]) -> int:
        """Take in what is new. Returns the next offset to read. Raises OwnershipLostError when there is a hole."""
        async with transaction(self._pool) as connection:
            stored = await lock_position(connection, slot)
            fresh = [raw for raw in batch if raw.offset >= stored]
            if not fresh:
                return stored
            if fresh[0].offset > stored:
                raise OwnershipLostError("the batch does not follow the stored position")
            heard = [event for raw in fresh if (event := _heard(raw, slot)) is not None]
            await self._fold(connection, heard)
            next_offset = fresh[-1].offset + 1
            await advance(connection, slot, next_offset)
        if heard:
            self._ring()
        return next_offset

    async def profile(self, patient_id: PatientId) -> Profile:
        """What is known of a patient; an empty profile of somebody unknown."""
        async with transaction(self._pool) as connection:
            return await self._stored(connection, patient_id)

    async def _stored(self, connection: Connection, patient_id: PatientId) -> Profile:
        body = await connection.fetchval(ONE, patient_id)
        return Profile() if body is None else PROFILE.validate_json(body)

    async def _fold(self, connection: Connection, events: Sequence[AnyCareEvent]) -> None:
        if not events:
            return
        rows = await connection.fetch(LOAD, sorted({event.patient_id for event in events}))
        profiles = {row["patient_id"]: PROFILE.validate_json(row["body"]) for row in rows}
        for event in events:
            profile = profiles.setdefault(event.patient_id, Profile())
            if isinstance(event, PatientMerged):
                other = profiles.get(event.absorbed_patient_id)
                join(profile, other or await self._stored(connection, event.absorbed_patient_id))
            note(profile, event, self._schedule)
        await keep_consents(connection, events)
        now = self._clock()
        await connection.executemany(SAVE, [_row(name, profiles[name], now) for name in sorted(profiles)])


def _row(patient_id: str, profile: Profile, look_at: datetime | None) -> tuple[object, ...]:
    return patient_id, profile.phone, profile.email, look_at, PROFILE.dump_json(profile, exclude_defaults=True).decode()


def _heard(raw: RawAlert, slot: Slot) -> AnyCareEvent | None:
    """The fact, when check-ins need its kind. What nobody can read is set aside as a dead letter by scoring."""
    if not any(name in raw.value for name in NAMES):
        return None
    try:
        event = decode_event(raw.value)
    except ValidationError:
        log.warning("facts.passed-over", topic=slot.topic, partition=slot.partition, offset=raw.offset)
        return None
    return event if isinstance(event, HEARD) else None
