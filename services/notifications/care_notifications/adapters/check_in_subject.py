"""One patient with everything a decision about check-ins looks at, read inside the transaction that decides."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from care_notifications.adapters.check_in_patients import PROFILE
from care_notifications.core.check_ins.doubts import Lines, Way
from care_notifications.core.check_ins.occurrences import zone_of
from care_notifications.core.check_ins.plan import Past, Subject
from care_notifications.core.check_ins.profile import Profile
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import ContactParty, PatientId

PAST = """
SELECT check_in, party, occurrence, decided_at, coalesce(sent_at, decided_at) AS at, state <> 'not-sent' AS sent
FROM check_ins WHERE patient_id = $1
"""
SHARED = """
SELECT EXISTS (SELECT FROM check_in_patients WHERE phone = $2 AND phone <> '' AND patient_id <> $1) AS phone,
    EXISTS (SELECT FROM check_in_patients WHERE email = $3 AND email <> '' AND patient_id <> $1) AS email
"""


@dataclass(frozen=True, slots=True)
class House:
    """What holds for everybody here: the ways there are, the zone when none is known, unreviewed text or not."""

    ways: frozenset[Way]
    zone: ZoneInfo
    unreviewed_allowed: bool


async def subject_of(connection: Connection, patient_id: PatientId, body: str, house: House) -> Subject:
    """The patient as of this transaction."""
    profile: Profile = PROFILE.validate_json(body)
    shared = await connection.fetchrow(SHARED, patient_id, profile.phone, profile.email)
    assert shared is not None
    past = tuple(
        Past(row["check_in"], ContactParty(row["party"]), row["occurrence"], row["at"], row["sent"])
        for row in await connection.fetch(PAST, patient_id)
    )
    lines = Lines(house.ways, shared["phone"], shared["email"], house.unreviewed_allowed)
    return Subject(patient_id, profile, past, lines, zone_of(profile.home_zone, house.zone))
