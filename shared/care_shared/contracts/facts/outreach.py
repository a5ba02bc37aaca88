"""Facts about reaching the patient: contacts, appointments, medicines, referrals, surveys."""

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
    EncounterId,
    PersonId,
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
    """The appointment was called off."""

    type: Literal["appointment-cancelled"] = "appointment-cancelled"


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


class DocumentReceived(CareEvent):
    """A document about the patient arrived: a discharge summary, a consult report. Its text stays at intake."""

    type: Literal["document-received"] = "document-received"
    document_id: NonEmpty
    kind: NonEmpty = Field(description="discharge-summary, consult-report or other")
    encounter_id: EncounterId | None = None
    referral_id: str | None = None
    final: bool = True


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


class ReferralOrdered(CareEvent):
    """A service was asked for."""

    type: Literal["referral-ordered"] = "referral-ordered"
    referral_id: NonEmpty
    specialty: str = ""
    urgent: bool = False


class ReferralReportReceived(CareEvent):
    """The consultant's report came back."""

    type: Literal["referral-report-received"] = "referral-report-received"
    referral_id: NonEmpty


class SurveyAnswered(CareEvent):
    """The patient or caregiver answered a pulse survey."""

    type: Literal["survey-answered"] = "survey-answered"
    survey: NonEmpty
    answers: dict[str, int] = Field(default_factory=dict)
