"""Facts about reaching the patient: contacts, appointments, medicines, referrals, surveys, goals and tasks."""

from datetime import date
from typing import Literal

from pydantic import Field

from care_shared.contracts.envelope import CareEvent, NonEmpty, UtcDatetime
from care_shared.contracts.facts.person import CodedConcept
from care_shared.vocabulary import (
    ContactChannel,
    ContactId,
    ContactOutcome,
    ContactParty,
    ContactPurpose,
    DocumentSection,
    EncounterId,
    GapId,
    OrganizationId,
    PersonId,
    ReferralEnd,
)


class ContactLogged(CareEvent):
    """Somebody tried to reach the patient or caregiver, and how that ended. `occurred_at` is the attempt."""

    type: Literal["contact-logged"] = "contact-logged"
    contact_id: ContactId
    outcome: ContactOutcome
    channel: ContactChannel = ContactChannel.PHONE
    party: ContactParty = ContactParty.PATIENT
    purpose: ContactPurpose = ContactPurpose.CARE
    by: PersonId | None = None


class ContactRetracted(CareEvent):
    """A logged contact was a mistake."""

    type: Literal["contact-retracted"] = "contact-retracted"
    contact_id: ContactId


class _Appointment(CareEvent):
    """What every notice about one clinic appointment carries."""

    appointment_id: NonEmpty
    starts_at: UtcDatetime | None = None
    specialty: str = ""
    referral_id: str | None = None
    telehealth: bool = False


class AppointmentBooked(_Appointment):
    """An appointment is booked or moved."""

    type: Literal["appointment-booked"] = "appointment-booked"


class AppointmentFulfilled(_Appointment):
    """The patient was seen."""

    type: Literal["appointment-fulfilled"] = "appointment-fulfilled"


class AppointmentNoShow(_Appointment):
    """Somebody did not appear; `patient_absent` is None when the message does not say who."""

    type: Literal["appointment-no-show"] = "appointment-no-show"
    patient_absent: bool | None = None


class AppointmentCancelled(_Appointment):
    """The appointment was called off; `by_clinic` is None when the message does not say by whom."""

    type: Literal["appointment-cancelled"] = "appointment-cancelled"
    by_clinic: bool | None = None


class MedicationsReconciled(CareEvent):
    """The lists of medicines were compared and settled."""

    type: Literal["medications-reconciled"] = "medications-reconciled"
    by_role: str = ""


class MedicationOrdered(CareEvent):
    """A medicine was prescribed, changed or stopped."""

    type: Literal["medication-ordered"] = "medication-ordered"
    order_id: NonEmpty
    medication: CodedConcept
    active: bool = True
    encounter_id: EncounterId | None = Field(default=None, description="the stay it was prescribed at, if one is named")
    ends_on: date | None = Field(default=None, description="the last day of a course, such as a week of steroids")


class DocumentReceived(CareEvent):
    """A document about the patient arrived: a discharge summary, a consult report. Its text stays at intake."""

    type: Literal["document-received"] = "document-received"
    document_id: NonEmpty
    kind: NonEmpty = Field(description="discharge-summary, consult-report or other")
    encounter_id: EncounterId | None = None
    referral_id: str | None = None
    final: bool = True
    sections: tuple[DocumentSection, ...] | None = Field(
        default=None, description="what it holds, where somebody or something looked"
    )


class CarePlanUpdated(CareEvent):
    """The plan of care was written or revised."""

    type: Literal["care-plan-updated"] = "care-plan-updated"
    plan_id: NonEmpty
    active: bool = True


class MedicationDispensed(CareEvent):
    """A pharmacy handed out a medicine."""

    type: Literal["medication-dispensed"] = "medication-dispensed"
    medication: CodedConcept
    days_supply: int | None = None
    dispense_id: str = ""
    order_id: str = ""
    by_mail: bool = False
    entered_in_error: bool = False


class ReferralOrdered(CareEvent):
    """A service was asked for."""

    type: Literal["referral-ordered"] = "referral-ordered"
    referral_id: NonEmpty
    specialty: str = ""
    urgent: bool = False
    start_on: date | None = Field(default=None, description="the day on which the service is ordered to begin")


class ReferralClosed(CareEvent):
    """A referral needs no report any more: the patient declined, it was called off or entered by mistake."""

    type: Literal["referral-closed"] = "referral-closed"
    referral_id: NonEmpty
    reason: ReferralEnd


class ReferralReportReceived(CareEvent):
    """The consultant's report came back."""

    type: Literal["referral-report-received"] = "referral-report-received"
    referral_id: NonEmpty


class FollowUpRecommended(CareEvent):
    """A report recommends something: imaging in six months of what was found by chance, a repeated test."""

    type: Literal["follow-up-recommended"] = "follow-up-recommended"
    recommendation_id: NonEmpty
    service: CodedConcept | None = Field(default=None, description="what is recommended")
    due_on: date | None = Field(default=None, description="the day by which it is to be done, when one is named")
    referral_id: str | None = Field(default=None, description="the referral whose report recommends it")
    ended: ReferralEnd | None = Field(
        default=None, description="why nobody has to see to it any more: ordered or done, declined, revoked, a mistake"
    )


class SurveyAnswered(CareEvent):
    """The patient or caregiver answered a pulse survey."""

    type: Literal["survey-answered"] = "survey-answered"
    survey: NonEmpty
    answers: dict[str, int] = Field(default_factory=dict)


class ServiceRecorded(CareEvent):
    """A service that counts was given: a core service of a programme, a screening, an examination."""

    type: Literal["service-recorded"] = "service-recorded"
    service_id: NonEmpty
    service: CodedConcept
    entered_in_error: bool = False


class GoalStated(CareEvent):
    """What the patient and the team aim at; a numeric goal is a personal line for the rules of that measure."""

    type: Literal["goal-stated"] = "goal-stated"
    goal_id: NonEmpty
    goal: CodedConcept | None = None
    measure: CodedConcept | None = None
    low: float | None = Field(default=None, allow_inf_nan=False)
    high: float | None = Field(default=None, allow_inf_nan=False)
    unit: str = ""
    due_on: date | None = None
    active: bool = True


class CareTaskChanged(CareEvent):
    """Somebody's piece of work for this patient was asked for, taken, declined, done or dropped (FHIR Task)."""

    type: Literal["care-task-changed"] = "care-task-changed"
    task_id: NonEmpty
    status: NonEmpty = Field(description="FHIR task-status: requested, accepted, rejected, in-progress, completed …")
    kind: CodedConcept | None = None
    owner: OrganizationId | None = None
    gap_id: GapId | None = Field(default=None, description="the care gap that the work answers, when it names one")
    due_at: UtcDatetime | None = None
    recommendation_id: str | None = Field(default=None, description="the recommendation that the work sees to")
