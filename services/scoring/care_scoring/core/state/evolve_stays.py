"""How notices about hospital stays become belief, in whatever order they come."""

from care_scoring.core.calendar import EPOCH
from care_scoring.core.codes.conditions import plain_code
from care_scoring.core.state.encounters import Encounter
from care_scoring.core.state.evolve_conditions import note_condition
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.registers import earlier_moment, joined_labels, latest
from care_shared.contracts.care_events import (
    AdmissionCancelled,
    DischargeCancelled,
    EmergencyArrived,
    EmergencyDeparted,
    EncounterUpdated,
    HospitalAdmitted,
    HospitalDischarged,
)
from care_shared.vocabulary import EncounterClass

StayNotice = HospitalAdmitted | HospitalDischarged | EmergencyArrived | EmergencyDeparted | EncounterUpdated
StayFact = StayNotice | AdmissionCancelled | DischargeCancelled


def note_stay(state: PatientState, event: StayFact) -> None:
    """One notice about one stay; cancelling what is not yet known is remembered."""
    stay = state.encounters.setdefault(event.encounter_id, Encounter())
    stay.labels = joined_labels(stay.labels, event.labels)
    match event:
        case AdmissionCancelled():
            stay.cancel_admission(event.said_at)
        case DischargeCancelled():
            stay.cancel_discharge(event.said_at)
        case _:
            _note_notice(state, stay, event)


def _note_notice(state: PatientState, stay: Encounter, event: StayNotice) -> None:
    said = event.said_at
    stay.state_class(said, event.encounter_class)
    stay.state_place(said, event.facility, event.facility_zone)
    if event.admission_type.value != "unknown":
        stay.admission_type = latest(stay.admission_type, (said, event.admission_type.value))
    for diagnosis in event.diagnoses:
        note_condition(state, event, diagnosis, listed=False)
    _note_care(stay, event)
    match event:
        case HospitalAdmitted() | EmergencyArrived():
            _note_begin(stay, event)
        case HospitalDischarged() | EmergencyDeparted():
            _note_end(stay, event)
        case EncounterUpdated():
            if event.disposition is not None:
                stay.state_disposition(said, event.disposition)
    if isinstance(event, EmergencyArrived | EmergencyDeparted):
        # Said with the least weight: any notice that names a class, such as the admission that follows, wins.
        stay.state_class(EPOCH, EncounterClass.EMERGENCY)


def _note_care(stay: Encounter, event: StayNotice) -> None:
    """What was found and done; a notice that names nothing says nothing."""
    said = event.said_at
    stay.source = latest(stay.source, (said, event.source))
    if event.service:
        stay.service = latest(stay.service, (said, event.service))
    if event.diagnoses:
        stay.diagnoses = latest(stay.diagnoses, (said, tuple(plain_code(one.code) for one in event.diagnoses)))
    if event.procedures:
        stay.procedures = latest(stay.procedures, (said, tuple(plain_code(one.code) for one in event.procedures)))


def _note_begin(stay: Encounter, event: HospitalAdmitted | EmergencyArrived) -> None:
    begun = (event.said_at, event.occurred_at, event.event_id)
    stay.admission_known_at = earlier_moment(stay.admission_known_at, event.recorded_at)
    if isinstance(event, EmergencyArrived):
        stay.emergency = latest(stay.emergency, begun)
        return
    stay.admitted = latest(stay.admitted, begun)
    if event.encounter_class is EncounterClass.OBSERVATION:
        stay.observed = latest(stay.observed, begun)


def _note_end(stay: Encounter, event: HospitalDischarged | EmergencyDeparted) -> None:
    ended = (event.said_at, event.occurred_at, event.event_id)
    stay.state_disposition(event.said_at, event.disposition)
    stay.discharge_known_at = earlier_moment(stay.discharge_known_at, event.recorded_at)
    if isinstance(event, EmergencyDeparted):
        stay.departed = latest(stay.departed, ended)
        return
    stay.discharged = latest(stay.discharged, ended)
    if event.planned_readmission is not None:
        stay.state_planned_return(event.said_at, event.planned_readmission)
    if event.admitted_at is not None:
        begun = (event.said_at, event.admitted_at, event.event_id)
        stay.admitted = latest(stay.admitted, begun)
        if event.encounter_class is EncounterClass.OBSERVATION:
            stay.observed = latest(stay.observed, begun)
