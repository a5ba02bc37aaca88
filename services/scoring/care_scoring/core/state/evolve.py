"""The only place where facts become belief: each kind of fact goes to the noun it speaks of."""

from datetime import datetime, timedelta
from typing import assert_never

from care_scoring.core.calendar import seconds_of
from care_scoring.core.state import evolve_care, evolve_person, evolve_stays
from care_scoring.core.state.patient import PatientState
from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent

STAYS_KEPT = timedelta(days=548)  # 18 months
CONTACTS_KEPT = timedelta(days=45)
DELIVERED_VISITS_KEPT = timedelta(days=28)
VISITS_KEPT = timedelta(days=60)  # a run of misses keeps the name of its first for as long as anybody acts on it


def evolve(state: PatientState, event: AnyCareEvent) -> bool:
    """Take one fact in. False when it certainly changes no belief (a duplicate reading, a fact no rule reads yet)."""
    match event:
        case facts.VitalSignRecorded() | facts.VitalSignRetracted():
            return evolve_care.note_reading(state, event)
        case (
            facts.VisitScheduled()
            | facts.VisitStarted()
            | facts.VisitDelivered()
            | facts.VisitMissed()
            | facts.VisitCancelled()
        ):
            evolve_care.note_visit(state, event)
        case facts.ContactLogged() | facts.ContactRetracted():
            evolve_care.note_contact(state, event)
        case (
            facts.HospitalAdmitted()
            | facts.HospitalDischarged()
            | facts.AdmissionCancelled()
            | facts.DischargeCancelled()
            | facts.EmergencyArrived()
            | facts.EmergencyDeparted()
            | facts.EncounterUpdated()
        ):
            evolve_stays.note_stay(state, event)
        case _:
            return _evolve_rest(state, event)
    return True


RestOfFacts = (
    evolve_person.PersonFact
    | facts.ConditionRecorded
    | facts.FeedWentSilent
    | facts.FeedResumed
    | facts.PatientMerged
    | facts.PatientAbsorbed
    | facts.PatientSeparated
    | facts.PatientStateHandedOver
    | facts.ConsentChanged
    | facts.LabResulted
    | facts.LabAcknowledged
    | facts.AssessmentCompleted
    | facts.AppointmentBooked
    | facts.AppointmentFulfilled
    | facts.AppointmentNoShow
    | facts.AppointmentCancelled
    | facts.MedicationsReconciled
    | facts.MedicationDispensed
    | facts.ReferralOrdered
    | facts.ReferralReportReceived
    | facts.SurveyAnswered
    | facts.PatientUnmerged
    | facts.CoverageChanged
    | facts.MedicationOrdered
    | facts.DocumentReceived
    | facts.CarePlanUpdated
    | facts.AssessmentRetracted
    | facts.LabRetracted
    | facts.ResultPending
    | facts.SymptomsReported
    | facts.CareTaskChanged
    | facts.GoalStated
    | facts.ReferralClosed
    | facts.ServiceRecorded
    | facts.CaregiverNamed
    | facts.FlagChanged
    | facts.HighNeedsAssessed
    | facts.LeavePlanned
    | facts.StandInNamed
)


def _evolve_rest(state: PatientState, event: RestOfFacts) -> bool:
    """The person, the conditions, the feeds; and the facts that no rule reads yet, which change nothing."""
    match event:
        case (
            facts.PatientUpdated()
            | facts.PatientDeceased()
            | facts.HospiceElected()
            | facts.HomeStatusAssessed()
            | facts.CareTeamChanged()
            | facts.AlignmentChanged()
        ):
            evolve_person.note_person(state.person, event)
        case facts.ConditionRecorded():
            evolve_person.note_condition(state, event.condition, event.said_at, active=event.active)
        case facts.FeedWentSilent() | facts.FeedResumed():
            evolve_care.note_feed(state, event)
        case _:
            return _unread(event)
    return True


def _unread(
    event: facts.PatientMerged  # who is who is heard before this, in kinship.py
    | facts.PatientAbsorbed
    | facts.PatientSeparated
    | facts.PatientStateHandedOver
    | facts.ConsentChanged
    | facts.LabResulted
    | facts.LabAcknowledged
    | facts.AssessmentCompleted
    | facts.AppointmentBooked
    | facts.AppointmentFulfilled
    | facts.AppointmentNoShow
    | facts.AppointmentCancelled
    | facts.MedicationsReconciled
    | facts.MedicationDispensed
    | facts.ReferralOrdered
    | facts.ReferralReportReceived
    | facts.SurveyAnswered
    | facts.PatientUnmerged
    | facts.CoverageChanged
    | facts.MedicationOrdered
    | facts.DocumentReceived
    | facts.CarePlanUpdated
    | facts.AssessmentRetracted
    | facts.LabRetracted
    | facts.ResultPending
    | facts.SymptomsReported
    | facts.CareTaskChanged
    | facts.GoalStated
    | facts.ReferralClosed
    | facts.ServiceRecorded
    | facts.CaregiverNamed
    | facts.FlagChanged
    | facts.HighNeedsAssessed
    | facts.LeavePlanned
    | facts.StandInNamed,
) -> bool:
    """A fact that no rule reads yet is taken note of by saying so here; a new kind of fact breaks the type check."""
    match event:
        case (
            facts.PatientMerged()
            | facts.PatientAbsorbed()
            | facts.PatientSeparated()
            | facts.PatientStateHandedOver()
            | facts.ConsentChanged()
            | facts.LabResulted()
            | facts.LabAcknowledged()
            | facts.AssessmentCompleted()
            | facts.SurveyAnswered()
            | facts.MedicationsReconciled()
            | facts.MedicationDispensed()
            | facts.ReferralOrdered()
            | facts.ReferralReportReceived()
            | facts.AppointmentBooked()
            | facts.AppointmentFulfilled()
            | facts.AppointmentNoShow()
            | facts.AppointmentCancelled()
            | facts.PatientUnmerged()
            | facts.CoverageChanged()
            | facts.CarePlanUpdated()
            | facts.MedicationOrdered()
            | facts.DocumentReceived()
            | facts.AssessmentRetracted()
            | facts.LabRetracted()
            | facts.ResultPending()
            | facts.SymptomsReported()
            | facts.CareTaskChanged()
            | facts.GoalStated()
            | facts.ReferralClosed()
            | facts.ServiceRecorded()
            | facts.CaregiverNamed()
            | facts.FlagChanged()
            | facts.HighNeedsAssessed()
            | facts.LeavePlanned()
            | facts.StandInNamed()
        ):
            return False
        case _:
            assert_never(event)


def forget_old(state: PatientState, today: datetime) -> None:
    """Drop what lies beyond its window, so that a patient's state stays small however long they are with us."""
    oldest_visit, oldest_delivered = seconds_of(today - VISITS_KEPT), seconds_of(today - DELIVERED_VISITS_KEPT)
    for visit_id, visit in list(state.visits.items()):
        if visit.plan.start < (oldest_delivered if visit.delivered else oldest_visit):
            del state.visits[visit_id]
    oldest = today - CONTACTS_KEPT
    for contact_id in [key for key, contact in state.contacts.items() if contact.at < oldest]:
        del state.contacts[contact_id]
    oldest = today - STAYS_KEPT
    for encounter_id, stay in list(state.encounters.items()):
        touched = stay.last_touched()
        if touched is None or touched < oldest:
            del state.encounters[encounter_id]
