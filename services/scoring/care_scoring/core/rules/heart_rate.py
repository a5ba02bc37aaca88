"""A heart rate out of range is told: at rest, with symptoms, and at once when a repeat bears out that it is far out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from care_scoring.core.about import About
from care_scoring.core.reasons.monitoring import HeartRateReason
from care_scoring.core.settings.monitoring import HeartRateSettings, ThresholdAlertSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.vitals import THOUSANDTHS
from care_scoring.core.thresholding import (
    READINGS_AND_STAYS,
    WEIGHED,
    Card,
    Finding,
    Grade,
    Graded,
    Measured,
    has_symptom,
    hushed_inpatient,
    is_untold,
    readings_at_home,
    symptom_labels,
    verdicts_on,
)
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import Verdict
from care_shared.contracts.care_events import VitalSignRecorded
from care_shared.vocabulary import Symptom, Tier, VitalSign

RULE_ID = "HR-1"
SYMPTOMS = frozenset({Symptom.DYSPNOEA, Symptom.CHEST_PAIN, Symptom.DIZZINESS, Symptom.SYNCOPE, Symptom.PALPITATIONS})
NEXT_STEPS = {
    Tier.P1: "Call now: chest pain, faint, breathlessness; call 911 if there is any. Else the prescriber today.",
    Tier.P2: "Call today: symptoms, fever, fluids, missed rate-controlling medicines; ask for a reading at rest.",
    Tier.P3: "Call and ask for another reading after five minutes of rest.",
}
ABOUT = About(
    sentence="Heart rate above 110, with symptoms outside 50 to 100, is told, P2; outside 40 to 130 on repeat P1.",
    sources=("[C] BEAT-HF protocol: 40/110 and 50/100", "[C] NEWS2, three-point bands", "[D] repeat and hysteresis"),
    settings=(HeartRateSettings, ThresholdAlertSettings),
    weighs=WEIGHED,
    vectors=("HR-1",),
)


@dataclass(frozen=True, slots=True)
class HeartRate:
    """HR-1: one card per run of readings out of range."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = VitalSign.HEART_RATE.value
    key: str = RULE_ID
    reads: frozenset[type] = READINGS_AND_STAYS
    about: About = ABOUT

    def stays_quiet(self, state: PatientState, event: VitalSignRecorded, thresholds: Thresholds) -> bool:
        """In range, and nothing open or awaited."""
        limits = thresholds.of(HeartRateSettings)
        low, high = (
            (limits.low_with_symptoms, limits.high_with_symptoms)
            if state.symptoms
            else (limits.very_low, min(limits.high, limits.very_high))
        )
        return low <= event.value <= high and is_untold(state, RULE_ID)

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One verdict on the last run."""
        series = state.vitals.get(VitalSign.HEART_RATE)
        if series is None:
            return
        away = hushed_inpatient(state, RULE_ID, now)
        if away is not None:
            yield from away
            return
        limits, shared = thresholds.of(HeartRateSettings), thresholds.of(ThresholdAlertSettings)
        readings = readings_at_home(state, series)
        grades = [_grade(state, one, limits, shared.symptom_hours) for one in readings]
        middle = round((limits.low_with_symptoms + limits.high_with_symptoms) * THOUSANDTHS / 2)
        card = Card(
            key=RULE_ID,
            kind="rate",
            show=lambda one: f"{one.value / THOUSANDTHS:.0f}/min",
            next_steps=NEXT_STEPS,
            series=(series,),
            extreme=lambda value: abs(value - middle),
            labels=symptom_labels(state, SYMPTOMS),
        )
        yield from verdicts_on(Graded(readings, grades), card, state, now, thresholds)


def _grade(state: PatientState, one: Measured, limits: HeartRateSettings, symptom_hours: int) -> Grade | None:
    value, at_once, repeated = one.value / THOUSANDTHS, None, None
    if value < limits.low_with_symptoms or value > limits.high_with_symptoms:
        if has_symptom(state, SYMPTOMS, one.at, symptom_hours):
            at_once = Finding(Tier.P2, HeartRateReason.OUT_WITH_SYMPTOMS)
        elif value > limits.high:
            at_once = Finding(Tier.P2, HeartRateReason.HIGH)
    if value < limits.very_low or value > limits.very_high:
        repeated = Finding(Tier.P1, HeartRateReason.EXTREME)
    return Grade(at_once, repeated) if at_once or repeated else None
