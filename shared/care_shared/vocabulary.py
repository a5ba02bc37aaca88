"""The glossary in code: every id, state and reason that two services must spell the same way."""

from enum import StrEnum
from typing import NewType

PatientId = NewType("PatientId", str)
EventId = NewType("EventId", str)
GapId = NewType("GapId", str)
EncounterId = NewType("EncounterId", str)
VisitId = NewType("VisitId", str)
ObservationId = NewType("ObservationId", str)
ContactId = NewType("ContactId", str)
PersonId = NewType("PersonId", str)
OrganizationId = NewType("OrganizationId", str)
SourceId = NewType("SourceId", str)


class EncounterClass(StrEnum):
    """The kind of stay, FHIR v3-ActCode in plain words (HL7 v2 PV1-2 is mapped by intake)."""

    INPATIENT = "inpatient"
    OBSERVATION = "observation"
    EMERGENCY = "emergency"
    AMBULATORY = "ambulatory"
    HOME_HEALTH = "home-health"
    SKILLED_NURSING = "skilled-nursing"
    REHABILITATION = "rehabilitation"
    LONG_TERM_ACUTE = "long-term-acute"
    PSYCHIATRIC = "psychiatric"
    PRE_ADMISSION = "pre-admission"
    UNKNOWN = "unknown"


class Disposition(StrEnum):
    """Where the patient went, UB-04 discharge status grouped by what it means for follow-up (clinical.md 1.1)."""

    HOME = "home"
    HOME_HEALTH = "home-health"
    OTHER_HOSPITAL = "other-hospital"
    SKILLED_NURSING = "skilled-nursing"
    REHABILITATION = "rehabilitation"
    LONG_TERM_ACUTE = "long-term-acute"
    PSYCHIATRIC = "psychiatric"
    LEFT_AGAINST_ADVICE = "left-against-advice"
    EXPIRED = "expired"
    HOSPICE = "hospice"
    OTHER = "other"
    UNKNOWN = "unknown"


class AdmissionType(StrEnum):
    """How urgent the admission was (PV1-4, FHIR Encounter.priority)."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    ELECTIVE = "elective"
    UNKNOWN = "unknown"


class VitalSign(StrEnum):
    """Vital signs by their canonical LOINC code; the unit of each is fixed by `CANONICAL_UNIT`."""

    BODY_WEIGHT = "29463-7"
    SYSTOLIC = "8480-6"
    DIASTOLIC = "8462-4"
    HEART_RATE = "8867-4"
    OXYGEN_SATURATION = "59408-5"
    RESPIRATORY_RATE = "9279-1"
    BODY_TEMPERATURE = "8310-5"
    GLUCOSE = "2339-0"
    INHALED_OXYGEN_FLOW = "3151-8"
    INHALED_OXYGEN = "3150-6"
    PEAK_FLOW = "19935-6"
    BODY_HEIGHT = "8302-2"


CANONICAL_UNIT: dict[VitalSign, str] = {
    VitalSign.BODY_WEIGHT: "kg",
    VitalSign.SYSTOLIC: "mm[Hg]",
    VitalSign.DIASTOLIC: "mm[Hg]",
    VitalSign.HEART_RATE: "/min",
    VitalSign.OXYGEN_SATURATION: "%",
    VitalSign.RESPIRATORY_RATE: "/min",
    VitalSign.BODY_TEMPERATURE: "Cel",
    VitalSign.GLUCOSE: "mg/dL",
    VitalSign.INHALED_OXYGEN_FLOW: "L/min",
    VitalSign.INHALED_OXYGEN: "%",
    VitalSign.PEAK_FLOW: "L/min",
    VitalSign.BODY_HEIGHT: "cm",
}


class MeasurementSlot(StrEnum):
    """The part of the day a reading belongs to; mixing slots fakes or hides trends (clinical.md 3.4)."""

    FASTING = "fasting"
    PRE_MEAL = "pre-meal"
    POST_MEAL = "post-meal"
    BEDTIME = "bedtime"
    MORNING = "morning"
    EVENING = "evening"
    ANY = "any"


class Symptom(StrEnum):
    """Symptoms that rules read (clinical.md 3.2)."""

    DYSPNOEA = "dyspnoea"
    ORTHOPNOEA = "orthopnoea"
    SWELLING = "swelling"
    DIZZINESS = "dizziness"
    SYNCOPE = "syncope"
    CHEST_PAIN = "chest-pain"
    PALPITATIONS = "palpitations"
    NEUROLOGICAL = "neurological"
    VISION = "vision"
    VOMITING = "vomiting"
    NOT_EATING = "not-eating"
    KETONES = "ketones"
    UNRESPONSIVE = "unresponsive"
    CONFUSION = "confusion"


class ReferralEnd(StrEnum):
    """Why a referral is closed without a report."""

    DECLINED = "declined"
    REVOKED = "revoked"
    ENTERED_IN_ERROR = "entered-in-error"
    COMPLETED = "completed"


class Beyond(StrEnum):
    """A meter that shows HI or LO instead of a number: the true value lies beyond the one that is kept."""

    NOT = ""
    HIGH = "HI"
    LOW = "LO"


class DocumentSection(StrEnum):
    """What a discharge summary must hold to count as received (HEDIS TRC, clinical.md 1.3)."""

    PRACTITIONER = "practitioner"
    PROCEDURES = "procedures"
    DIAGNOSES = "diagnoses"
    MEDICATIONS = "medications"
    ALLERGIES = "allergies"
    RESULTS = "results"
    INSTRUCTIONS = "instructions"


class ReadingQuality(StrEnum):
    """Whether a reading may be judged; anything but VALID is kept, shown, and never scored."""

    VALID = "valid"
    ARTIFACT = "artifact"
    UNIT_SUSPECT = "unit-suspect"


class Discipline(StrEnum):
    """Who visits the home."""

    AIDE = "aide"
    SKILLED_NURSING = "skilled-nursing"
    PHYSICAL_THERAPY = "physical-therapy"
    OCCUPATIONAL_THERAPY = "occupational-therapy"
    SPEECH_THERAPY = "speech-therapy"
    SOCIAL_WORK = "social-work"
    OTHER = "other"


class MissedVisitReason(StrEnum):
    """Canonical reasons that the three EVV dialects map to (clinical.md 4.2)."""

    AGENCY_NO_SHOW = "agency-no-show"
    PATIENT_REFUSED = "patient-refused"
    NO_ANSWER = "no-answer"
    NOT_HOME = "not-home"
    HOSPITALISED = "hospitalised"
    DECEASED = "deceased"
    SERVICE_ENDED = "service-ended"
    SUSPENDED = "suspended"
    RESCHEDULED = "rescheduled"
    WEATHER_UNSAFE = "weather-unsafe"
    DOCUMENTATION_ONLY = "documentation-only"
    UNKNOWN = "unknown"


class ContactOutcome(StrEnum):
    """How an outreach ended."""

    REACHED = "reached"
    LEFT_MESSAGE = "left-message"
    NO_ANSWER = "no-answer"
    WRONG_NUMBER = "wrong-number"
    DECLINED = "declined"


class ContactChannel(StrEnum):
    """How the outreach was made. A text message is one-way and never counts as contact (TCM)."""

    PHONE = "phone"
    VIDEO = "video"
    IN_PERSON = "in-person"
    PORTAL = "portal"
    TEXT_MESSAGE = "text-message"


class ContactParty(StrEnum):
    """Who was reached; patient or caregiver both satisfy TCM contact."""

    PATIENT = "patient"
    CAREGIVER = "caregiver"
    OTHER = "other"


class ContactPurpose(StrEnum):
    """A call that only schedules is not the interactive contact TCM asks for."""

    CARE = "care"
    SCHEDULING_ONLY = "scheduling-only"


class Tier(StrEnum):
    """How soon somebody must acknowledge: P1 30 min, P2 same business day, P3 2 business days, P4 digest."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"


class Severity(StrEnum):
    """How grave for the patient (FHIR DetectedIssue.severity)."""

    HIGH = "high"
    MODERATE = "moderate"
    LOW = "low"


class AlertChange(StrEnum):
    """What happened to a care gap; every alert message carries exactly one."""

    OPENED = "opened"
    UPDATED = "updated"
    ESCALATED = "escalated"
    REOPENED = "reopened"
    CLOSED = "closed"


class CloseReason(StrEnum):
    """Why a care gap is no longer open."""

    EVIDENCE = "evidence"
    LATE_EVIDENCE = "late_evidence"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


class Role(StrEnum):
    """Who an alert is for, as what people work here; notifications turns a role into a person."""

    CARE_MANAGER = "care-manager"
    NURSE = "nurse"
    AGENCY = "home-health-agency"
    SUPERVISOR = "supervisor"
    INTERFACE_ANALYST = "interface-analyst"  # looks after feeds and messages; no alert is for this role


class ActivityKind(StrEnum):
    """What people and channels did with an alert."""

    DELIVERED = "delivered"
    DELIVERY_FAILED = "delivery-failed"
    ACKNOWLEDGED = "acknowledged"
    CONTACT_LOGGED = "contact-logged"
    ESCALATED = "escalated"
    CLOSED = "closed"
    OPENED = "opened"
    UPDATED = "updated"
    STARTED = "started"
    SNOOZED = "snoozed"
    WOKEN = "woken"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    HANDED_OVER = "handed-over"
    ACKNOWLEDGEMENT_TIMED_OUT = "acknowledgement-timed-out"
    VISIT_BOOKED = "visit-booked"
    MEDICINES_RECONCILED = "medicines-reconciled"
    STEP_TAKEN = "step-taken"
    RATED = "rated"
    PARTNER_RECEIVED = "partner-received"
    PARTNER_ACCEPTED = "partner-accepted"
    PARTNER_DECLINED = "partner-declined"
    PARTNER_STARTED = "partner-started"
    PARTNER_COMPLETED = "partner-completed"
    PARTNER_FAILED = "partner-failed"
    PARTNER_SILENT = "partner-silent"
    ESCALATION_ASKED = "escalation-asked"
    GIVEN_BACK = "given-back"


class SensitivityLabel(StrEnum):
    """Labels that travel with a fact and everything derived from it (clinical.md 8.6, 8.7)."""

    SUBSTANCE_USE = "ETH"
    PSYCHIATRIC = "PSY"
    HIV = "HIV"
    PART_2 = "42CFRPart2"
    VERY_RESTRICTED = "V"
