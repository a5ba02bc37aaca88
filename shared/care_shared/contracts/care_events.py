"""The facts: what hospitals, devices, visit vendors and our own people tell us about a patient, in the past tense."""

from typing import Annotated

from pydantic import Field, TypeAdapter

from care_shared.contracts.envelope import CareEvent
from care_shared.contracts.facts.acts import (
    AlertOutcomeStated,
    AlertRated,
    CheckInUnanswered,
    NextStepTaken,
)
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
from care_shared.contracts.facts.identity import (
    PatientAbsorbed,
    PatientSeparated,
    PatientStateHandedOver,
)
from care_shared.contracts.facts.measurements import (
    AssessmentCompleted,
    AssessmentRetracted,
    LabAcknowledged,
    LabResulted,
    LabRetracted,
    ResultPending,
    SymptomsReported,
    VitalSignRecorded,
    VitalSignRetracted,
)
from care_shared.contracts.facts.outreach import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentFulfilled,
    AppointmentNoShow,
    CarePlanUpdated,
    CareTaskChanged,
    ContactLogged,
    ContactRetracted,
    DocumentReceived,
    FollowUpRecommended,
    GoalStated,
    MedicationDispensed,
    MedicationOrdered,
    MedicationsReconciled,
    ReferralClosed,
    ReferralOrdered,
    ReferralReportReceived,
    ServiceRecorded,
    SurveyAnswered,
)
from care_shared.contracts.facts.person import (
    AlignmentChanged,
    CaregiverNamed,
    CareTeamChanged,
    CodedConcept,
    ConditionRecorded,
    ConsentChanged,
    CoverageChanged,
    FlagChanged,
    HighNeedsAssessed,
    HomeStatusAssessed,
    HospiceElected,
    Identifier,
    LeavePlanned,
    PatientDeceased,
    PatientMerged,
    PatientUnmerged,
    PatientUpdated,
    StandInNamed,
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
    "AlertOutcomeStated",
    "AlertRated",
    "AlignmentChanged",
    "AnyCareEvent",
    "AppointmentBooked",
    "AppointmentCancelled",
    "AppointmentFulfilled",
    "AppointmentNoShow",
    "AssessmentCompleted",
    "AssessmentRetracted",
    "CareEvent",
    "CarePlanUpdated",
    "CareTaskChanged",
    "CareTeamChanged",
    "CaregiverNamed",
    "CheckInUnanswered",
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
    "FlagChanged",
    "FollowUpRecommended",
    "GoalStated",
    "HighNeedsAssessed",
    "HomeStatusAssessed",
    "HospiceElected",
    "HospitalAdmitted",
    "HospitalDischarged",
    "Identifier",
    "LabAcknowledged",
    "LabResulted",
    "LabRetracted",
    "LeavePlanned",
    "MedicationDispensed",
    "MedicationOrdered",
    "MedicationsReconciled",
    "NextStepTaken",
    "PatientAbsorbed",
    "PatientDeceased",
    "PatientMerged",
    "PatientSeparated",
    "PatientStateHandedOver",
    "PatientUnmerged",
    "PatientUpdated",
    "ReferralClosed",
    "ReferralOrdered",
    "ReferralReportReceived",
    "ResultPending",
    "ServiceRecorded",
    "StandInNamed",
    "SurveyAnswered",
    "SymptomsReported",
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
    | PatientAbsorbed
    | PatientSeparated
    | PatientStateHandedOver
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
    | AssessmentRetracted
    | LabRetracted
    | ResultPending
    | SymptomsReported
    | CareTaskChanged
    | GoalStated
    | FollowUpRecommended
    | ReferralClosed
    | ServiceRecorded
    | CaregiverNamed
    | FlagChanged
    | HighNeedsAssessed
    | LeavePlanned
    | StandInNamed
    | FeedWentSilent
    | FeedResumed
    | AlertOutcomeStated
    | AlertRated
    | NextStepTaken
    | CheckInUnanswered,
    Field(discriminator="type"),
]

CARE_EVENT: TypeAdapter[AnyCareEvent] = TypeAdapter(AnyCareEvent)


def encode_event(event: CareEvent) -> bytes:
    """The JSON that travels on `care.events.v1`; absent fields are left out."""
    return event.model_dump_json(exclude_none=True).encode()


def decode_event(value: bytes) -> AnyCareEvent:
    """The fact in a Kafka value. Raises pydantic.ValidationError; callers turn it into a dead letter."""
    return CARE_EVENT.validate_json(value)
