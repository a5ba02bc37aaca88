"""Whether a stay was planned: by its codes once they are known, before that by what announced it."""

from datetime import timedelta
from enum import StrEnum

from care_scoring.core.codes.planned_care import (
    is_acute_diagnosis,
    is_always_planned,
    is_planned_procedure,
    is_potentially_planned,
)
from care_scoring.core.episodes import Episode
from care_scoring.core.settings.arrivals import PlannedStaySettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.referrals import Appointment, AppointmentStatus
from care_scoring.core.thresholds import Thresholds
from care_shared.vocabulary import AdmissionType, EncounterClass

CALLED_OFF = frozenset(
    {AppointmentStatus.CANCELLED, AppointmentStatus.CANCELLED_BY_CLINIC, AppointmentStatus.CANCELLED_BY_PATIENT}
)
URGENT = frozenset({AdmissionType.EMERGENCY.value, AdmissionType.URGENT.value})


class Planning(StrEnum):
    """How sure we are that a stay was planned."""

    PLANNED = "planned"  # by its codes
    SUSPECTED = "suspected"  # by what announced it, as long as no final code says otherwise
    UNPLANNED = "unplanned"


def planning_of(state: PatientState, stay: Episode, before: Episode, thresholds: Thresholds) -> Planning:
    """CMS's three steps (1.5) by proxy lists; before the codes are final, what was said of it ahead."""
    principal, procedures = _principal(stay), _procedures(stay)
    if is_always_planned(principal) or any(map(is_planned_procedure, procedures)):
        return Planning.PLANNED
    if any(map(is_potentially_planned, procedures)) and principal and not is_acute_diagnosis(principal):
        return Planning.PLANNED
    if _codes_are_final(stay):
        return Planning.UNPLANNED
    said_ahead = any(one.leads_to_planned_stay for _, one in before.last.notices)
    expected = stay.is_elective and (_is_announced(state, stay, thresholds) or _is_booked(state, stay, thresholds))
    return Planning.SUSPECTED if expected or (said_ahead and not _is_urgent(stay)) else Planning.UNPLANNED


def looks_planned(state: PatientState, stay: Episode, thresholds: Thresholds) -> bool:
    """Whether an arrival is no surprise: elective, or announced and neither urgent nor by way of the ED."""
    return stay.is_elective or (
        not _is_urgent(stay)
        and stay.first.kind is not EncounterClass.EMERGENCY
        and _is_announced(state, stay, thresholds)
    )


def _is_urgent(stay: Episode) -> bool:
    """Whether the first of its stays was said to be an emergency, or urgent."""
    notices = [one for _, one in stay.first.notices]
    came_by_ed = stay.first.kind is EncounterClass.EMERGENCY or any(one.emergency for one in notices)
    return came_by_ed or any(one.admission_type is not None and one.admission_type[1] in URGENT for one in notices)


def _is_announced(state: PatientState, stay: Episode, thresholds: Thresholds) -> bool:
    """A pre-admission under one of its numbers, or under a number of its own, some weeks before it began."""
    reach = timedelta(days=thresholds.of(PlannedStaySettings).announced_days)
    return any(
        one.announced_at is not None
        and not one.never_happened
        and stay.began_at - reach <= one.announced_at <= stay.began_at
        and (number in stay.encounter_ids or one.began_at is None)
        for number, one in state.encounters.items()
    )


def _is_booked(state: PatientState, stay: Episode, thresholds: Thresholds) -> bool:
    """An appointment made before for about the time of the admission."""
    close = timedelta(hours=thresholds.of(PlannedStaySettings).booked_hours)

    def fits(one: Appointment) -> bool:
        if one.starts_at is None or one.first_booked is None or one.status in CALLED_OFF:
            return False
        return one.first_booked < stay.began_at and abs(one.starts_at - stay.began_at) <= close

    return any(map(fits, state.appointments.values()))


def _principal(stay: Episode) -> str:
    """The principal diagnosis of the first bed that names one."""
    return next((bed.codes[0] for bed in stay.bedded if bed.codes), "")


def _procedures(stay: Episode) -> tuple[str, ...]:
    stated = [one.procedures[1] for bed in stay.bedded for _, one in bed.notices if one.procedures]
    return tuple(code for codes in stated for code in codes)


def _codes_are_final(stay: Episode) -> bool:
    """Whether diagnoses were stated with the end of the stay or after it."""
    return any(
        one.end_stated is not None
        and one.discharged_at is not None
        and one.diagnoses is not None
        and one.diagnoses[0] >= one.end_stated[0]
        for _, one in stay.last.notices
    )
