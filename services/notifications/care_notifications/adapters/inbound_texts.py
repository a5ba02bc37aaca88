"""A text that came back ends messages to that line or lets them come again, for everybody whose line it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from care_notifications.adapters.check_in_consents import Wish, grant
from care_notifications.adapters.check_in_patients import PROFILE
from care_notifications.adapters.postgres import Ring, transaction
from care_notifications.adapters.postgres_choices import Choice, Entry, Of, choose
from care_notifications.core.check_ins.content import Catalogue
from care_notifications.core.check_ins.phones import dialable
from care_notifications.core.check_ins.replies import Reply, language_of, reply_of
from care_shared.contracts.envelope import derived_id
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import ContactParty, PatientId, PersonId

PATIENTS = """
SELECT patient_id, phone, body FROM check_in_patients
WHERE phone = $1 OR caregiver_phones ? $1::text ORDER BY patient_id
"""
STAFF = "SELECT person_id FROM people WHERE mobile = $1 AND active ORDER BY person_id"


@dataclass(frozen=True, slots=True)
class Heard:
    """What the text wanted, the sentence to answer with (empty: none), for how many people, and what it changed."""

    reply: Reply
    answer: str
    people: int = 0
    changed: int = 0


class InboundTexts:
    """Write access for the gateway."""

    def __init__(self, pool: asyncpg.Pool, catalogue: Catalogue, ring: Ring) -> None:
        """`ring` is called after each commit with a fact in it."""
        self._pool = pool
        self._catalogue = catalogue
        self._ring = ring

    async def hear(self, number: str, text: str, now: datetime) -> Heard:
        """Do what it says, once; the same text again changes nothing."""
        reply, line = reply_of(text), dialable(number)
        if reply is Reply.OTHER:
            return Heard(reply, "")
        wanted = reply is Reply.START
        async with transaction(self._pool) as connection:
            patients = await connection.fetch(PATIENTS, line) if line else []
            staff = [row["person_id"] for row in await connection.fetch(STAFF, line)] if line else []
            wishes = [wish for row in patients for wish in _wishes(row, line, wanted)]
            changed = [await _grant(connection, wish, now) for wish in wishes]
            for person in staff:
                choice = Choice(PersonId(person), wanted, person, Entry.TEXT, Of.TEXTS)
                changed.append(await choose(connection, choice, now))
        if any(changed):
            self._ring()
        return Heard(reply, self._answer(patients, text, wanted), len(changed), sum(changed))

    def _answer(self, patients: list[asyncpg.Record], text: str, wanted: bool) -> str:
        known = PROFILE.validate_json(patients[0]["body"]).language if patients else ""
        words = self._catalogue.words[self._catalogue.language_for(known or language_of(text))]
        return words.started if wanted else words.stopped


def _wishes(row: asyncpg.Record, line: str, wanted: bool) -> Iterator[Wish]:
    """One for the patient whose phone it is, one for a caregiver whose phone it is; both when they share it."""
    patient = PatientId(row["patient_id"])
    if row["phone"] == line:
        yield Wish(patient, ContactParty.PATIENT, wanted)
    caregivers = PROFILE.validate_json(row["body"]).caregivers.values()
    if any(one.phone == line and one.active for one in caregivers):
        yield Wish(patient, ContactParty.CAREGIVER, wanted)


async def _grant(connection: Connection, wish: Wish, now: datetime) -> bool:
    event_id = derived_id("text-answer", wish.patient_id, wish.party, now.isoformat())
    return await grant(connection, wish, event_id, now)
