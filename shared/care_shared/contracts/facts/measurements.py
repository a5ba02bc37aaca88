"""Facts that were measured or asked: vital signs, laboratory results, questionnaires."""

from typing import Literal

from pydantic import Field

from care_shared.contracts.envelope import CareEvent, NonEmpty
from care_shared.contracts.facts.person import CodedConcept
from care_shared.vocabulary import MeasurementSlot, ObservationId, PersonId, ReadingQuality, VitalSign


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
