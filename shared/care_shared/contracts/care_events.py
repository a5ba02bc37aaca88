"""The facts: what hospitals, devices, visit vendors and our own people tell us about a patient, in the past tense."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from care_shared.contracts.envelope import CareEvent, Contract, NonEmpty, UtcDatetime
from care_shared.vocabulary import (
    AdmissionType,
    ContactChannel,
    ContactId,
    ContactOutcome,
    ContactParty,
    ContactPurpose,
    Discipline,
    Disposition,
    EncounterClass,
    EncounterId,
    MeasurementSlot,
    MissedVisitReason,
    ObservationId,
    OrganizationId,
    PatientId,
    PersonId,
    ReadingQuality,
    SourceId,
    VisitId,
    VitalSign,
)


class CodedConcept(Contract):
    """A code in its system, as the source sent it. Systems are URIs; text is optional and never shown to partners."""

    system: str = ""
    code: NonEmpty
    display: str = ""


class Identifier(Contract):
    """An id somebody else issued: assigning authority, type (MR, MC, MA …) and value."""

    authority: NonEmpty
    type: str = ""
    value: NonEmpty


# ---------------------------------------------------------------- the person


class PatientUpdated(CareEvent):
    """Demographics as a source states them. Absent fields say nothing; they do not erase."""

    type: Literal["patient-updated"] = "patient-updated"
    identifiers: tuple[Identifier, ...] = ()
    family_name: str | None = None
    given_name: str | None = None
    birth_date: date | None = None
    sex: str | None = None
    phone: str | None = None
    home_zone: str | None = Field(default=None, description="IANA zone of the patient's home; deadlines end there")
    language: str | None = None
    lives_alone: bool | None = None


class PatientMerged(CareEvent):
    """Two records are one person; `patient_id` survives."""

    type: Literal["patient-merged"] = "patient-merged"
    absorbed_patient_id: PatientId


class PatientDeceased(CareEvent):
    """The patient died; every clock stops."""

    type: Literal["patient-deceased"] = "patient-deceased"


class HospiceElected(CareEvent):
    """The patient chose hospice care."""

    type: Literal["hospice-elected"] = "hospice-elected"


class HomeStatusAssessed(CareEvent):
    """A person assessed whether the patient is homebound (never computed from one event, clinical.md 1.9)."""

    type: Literal["home-status-assessed"] = "home-status-assessed"
    homebound: bool
    lives_alone: bool | None = None
    assessor: str = ""
    evidence: str = ""


class ConditionRecorded(CareEvent):
    """A diagnosis on the problem list or on a claim."""

    type: Literal["condition-recorded"] = "condition-recorded"
    condition: CodedConcept
    active: bool = True


class CareTeamChanged(CareEvent):
    """Who answers for this patient from now on."""

    type: Literal["care-team-changed"] = "care-team-changed"
    lead_care_manager: PersonId | None = None
    backup: PersonId | None = None
    agency: OrganizationId | None = None


class AlignmentChanged(CareEvent):
    """The patient is aligned to an organisation and programme for a period (LEAD, Health Home …)."""

    type: Literal["alignment-changed"] = "alignment-changed"
    organization: OrganizationId
    programme: NonEmpty
    starts_on: date
    ends_on: date | None = None


class ConsentChanged(CareEvent):
    """The patient allowed or refused a disclosure, or revoked an earlier answer."""

    type: Literal["consent-changed"] = "consent-changed"
    scope: NonEmpty
    permitted: bool
    recipient: OrganizationId | None = None
    expires_at: UtcDatetime | None = None


# ---------------------------------------------------------------- stays


class _Stay(CareEvent):
    """What every notice about one hospital stay carries."""

    encounter_id: EncounterId
    encounter_class: EncounterClass = EncounterClass.UNKNOWN
    facility: str = ""
    facility_zone: str = Field(
        default="UTC", description="IANA zone of the facility; the date D of a discharge is local there"
    )
    admission_type: AdmissionType = AdmissionType.UNKNOWN
    diagnoses: tuple[CodedConcept, ...] = ()


class HospitalAdmitted(_Stay):
    """An inpatient (or observation, nursing-facility …) stay began. `occurred_at` is the admission."""

    type: Literal["hospital-admitted"] = "hospital-admitted"


class HospitalDischarged(_Stay):
    """The stay ended. `occurred_at` is the discharge; `admitted_at` is known when the message says so."""

    type: Literal["hospital-discharged"] = "hospital-discharged"
    disposition: Disposition = Disposition.UNKNOWN
    admitted_at: UtcDatetime | None = None


class AdmissionCancelled(CareEvent):
    """The admission never happened (A11)."""

    type: Literal["admission-cancelled"] = "admission-cancelled"
    encounter_id: EncounterId


class DischargeCancelled(CareEvent):
    """The discharge was withdrawn; the patient is still in the stay (A13)."""

    type: Literal["discharge-cancelled"] = "discharge-cancelled"
    encounter_id: EncounterId


class EmergencyArrived(_Stay):
    """The patient registered in an emergency department (A04 with class E)."""

    type: Literal["emergency-arrived"] = "emergency-arrived"


class EmergencyDeparted(_Stay):
    """The emergency visit ended."""

    type: Literal["emergency-departed"] = "emergency-departed"
    disposition: Disposition = Disposition.UNKNOWN


class EncounterUpdated(_Stay):
    """More became known about a stay (A08): class, diagnoses, disposition."""

    type: Literal["encounter-updated"] = "encounter-updated"
    disposition: Disposition | None = None


# ---------------------------------------------------------------- home visits


class _Visit(CareEvent):
    """What every notice about one home visit carries. Notices may arrive in any order, so each names the plan."""

    visit_id: VisitId
    discipline: Discipline = Discipline.OTHER
    service: str = ""
    agency: OrganizationId | None = None
    scheduled_start: UtcDatetime
    scheduled_end: UtcDatetime
    critical: bool = False


class VisitScheduled(_Visit):
    """A visit is planned."""

    type: Literal["visit-scheduled"] = "visit-scheduled"


class VisitStarted(_Visit):
    """The visitor clocked in."""

    type: Literal["visit-started"] = "visit-started"


class VisitDelivered(_Visit):
    """The visit took place: EVV, a signed timesheet or a manual correction proves it."""

    type: Literal["visit-delivered"] = "visit-delivered"
    started_at: UtcDatetime | None = None
    ended_at: UtcDatetime | None = None
    proof: str = "evv"


class VisitMissed(_Visit):
    """The agency says that the visit did not take place, and why."""

    type: Literal["visit-missed"] = "visit-missed"
    reason: MissedVisitReason
    source_code: str = ""
    replacement_start: UtcDatetime | None = None


class VisitCancelled(_Visit):
    """The visit was called off before it was due."""

    type: Literal["visit-cancelled"] = "visit-cancelled"
    by_patient: bool = False


# ---------------------------------------------------------------- measurements


class VitalSignRecorded(CareEvent):
    """One measured value in its canonical unit. `occurred_at` is the moment of measurement.

    A blood pressure arrives as two facts with the same `panel`: both are there or neither is.
    """

    type: Literal["vital-sign-recorded"] = "vital-sign-recorded"
    observation_id: ObservationId
    code: VitalSign
    value: float = Field(allow_inf_nan=False)
    slot: MeasurementSlot = MeasurementSlot.ANY
    quality: ReadingQuality = ReadingQuality.VALID
    device_id: str = ""
    automatic: bool = True
    panel: str | None = None


class VitalSignRetracted(CareEvent):
    """A reading was entered in error."""

    type: Literal["vital-sign-retracted"] = "vital-sign-retracted"
    observation_id: ObservationId
    code: VitalSign


class LabResulted(CareEvent):
    """A laboratory result, final or corrected."""

    type: Literal["lab-resulted"] = "lab-resulted"
    observation_id: ObservationId
    test: CodedConcept
    value: float | None = Field(default=None, allow_inf_nan=False)
    text: str = ""
    unit: str = ""
    abnormal_flag: str = ""
    corrected: bool = False


class LabAcknowledged(CareEvent):
    """A clinician took note of a result."""

    type: Literal["lab-acknowledged"] = "lab-acknowledged"
    observation_id: ObservationId
    by: PersonId


class AssessmentCompleted(CareEvent):
    """A questionnaire with its item scores (PHQ-9, Zarit, AHC-HRSN …)."""

    type: Literal["assessment-completed"] = "assessment-completed"
    instrument: NonEmpty
    items: dict[str, int] = Field(default_factory=dict)
    total: int | None = None


# ---------------------------------------------------------------- outreach, appointments, medicines, referrals


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


# ---------------------------------------------------------------- feeds


class FeedWentSilent(CareEvent):
    """A source stopped sending; silence of the patient must not be concluded from silence of the feed."""

    type: Literal["feed-went-silent"] = "feed-went-silent"
    feed: SourceId


class FeedResumed(CareEvent):
    """A silent source sends again."""

    type: Literal["feed-resumed"] = "feed-resumed"
    feed: SourceId


AnyCareEvent = Annotated[
    PatientUpdated
    | PatientMerged
    | PatientDeceased
    | HospiceElected
    | HomeStatusAssessed
    | ConditionRecorded
    | CareTeamChanged
    | AlignmentChanged
    | ConsentChanged
    | HospitalAdmitted
    | HospitalDischarged
    | AdmissionCancelled
    | DischargeCancelled
    | EmergencyArrived
    | EmergencyDeparted
    | EncounterUpdated
    | VisitScheduled
    | VisitStarted
    | VisitDelivered
    | VisitMissed
    | VisitCancelled
    | VitalSignRecorded
    | VitalSignRetracted
    | LabResulted
    | LabAcknowledged
    | AssessmentCompleted
    | ContactLogged
    | ContactRetracted
    | AppointmentBooked
    | AppointmentFulfilled
    | AppointmentNoShow
    | AppointmentCancelled
    | MedicationsReconciled
    | MedicationDispensed
    | ReferralOrdered
    | ReferralReportReceived
    | SurveyAnswered
    | FeedWentSilent
    | FeedResumed,
    Field(discriminator="type"),
]

CARE_EVENT: TypeAdapter[AnyCareEvent] = TypeAdapter(AnyCareEvent)


def encode_event(event: CareEvent) -> bytes:
    """The JSON that travels on `care.events.v1`; absent fields are left out."""
    return event.model_dump_json(exclude_none=True).encode()


def decode_event(value: bytes) -> AnyCareEvent:
    """The fact in a Kafka value. Raises pydantic.ValidationError; callers turn it into a dead letter."""
    return CARE_EVENT.validate_json(value)
