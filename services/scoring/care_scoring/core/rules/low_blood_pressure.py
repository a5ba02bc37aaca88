"""A low blood pressure that a repeat bears out is told the same day, and at once when the patient fainted."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from care_scoring.core.about import About
from care_scoring.core.reasons.monitoring import PressureReason
from care_scoring.core.settings.monitoring import BloodPressureSettings, ThresholdAlertSettings
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

RULE_ID = "BP-3"
FAINTED, DIZZY = frozenset({Symptom.SYNCOPE}), frozenset({Symptom.DIZZINESS})
NEXT_STEPS = {
    Tier.P1: "Call now; the patient fainted: is somebody there, any injury, bleeding; call 911 if not alert.",
    Tier.P2: "Call today: sitting or lying down, fluids, new medicines, bleeding; tell the prescriber.",
    Tier.P3: "Call and ask for another reading, sitting, five minutes later.",
}
ABOUT = About(
    sentence="Systolic pressure below 90, or below 100 with dizziness, on repeat is told: P2, after a faint P1.",
    sources=("[C] BEAT-HF protocol: limits of systolic pressure", "[D] dizziness line, repeat and hysteresis"),
    settings=(BloodPressureSettings, ThresholdAlertSettings),
    weighs=WEIGHED,
    vectors=("BP-3",),
)


@dataclass(frozen=True, slots=True)
class LowBloodPressure:
    """BP-3: one card per run of low readings."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = VitalSign.SYSTOLIC.value
    key: str = RULE_ID
    reads: frozenset[type] = READINGS_AND_STAYS
    about: About = ABOUT

    def stays_quiet(self, state: PatientState, event: VitalSignRecorded, thresholds: Thresholds) -> bool:
        """In range, and nothing open or awaited."""
        limits = thresholds.of(BloodPressureSettings)
        least = limits.low_systolic_dizzy if state.symptoms else limits.low_systolic
        return event.value >= least and is_untold(state, RULE_ID)

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One verdict on the last run."""
        series = state.vitals.get(VitalSign.SYSTOLIC)
        if series is None:
            return
        away = hushed_inpatient(state, RULE_ID, now)
        if away is not None:
            yield from away
            return
        limits, shared = thresholds.of(BloodPressureSettings), thresholds.of(ThresholdAlertSettings)
        readings = readings_at_home(state, series)
        grades = [_grade(state, one, limits, shared.symptom_hours) for one in readings]
        card = Card(
            key=RULE_ID,
            kind="low",
            show=lambda one: f"systolic {one.value / THOUSANDTHS:.0f} mmHg",
            next_steps=NEXT_STEPS,
            series=(series,),
            extreme=lambda value: -value,
            labels=symptom_labels(state, FAINTED | DIZZY),
        )
        yield from verdicts_on(Graded(readings, grades), card, state, now, thresholds)


def _grade(state: PatientState, one: Measured, limits: BloodPressureSettings, symptom_hours: int) -> Grade | None:
    value = one.value / THOUSANDTHS
    if value >= limits.low_systolic_dizzy and value >= limits.low_systolic:
        return None
    fainted = has_symptom(state, FAINTED, one.at, symptom_hours)
    if value < limits.low_systolic:
        tier, reason = (Tier.P1, PressureReason.LOW_WITH_SYNCOPE) if fainted else (Tier.P2, PressureReason.LOW)
        return Grade(repeated=Finding(tier, reason))
    if fainted or has_symptom(state, DIZZY, one.at, symptom_hours):
        tier = Tier.P1 if fainted else Tier.P2
        reason = PressureReason.LOW_WITH_SYNCOPE if fainted else PressureReason.LOW_AND_DIZZY
        return Grade(repeated=Finding(tier, reason))
    return None
