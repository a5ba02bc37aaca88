"""Every time the patient was seen or spoken with, from appointments, recorded services, contacts and pharmacies."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from care_scoring.core.codes.follow_up_services import ServiceKind, kind_of_service
from care_scoring.core.codes.medicines import SUBSTANCE_USE, classes_of
from care_scoring.core.state.patient import PatientState
from care_shared.contracts.care_alerts import Evidence
from care_shared.contracts.care_events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentFulfilled,
    AppointmentNoShow,
    ContactLogged,
    ContactRetracted,
    MedicationDispensed,
    ServiceRecorded,
)
from care_shared.vocabulary import EventId

APPOINTMENT_FACTS: frozenset[type] = frozenset(
    {AppointmentBooked, AppointmentFulfilled, AppointmentNoShow, AppointmentCancelled}
)
VISIT_FACTS: frozenset[type] = APPOINTMENT_FACTS | {ServiceRecorded}
CONTACT_FACTS: frozenset[type] = frozenset({ContactLogged, ContactRetracted})
FILL_FACTS: frozenset[type] = frozenset({MedicationDispensed})


@dataclass(frozen=True)
class CareGiven:
    """One time care was given; `known_at` is when its source said so."""

    at: datetime
    event_id: EventId | None  # of a fill it is known for some weeks
    kind: ServiceKind
    known_at: datetime
    specialty: str = ""

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The fact, in words that tell nothing of its subject."""
        what = "Call" if self.kind is ServiceKind.CONTACT else "Visit" if self.kind is ServiceKind.VISIT else "Service"
        return (Evidence(event_id=self.event_id, what=what, at=self.at),) if self.event_id else ()

    def is_one_of(self, words: frozenset[str]) -> bool:
        """Whether its specialty has one of these words."""
        return has_word(self.specialty, words)


def has_word(specialty: str, words: frozenset[str]) -> bool:
    """Whether a specialty, as its source writes it, has one of these words."""
    plain = " ".join(specialty.casefold().replace("-", " ").replace("_", " ").split())
    return any(word in plain for word in words)


def care_given(state: PatientState) -> list[CareGiven]:
    """All of it, oldest first."""
    found = [*_visits(state), *_services(state), *_contacts(state), *_fills(state)]
    return sorted(found, key=lambda one: (one.at, one.event_id or ""))


def _visits(state: PatientState) -> Iterator[CareGiven]:
    for appointment in state.appointments.values():
        stand = appointment.stand
        at = appointment.kept_at
        if stand is None or at is None:
            continue
        specialty = appointment.booking.specialty if appointment.booking else ""
        yield CareGiven(at, stand.event_id, ServiceKind.VISIT, stand.said, specialty)


def _services(state: PatientState) -> Iterator[CareGiven]:
    for service in state.services.values():
        kind = kind_of_service(service.code)
        if not service.void and kind is not ServiceKind.OTHER:
            yield CareGiven(service.at, service.event_id, kind, service.said)


def _contacts(state: PatientState) -> Iterator[CareGiven]:
    for contact in state.contacts.values():
        if contact.is_interactive_care:
            yield CareGiven(contact.at, contact.event_id, ServiceKind.CONTACT, contact.said)


def _fills(state: PatientState) -> Iterator[CareGiven]:
    for drug, fills in state.fills.items():
        if classes_of(drug) & SUBSTANCE_USE:
            for one in fills.standing():
                yield CareGiven(one.at, fills.event_at(one.at), ServiceKind.PHARMACOTHERAPY, one.said)
