"""How notices about hospital stays become belief, in whatever order they come."""

from datetime import datetime

from care_scoring.core.calendar import EPOCH
from care_scoring.core.state.encounters import Encounter
from care_scoring.core.state.evolve_person import note_condition
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
        note_condition(state, diagnosis, said, active=True)
    match event:
        case HospitalAdmitted() | EmergencyArrived():
            _note_start(stay, event, event.occurred_at)
        case HospitalDischarged() | EmergencyDeparted():
            _note_end(stay, event)
        case EncounterUpdated():
            if event.disposition is not None:
                stay.state_disposition(said, event.disposition)
    if isinstance(event, EmergencyArrived | EmergencyDeparted):
        # Said with the least weight: any notice that names a class, such as the admission that follows, wins.
        stay.state_class(EPOCH, EncounterClass.EMERGENCY)


def _note_end(stay: Encounter, event: HospitalDischarged | EmergencyDeparted) -> None:
    said = event.said_at
    stay.state_disposition(said, event.disposition)
    stay.discharged = latest(stay.discharged, (said, event.occurred_at, event.event_id))
    stay.discharge_known_at = earlier_moment(stay.discharge_known_at, event.recorded_at)
    if isinstance(event, HospitalDischarged) and event.admitted_at is not None:
        _note_start(stay, event, event.admitted_at)


def _note_start(stay: Encounter, event: StayNotice, at: datetime) -> None:
    start = (event.said_at, at, event.event_id)
    stay.admitted = latest(stay.admitted, start)
    if event.encounter_class is EncounterClass.OBSERVATION:
        # Some hospitals state a new admission time when the patient becomes an inpatient (A06).
        stay.observed = latest(stay.observed, start)
