"""Every fact has its place on the patient page: under which heading, and what it speaks about; some are not for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter

from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import CareEvent
from care_shared.contracts.envelope import derived_id

LONGEST_SUBJECT = 256


class Kind(StrEnum):
    """The headings of the timeline that facts fall under."""

    STAYS = "stays"
    VISITS = "visits"
    APPOINTMENTS = "appointments"
    CONTACTS = "contacts"
    MEDICINES = "medicines"
    RESULTS = "results"
    PLAN = "plan"
    PERSON = "person"


class Elsewhere(StrEnum):
    """Why a fact is not kept for the timeline."""

    READING = "kept as a row of values"
    IDENTITY = "moves facts from record to record"
    OWN = "notifications wrote it, and shows the act, the notice or the check-in itself"
    SOURCE = "speaks of a feed, not of the patient"
    INTERNAL = "what scoring hands over to itself"


@dataclass(frozen=True, slots=True)
class Place:
    """The heading, what kind of thing it is about, and the fields that name that thing.

    `lasts`: the fact goes on to describe the person, however old it is; others may be forgotten after a time.
    """

    kind: Kind
    about: str
    names: tuple[str, ...] = ()
    lasts: bool = False


STAY = Place(Kind.STAYS, "stay", ("encounter_id",))
VISIT = Place(Kind.VISITS, "visit", ("visit_id",))
APPOINTMENT = Place(Kind.APPOINTMENTS, "appointment", ("appointment_id",))
CONTACT = Place(Kind.CONTACTS, "contact", ("contact_id",))
REFERRAL = Place(Kind.PLAN, "referral", ("referral_id",), lasts=True)
LAB = Place(Kind.RESULTS, "lab", ("observation_id",))


def _person(about: str, *names: str) -> Place:
    return Place(Kind.PERSON, about, names, lasts=True)


def _plan(about: str, *names: str) -> Place:
    return Place(Kind.PLAN, about, names, lasts=True)


PLACES: Mapping[type[CareEvent], Place | Elsewhere] = {
    # Each update says only a part: none replaces another, so each is a thing of its own.
    facts.PatientUpdated: _person("person", "event_id"),
    facts.CoverageChanged: _person("coverage", "payer_kind", "plan"),
    facts.PatientDeceased: _person("death"),
    facts.HospiceElected: _person("hospice"),
    facts.HomeStatusAssessed: _person("home"),
    facts.HighNeedsAssessed: _person("high-needs"),
    facts.ConditionRecorded: _person("condition", "condition.code"),
    facts.CareTeamChanged: _person("team"),
    facts.StandInNamed: _person("stand-in", "lead_care_manager", "stand_in", "starts_on"),
    facts.AlignmentChanged: _person("alignment", "organization", "programme", "starts_on"),
    facts.ConsentChanged: _person("consent", "scope", "recipient"),
    facts.CaregiverNamed: _person("caregiver", "caregiver_id"),
    facts.FlagChanged: _person("flag", "flag_id"),
    facts.LeavePlanned: _person("leave", "leave_id"),
    facts.HospitalAdmitted: STAY,
    facts.HospitalDischarged: STAY,
    facts.AdmissionCancelled: STAY,
    facts.DischargeCancelled: STAY,
    facts.EmergencyArrived: STAY,
    facts.EmergencyDeparted: STAY,
    facts.EncounterUpdated: STAY,
    facts.VisitScheduled: VISIT,
    facts.VisitStarted: VISIT,
    facts.VisitDelivered: VISIT,
    facts.VisitMissed: VISIT,
    facts.VisitCancelled: VISIT,
    facts.AppointmentBooked: APPOINTMENT,
    facts.AppointmentFulfilled: APPOINTMENT,
    facts.AppointmentNoShow: APPOINTMENT,
    facts.AppointmentCancelled: APPOINTMENT,
    facts.ContactLogged: CONTACT,
    facts.ContactRetracted: CONTACT,
    facts.MedicationsReconciled: Place(Kind.MEDICINES, "reconciliation", ("event_id",), lasts=True),
    facts.MedicationOrdered: Place(Kind.MEDICINES, "medicine-order", ("order_id",), lasts=True),
    facts.MedicationDispensed: Place(Kind.MEDICINES, "fill", ("dispense_id",)),
    facts.LabResulted: LAB,
    facts.LabAcknowledged: LAB,
    facts.LabRetracted: LAB,
    facts.ResultPending: Place(Kind.RESULTS, "pending", ("order_id",)),
    facts.AssessmentCompleted: Place(Kind.RESULTS, "assessment", ("assessment_id",)),
    facts.AssessmentRetracted: Place(Kind.RESULTS, "assessment", ("assessment_id",)),
    facts.SymptomsReported: Place(Kind.RESULTS, "symptoms", ("event_id",)),
    facts.SurveyAnswered: Place(Kind.RESULTS, "survey", ("event_id",)),
    facts.DocumentReceived: Place(Kind.PLAN, "document", ("document_id",)),
    facts.CarePlanUpdated: _plan("plan", "plan_id"),
    facts.GoalStated: _plan("goal", "goal_id"),
    facts.ReferralOrdered: REFERRAL,
    facts.ReferralReportReceived: REFERRAL,
    facts.ReferralClosed: REFERRAL,
    facts.FollowUpRecommended: _plan("recommendation", "recommendation_id"),
    facts.CareTaskChanged: _plan("task", "task_id"),
    facts.ServiceRecorded: Place(Kind.PLAN, "service", ("service_id",)),
    facts.VitalSignRecorded: Elsewhere.READING,
    facts.VitalSignRetracted: Elsewhere.READING,
    facts.PatientMerged: Elsewhere.IDENTITY,
    facts.PatientUnmerged: Elsewhere.IDENTITY,
    facts.PatientAbsorbed: Elsewhere.IDENTITY,
    facts.PatientSeparated: Elsewhere.IDENTITY,
    facts.PatientStateHandedOver: Elsewhere.INTERNAL,
    facts.FeedWentSilent: Elsewhere.SOURCE,
    facts.FeedResumed: Elsewhere.SOURCE,
    facts.AlertOutcomeStated: Elsewhere.OWN,
    facts.AlertRated: Elsewhere.OWN,
    facts.NextStepTaken: Elsewhere.OWN,
    facts.CheckInUnanswered: Elsewhere.OWN,
}


def place_of(event: CareEvent) -> Place | None:
    """Where the fact stands on the timeline, if it does."""
    place = PLACES[type(event)]
    return place if isinstance(place, Place) else None


def subject_of(event: CareEvent, place: Place) -> str:
    """The thing that the fact is about: facts about one thing correct, end or take back one another."""
    values = [str(attrgetter(name)(event) or "") for name in place.names]
    if place.names and not any(values):
        values = [event.event_id]  # the source gave the thing no number: it is known by this fact alone
    subject = ":".join((place.about, *values))
    return subject if len(subject) <= LONGEST_SUBJECT else f"{place.about}:{derived_id(*values)}"
