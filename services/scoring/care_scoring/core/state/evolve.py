"""The only place where facts become belief: each kind of fact goes to the noun it speaks of."""

from typing import assert_never

from care_scoring.core.state import (
    evolve_answers,
    evolve_care,
    evolve_circle,
    evolve_conditions,
    evolve_labs,
    evolve_medicines,
    evolve_person,
    evolve_plans,
    evolve_referrals,
    evolve_stays,
)
from care_scoring.core.state.patient import PatientState
from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent


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
    | evolve_circle.CircleFact
    | evolve_plans.PlanFact
    | evolve_medicines.MedicineFact
    | evolve_labs.LabFact
    | evolve_answers.AnswerFact
    | evolve_referrals.ReferralFact
    | evolve_referrals.AppointmentFact
    | facts.DocumentReceived
    | facts.ConditionRecorded
    | facts.FeedWentSilent
    | facts.FeedResumed
    | facts.PatientMerged
    | facts.PatientAbsorbed
    | facts.PatientSeparated
    | facts.PatientStateHandedOver
    | facts.PatientUnmerged
    | facts.AlertOutcomeStated
    | facts.AlertRated
    | facts.NextStepTaken
    | facts.CheckInUnanswered
)


def _evolve_rest(state: PatientState, event: RestOfFacts) -> bool:
    """The person and the people around, the plans, the feeds; the clinical record goes on to the next."""
    match event:
        case (
            facts.PatientUpdated()
            | facts.PatientDeceased()
            | facts.HospiceElected()
            | facts.HomeStatusAssessed()
            | facts.HighNeedsAssessed()
            | facts.CareTeamChanged()
            | facts.AlignmentChanged()
        ):
            evolve_person.note_person(state.person, event)
        case facts.CoverageChanged() | facts.ConsentChanged() | facts.StandInNamed() | facts.CaregiverNamed():
            evolve_circle.note_circle(state, event)
        case (
            facts.CarePlanUpdated()
            | facts.GoalStated()
            | facts.CareTaskChanged()
            | facts.FlagChanged()
            | facts.LeavePlanned()
            | facts.FollowUpRecommended()
        ):
            evolve_plans.note_plan(state, event)
        case facts.FeedWentSilent() | facts.FeedResumed():
            evolve_care.note_feed(state, event)
        case (
            facts.PatientMerged()
            | facts.PatientUnmerged()
            | facts.PatientAbsorbed()
            | facts.PatientSeparated()
            | facts.PatientStateHandedOver()
        ):
            return False  # who is who changes no belief of one record; `kinship.py` joins the beliefs of several
        case (
            facts.AlertOutcomeStated() | facts.AlertRated() | facts.NextStepTaken() | facts.CheckInUnanswered()
        ):  # fmt: skip
            return False  # what was done about an alert is counted where it was done; what it changes comes as a fact
        case _:
            _evolve_record(state, event)
    return True


def _evolve_record(
    state: PatientState,
    event: evolve_medicines.MedicineFact
    | evolve_labs.LabFact
    | evolve_answers.AnswerFact
    | evolve_referrals.ReferralFact
    | evolve_referrals.AppointmentFact
    | facts.DocumentReceived
    | facts.ConditionRecorded,
) -> None:
    """The clinical record."""
    match event:
        case facts.ConditionRecorded():
            evolve_conditions.note_condition(state, event, event.condition, active=event.active)
        case facts.MedicationOrdered() | facts.MedicationDispensed() | facts.MedicationsReconciled():
            evolve_medicines.note_medicine(state, event)
        case facts.LabResulted() | facts.LabRetracted() | facts.LabAcknowledged() | facts.ResultPending():
            evolve_labs.note_lab(state, event)
        case (
            facts.AssessmentCompleted()
            | facts.AssessmentRetracted()
            | facts.SymptomsReported()
            | facts.SurveyAnswered()
            | facts.ServiceRecorded()
        ):
            evolve_answers.note_answer(state, event)
        case _:
            _evolve_follow_up(state, event)


def _evolve_follow_up(
    state: PatientState,
    event: evolve_referrals.ReferralFact | evolve_referrals.AppointmentFact | facts.DocumentReceived,
) -> None:
    """Who is to see the patient, and what came back."""
    match event:
        case facts.ReferralOrdered() | facts.ReferralClosed() | facts.ReferralReportReceived():
            evolve_referrals.note_referral(state, event)
        case (
            facts.AppointmentBooked()
            | facts.AppointmentFulfilled()
            | facts.AppointmentNoShow()
            | facts.AppointmentCancelled()
        ):
            evolve_referrals.note_appointment(state, event)
        case facts.DocumentReceived():
            evolve_referrals.note_document(state, event)
        case _:
            assert_never(event)
