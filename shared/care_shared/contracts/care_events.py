"""The facts: what hospitals, devices, visit vendors and our own people tell us about a patient, in the past tense."""

from typing import Annotated

from pydantic import Field, TypeAdapter

from care_shared.contracts.envelope import CareEvent
from care_shared.contracts.facts.feeds import (
    FeedResumed,
    FeedWentSilent,
)
from care_shared.contracts.facts.home_visits import (
    VisitCancelled,
    VisitDelivered,
    VisitMissed,
    VisitScheduled,
    VisitStarted,
)
from care_shared.contracts.facts.measurements import (
    AssessmentCompleted,
    LabAcknowledged,
    LabResulted,
    VitalSignRecorded,
    VitalSignRetracted,
)
from care_shared.contracts.facts.outreach import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentFulfilled,
    AppointmentNoShow,
    CarePlanUpdated,
    ContactLogged,
    ContactRetracted,
    DocumentReceived,
    MedicationDispensed,
    MedicationOrdered,
    MedicationsReconciled,
    ReferralOrdered,
    ReferralReportReceived,
    SurveyAnswered,
)
from care_shared.contracts.facts.person import (
    AlignmentChanged,
    CareTeamChanged,
    CodedConcept,
    ConditionRecorded,
    ConsentChanged,
    CoverageChanged,
    HomeStatusAssessed,
    HospiceElected,
    Identifier,
    PatientDeceased,
    PatientMerged,
    PatientUnmerged,
    PatientUpdated,
)
from care_shared.contracts.facts.stays import (
    AdmissionCancelled,
    DischargeCancelled,
    EmergencyArrived,
    EmergencyDeparted,
    EncounterUpdated,
    HospitalAdmitted,
    HospitalDischarged,
)

__all__ = [
    "CARE_EVENT",
    "AdmissionCancelled",
    "AlignmentChanged",
    "AnyCareEvent",
    "AppointmentBooked",
    "AppointmentCancelled",
    "AppointmentFulfilled",
    "AppointmentNoShow",
    "AssessmentCompleted",
    "CareEvent",
    "CarePlanUpdated",
    "CareTeamChanged",
    "CodedConcept",
    "ConditionRecorded",
    "ConsentChanged",
    "ContactLogged",
    "ContactRetracted",
    "CoverageChanged",
    "DischargeCancelled",
    "DocumentReceived",
    "EmergencyArrived",
    "EmergencyDeparted",
    "EncounterUpdated",
    "FeedResumed",
    "FeedWentSilent",
    "HomeStatusAssessed",
    "HospiceElected",
    "HospitalAdmitted",
    "HospitalDischarged",
    "Identifier",
    "LabAcknowledged",
    "LabResulted",
    "MedicationDispensed",
    "MedicationOrdered",
    "MedicationsReconciled",
    "PatientDeceased",
    "PatientMerged",
    "PatientUnmerged",
    "PatientUpdated",
    "ReferralOrdered",
    "ReferralReportReceived",
    "SurveyAnswered",
    "VisitCancelled",
    "VisitDelivered",
    "VisitMissed",
    "VisitScheduled",
    "VisitStarted",
    "VitalSignRecorded",
    "VitalSignRetracted",
    "decode_event",
    "encode_event",
]

AnyCareEvent = Annotated[
    PatientUpdated
    | PatientMerged
    | PatientUnmerged
    | CoverageChanged
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
    | MedicationOrdered
    | DocumentReceived
    | CarePlanUpdated
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
