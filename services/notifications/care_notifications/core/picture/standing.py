"""Whether a fact still stands: others may have taken it back, or said it again in other words."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from care_notifications.core.picture.known import Known, in_order
from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import CareEvent
from care_shared.vocabulary import ReferralEnd


class Standing(StrEnum):
    """What became of a fact."""

    HOLDS = "holds"
    CORRECTED = "corrected"
    RETRACTED = "retracted"


# What is said again about the same thing replaces what was said of it before.
SAID_AGAIN = (
    facts.HospitalAdmitted, facts.HospitalDischarged, facts.EmergencyArrived, facts.EmergencyDeparted,
    facts.VisitScheduled, facts.VisitStarted, facts.VisitDelivered, facts.VisitMissed, facts.VisitCancelled,
    facts.AppointmentBooked, facts.ContactLogged, facts.LabResulted, facts.AssessmentCompleted,
    facts.MedicationDispensed, facts.ServiceRecorded,
)  # fmt: skip
STAY_FACTS = (facts.HospitalAdmitted, facts.HospitalDischarged, facts.EncounterUpdated)


def standing(one: Known, about_same: Iterable[Known]) -> Standing:
    """How this fact stands among all facts about the same thing."""
    later = [other.event for other in about_same if other.order > one.order]
    if _is_mistake(one.event) or _undone(one.event, later):
        return Standing.RETRACTED
    if isinstance(one.event, SAID_AGAIN) and any(type(other) is type(one.event) for other in later):
        return Standing.CORRECTED
    return Standing.HOLDS


def holding(known: Iterable[Known]) -> list[Known]:
    """Those that stand, each once, as they were said."""
    about: dict[str, list[Known]] = {}
    known = list({one.event.event_id: one for one in known}.values())
    for one in known:
        about.setdefault(one.subject, []).append(one)
    return in_order(one for one in known if standing(one, about[one.subject]) is Standing.HOLDS)


def _undone(event: CareEvent, later: Sequence[CareEvent]) -> bool:
    return any(_undoes(other, event) for other in later)


def _undoes(other: CareEvent, event: CareEvent) -> bool:
    """Whether that later word takes the fact back."""
    match other:
        case facts.AdmissionCancelled():
            return isinstance(event, STAY_FACTS)
        case facts.DischargeCancelled():
            return isinstance(event, facts.HospitalDischarged)
        case facts.ContactRetracted() | facts.LabRetracted() | facts.AssessmentRetracted():
            return True
        case _:
            return _is_mistake(other)


def _is_mistake(event: CareEvent) -> bool:
    match event:
        case facts.MedicationDispensed() | facts.ServiceRecorded():
            return event.entered_in_error
        case facts.ReferralClosed():
            return event.reason is ReferralEnd.ENTERED_IN_ERROR
        case facts.FollowUpRecommended():
            return event.ended is ReferralEnd.ENTERED_IN_ERROR
        case _:
            return False
