"""A FHIR Encounter by its class: a hospital stay, a visit to the home, or a visit to a clinic."""

from care_intake.core.fhir.home_visits import visit_told
from care_intake.core.fhir.models import Encounter
from care_intake.core.fhir.scope import Located, Scope
from care_intake.core.fhir.statement import LONGEST, Statement, aside, number_of, stated
from care_intake.core.fhir.stays import Stay, stay_of
from care_intake.core.identity import authority_of
from care_intake.core.translation import Translated, one_patient
from care_shared.contracts.care_events import AppointmentFulfilled, CareEvent
from care_shared.contracts.envelope import derived_id
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import EncounterClass

UNDER_WAY = frozenset({"arrived", "triaged", "in-progress", "onleave"})
NEVER_WAS = frozenset({"cancelled", "entered-in-error"})
_STATUSES = UNDER_WAY | NEVER_WAS | {"planned", "finished", "unknown"}


def told(encounter: Encounter, located: Located, scope: Scope) -> Translated:
    """Admission, discharge or cancellation of a stay; a home visit; a clinic visit that took place."""
    if encounter.status not in _STATUSES:
        raise UnusableMessageError(f"{located.where}.status", "is not a status of an Encounter")
    if encounter.status == "unknown":
        return aside(located, "is of unknown status")
    stay = stay_of(encounter, located.where, scope)
    if stay.kind is EncounterClass.HOME_HEALTH:
        return visit_told(encounter, stated(encounter, encounter.subject, located, scope, labels=stay.labels))
    if encounter.status == "planned" or stay.kind is EncounterClass.PRE_ADMISSION:
        return aside(located, "is only planned")
    if stay.kind is EncounterClass.AMBULATORY:
        said = stated(encounter, encounter.subject, located, scope, labels=stay.labels)
        return clinic_visit(encounter, said)
    return one_patient(stay.patient, _facts(stay))


def clinic_visit(encounter: Encounter, said: Statement) -> Translated:
    """The patient was seen; anything short of that is no fact, because the appointment tells it better."""
    if encounter.status != "finished":
        return aside(said.located, "is a clinic visit that has not taken place")
    starts = said.moment("period.start", encounter.period.start)
    ends = said.moment("period.end", encounter.period.end)
    if starts is None and ends is None:
        return aside(said.located, "does not say when the patient was seen", "period")
    words = (encounter.serviceType.words, *(one.words for one in encounter.type))
    fact = AppointmentFulfilled(
        **said.envelope(ends, starts),
        appointment_id=_appointment_id(encounter, said),
        starts_at=starts,
        specialty=next((one for one in words if one), "")[:LONGEST],
        telehealth=encounter.class_.code.upper() == "VR",
    )
    return said.tell([fact])


def _appointment_id(encounter: Encounter, said: Statement) -> str:
    """That of the appointment it fulfils; a visit nobody booked is its own."""
    found = number_of("appointment", "Appointment", encounter.appointment, said.scope)
    if found:
        return found
    feed = said.scope.reception.feed
    number = next((one for one in encounter.identifier if one.value), None)
    if number is not None:
        return derived_id("appointment", "encounter", authority_of(number.system, "", feed), number.value)
    return said.number("appointment") or derived_id("appointment", *said.patient.primary, encounter.period.start)


def _facts(stay: Stay) -> list[CareEvent]:
    if stay.status in NEVER_WAS:
        return [stay.cancelled()]
    if stay.status in UNDER_WAY:
        # Without a beginning we know what kind of stay it is, and not since when.
        return [stay.admitted() if stay.began_at else stay.updated()]
    return [stay.admitted(), stay.discharged()] if stay.began_at else [stay.discharged()]
