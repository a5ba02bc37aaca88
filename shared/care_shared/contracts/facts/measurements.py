"""Facts that were measured or asked: vital signs, laboratory results, questionnaires."""

from typing import Literal

from pydantic import Field

from care_shared.contracts.envelope import CareEvent, NonEmpty
from care_shared.contracts.facts.person import CodedConcept
from care_shared.vocabulary import (
    Beyond,
    ContactParty,
    EncounterId,
    MeasurementSlot,
    ObservationId,
    PersonId,
    ReadingQuality,
    Symptom,
    VitalSign,
)


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
    beyond: Beyond = Field(default=Beyond.NOT, description="HI or LO of a meter; `value` is then the meter's limit")


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
    order_id: str = ""


class LabRetracted(CareEvent):
    """A result was reported by mistake."""

    type: Literal["lab-retracted"] = "lab-retracted"
    observation_id: ObservationId


class ResultPending(CareEvent):
    """A test was done or ordered and its result is still to come."""

    type: Literal["result-pending"] = "result-pending"
    order_id: NonEmpty
    test: CodedConcept
    encounter_id: EncounterId | None = None


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
    assessment_id: str = Field(default="", description="the source's number of this form; corrections repeat it")


class AssessmentRetracted(CareEvent):
    """A questionnaire was entered by mistake."""

    type: Literal["assessment-retracted"] = "assessment-retracted"
    assessment_id: NonEmpty


class SymptomsReported(CareEvent):
    """Which symptoms the patient or caregiver says are there, and which are not."""

    type: Literal["symptoms-reported"] = "symptoms-reported"
    symptoms: dict[Symptom, bool]
    reported_by: ContactParty = ContactParty.PATIENT
