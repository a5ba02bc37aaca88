"""Facts from `care.events.v1` become what check-ins know of a patient, in one transaction with the position read."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
from pydantic import TypeAdapter

from care_notifications.adapters.facts import FactListener
from care_notifications.adapters.postgres import Ring, transaction
from care_notifications.adapters.postgres_consents import keep_consents
from care_notifications.core.check_ins.content import Schedule
from care_notifications.core.check_ins.joining import join
from care_notifications.core.check_ins.listen import HEARD, note
from care_notifications.core.check_ins.profile import Profile
from care_shared.contracts.care_events import AnyCareEvent, PatientMerged
from care_shared.runtime.clock import Clock
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import PatientId

LOAD = "SELECT patient_id, body FROM check_in_patients WHERE patient_id = ANY($1::text[]) ORDER BY 1 FOR UPDATE"
# News is a reason to look at the patient now.
SAVE = """
INSERT INTO check_in_patients (patient_id, phone, email, look_at, body) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (patient_id) DO UPDATE SET phone = $2, email = $3, look_at = $4, body = $5
"""
ONE = "SELECT body FROM check_in_patients WHERE patient_id = $1"
PROFILE: TypeAdapter[Profile] = TypeAdapter(Profile)


class CheckInPatients(FactListener):
    """What notifications knows of patients beside their alerts."""

    def __init__(self, pool: asyncpg.Pool, schedule: Schedule, ring: Ring, clock: Clock) -> None:
        super().__init__(pool, HEARD)
        self._schedule = schedule
        self._ring = ring
        self._clock = clock

    def told(self) -> None:
        """Somebody may be due a check-in now."""
        self._ring()

    async def profile(self, patient_id: PatientId) -> Profile:
        """What is known of a patient; an empty profile of somebody unknown."""
        async with transaction(self._pool) as connection:
            return await self._stored(connection, patient_id)

    async def _stored(self, connection: Connection, patient_id: PatientId) -> Profile:
        body = await connection.fetchval(ONE, patient_id)
        return Profile() if body is None else PROFILE.validate_json(body)

    async def fold(self, connection: Connection, events: Sequence[AnyCareEvent]) -> None:
        """What these facts say of their patients."""
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
