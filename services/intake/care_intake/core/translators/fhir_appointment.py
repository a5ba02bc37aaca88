"""A clinic books, moves or calls off an appointment, or says that somebody did not appear (FHIR Appointment)."""

import re
from datetime import datetime
from typing import TypedDict

from care_intake.core.fhir.elements import Reference, read
from care_intake.core.fhir.labels import labels_of
from care_intake.core.fhir.models import Appointment
from care_intake.core.fhir.scope import Located, Scope
from care_intake.core.fhir.statement import LONGEST, number_of
from care_intake.core.identity import authority_of
from care_intake.core.translation import Envelope, Ignored, Translated, one_patient
from care_shared.contracts.care_events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentFulfilled,
    AppointmentNoShow,
    CareEvent,
)
from care_shared.contracts.envelope import derived_id
from care_shared.errors import UnusableMessageError

_REMOTE = re.compile(r"tele-?(health|medicine|visit)|video|virtual", re.IGNORECASE)
_NOT_YET = frozenset({"proposed", "pending", "waitlist", "arrived", "checked-in"})


class Plan(TypedDict):
    """What every fact about an appointment repeats."""

    appointment_id: str
    starts_at: datetime | None
    specialty: str
    referral_id: str | None
    telehealth: bool


def translate(located: Located, scope: Scope) -> Translated:
    """What became of the appointment; what is only proposed, or under way, is left aside."""
    appointment = read(Appointment, located.value, located.where)
    if appointment.status in _NOT_YET:
        return Translated(ignored=(Ignored(located.where, "is not settled yet"),))
    found = _patient(appointment, scope)
    if found is None:
        return Translated(ignored=(Ignored(f"{located.where}.participant", "names no patient"),))
    number, reference = found
    patient = scope.patient_of(reference, f"{located.where}.participant[{number}].actor")
    return one_patient(patient, [_fact(appointment, located, scope)])


def _fact(appointment: Appointment, located: Located, scope: Scope) -> CareEvent:
    where = located.where
    said = scope.moment(appointment.meta.lastUpdated, f"{where}.meta.lastUpdated")
    starts = scope.moment(appointment.start, f"{where}.start")
    plan = Plan(
        appointment_id=_appointment_id(appointment, located, scope),
        starts_at=starts,
        specialty=next((one.words or one.first_code for one in appointment.specialty), "")[:LONGEST],
        referral_id=number_of("referral", "ServiceRequest", appointment.basedOn, scope) or None,
        telehealth=_is_remote(appointment),
    )

    def at(moment: datetime | None) -> Envelope:
        return scope.reception.envelope(moment or scope.reception.received_at, said, labels_of(appointment.meta))

    match appointment.status:
        case "booked":
            return AppointmentBooked(**at(said or scope.moment(appointment.created, f"{where}.created")), **plan)
        case "fulfilled":
            return AppointmentFulfilled(**at(scope.moment(appointment.end, f"{where}.end") or starts), **plan)
        case "noshow":
            return AppointmentNoShow(**at(starts), **plan, patient_absent=_patient_absent(appointment, scope))
        case "cancelled" | "entered-in-error":
            return AppointmentCancelled(**at(said), **plan, by_clinic=_by_clinic(appointment))
        case _:
            raise UnusableMessageError(f"{where}.status", "is not a status of an Appointment")


def _by_clinic(appointment: Appointment) -> bool | None:
    """By HL7's reasons for cancelling: the patient's begin with «pat», the provider's with «prov»; else unsaid."""
    codes = [one.code.lower() for one in appointment.cancelationReason.coding]
    words = appointment.cancelationReason.words.lower()
    if any(code.startswith("pat") for code in codes) or words.startswith("patient"):
        return False
    if any(code.startswith(("prov", "maint", "meds-inc")) for code in codes) or words.startswith(
        ("provider", "clinic")
    ):
        return True
    return None


def _is_remote(appointment: Appointment) -> bool:
    concepts = (appointment.appointmentType, *appointment.serviceType)
    codes = {one.code.upper() for concept in concepts for one in concept.coding}
    return "VR" in codes or any(_REMOTE.search(concept.words) for concept in concepts)


def _patient(appointment: Appointment, scope: Scope) -> tuple[int, Reference] | None:
    for number, one in enumerate(appointment.participant):
        if _is_patient(one.actor, scope):
            return number, one.actor
    return None


def _is_patient(actor: Reference, scope: Scope) -> bool:
    found = scope.find(actor)
    if found is not None:
        return found.kind == "Patient"
    return actor.type == "Patient" or "Patient/" in actor.reference or actor.reference.startswith("Patient?")


def _patient_absent(appointment: Appointment, scope: Scope) -> bool | None:
    """«noshow» does not say who; only a participant who declined gives it away (clinical.md 4.1)."""
    declined = {_is_patient(one.actor, scope) for one in appointment.participant if one.status == "declined"}
    return declined.pop() if len(declined) == 1 else None


def _appointment_id(appointment: Appointment, located: Located, scope: Scope) -> str:
    feed = scope.reception.feed
    number = next((one for one in appointment.identifier if one.value), None)
    if number is not None:
        return derived_id("appointment", authority_of(number.system, "", feed), number.value)
    if appointment.id:
        return derived_id("appointment", authority_of("Appointment", "", feed), appointment.id)
    raise UnusableMessageError(f"{located.where}.identifier", "is missing, and so is the id")
