"""The part of the composition root that belongs to the patient page: the reader of facts, and what is forgotten."""

from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from care_notifications.adapters.kafka_alerts import AlertReader, slot_by_slot
from care_notifications.adapters.patient_facts import PatientFacts
from care_notifications.adapters.patient_list import PatientList
from care_notifications.adapters.patient_looks import PatientLooks
from care_notifications.adapters.patient_pages import PatientPages
from care_notifications.adapters.patient_timeline import PatientTimeline
from care_notifications.chores import NIGHT, Chore
from care_notifications.settings import Settings
from care_shared.runtime.clock import Clock
from care_shared.runtime.logs import get_log
from care_shared.topics import CARE_EVENTS
from care_shared.vocabulary import PersonId

log = get_log(__name__)

MONTH = timedelta(days=30.44)


@dataclass(frozen=True, slots=True)
class Patients:
    """The parts. What the pages ask stands beside what fills it."""

    facts: PatientFacts
    pages: PatientPages
    timeline: PatientTimeline
    lists: PatientList
    looks: PatientLooks
    reader: AlertReader
    kept_for: timedelta

    def background(self) -> Coroutine[None, None, None]:
        """What runs beside the pages."""
        return self.reader.run(slot_by_slot(self.facts.handle))

    def chore(self) -> Chore:
        """What happens each night: what happened too long ago is forgotten."""

        async def forget(now: datetime) -> None:
            gone = await self.facts.forget(now - self.kept_for)
            log.info("facts.forgotten", count=gone)

        return Chore("patients", NIGHT, forget)


def build_patients(settings: Settings, pool: asyncpg.Pool, clock: Clock) -> Patients:
    """Wire the parts; nothing runs yet."""
    own, facts = settings.notifications, PatientFacts(pool, clock)
    reader = AlertReader(settings.kafka, (CARE_EVENTS.name,), f"{own.consumer_group}-patients", facts, clock)
    return Patients(
        facts,
        PatientPages(pool, clock),
        PatientTimeline(pool),
        PatientList(pool, PersonId(own.default_owner)),
        PatientLooks(pool),
        reader,
        own.patient_months * MONTH,
    )
