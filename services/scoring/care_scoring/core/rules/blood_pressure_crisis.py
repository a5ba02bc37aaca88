"""A very high blood pressure that a repeat bears out is told the same day, and at once when there are symptoms."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from care_scoring.core.about import About
from care_scoring.core.calendar import moment_of
from care_scoring.core.pressures import Pressure, pressures_at_home
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
    scope_of,
    symptom_labels,
    verdicts_on,
)
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import Verdict
from care_shared.contracts.care_events import VitalSignRecorded
from care_shared.vocabulary import Symptom, Tier, VitalSign

RULE_ID = "BP-1"
ORGANS = frozenset({Symptom.CHEST_PAIN, Symptom.NEUROLOGICAL, Symptom.DYSPNOEA, Symptom.VISION})
NEXT_STEPS = {
    Tier.P1: "Call now; chest pain, neurological signs, breathlessness or loss of vision: call 911.",
    Tier.P2: "Call today: symptoms, missed medicines, pain; ask for another reading at rest and tell the prescriber.",
    Tier.P3: "Call and ask for two readings at rest, five minutes apart.",
}
ABOUT = About(
    sentence="Blood pressure above 180/120, borne out within minutes, is told: P2, with symptoms of an organ P1.",
    sources=("[C] 2025 AHA/ACC: above 180/120 without organ damage is an outpatient problem", "[D] repeat, hysteresis"),
    settings=(BloodPressureSettings, ThresholdAlertSettings),
    weighs=WEIGHED,
    vectors=("rule 17", "BP-1"),
)


@dataclass(frozen=True, slots=True)
class BloodPressureCrisis:
    """BP-1: one card per run of very high readings."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = scope_of(VitalSign.SYSTOLIC, VitalSign.DIASTOLIC)
    key: str = RULE_ID
    reads: frozenset[type] = READINGS_AND_STAYS
    about: About = ABOUT

    def stays_quiet(self, state: PatientState, event: VitalSignRecorded, thresholds: Thresholds) -> bool:
        """In range, and nothing open or awaited."""
        limits = thresholds.of(BloodPressureSettings)
        most = limits.crisis_systolic if event.code == VitalSign.SYSTOLIC else limits.crisis_diastolic
        return event.value <= most and is_untold(state, RULE_ID)

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One verdict on the last run."""
        away = hushed_inpatient(state, RULE_ID, now)
        if away is not None:
            yield from away
            return
        limits, shared = thresholds.of(BloodPressureSettings), thresholds.of(ThresholdAlertSettings)
        most = round(limits.crisis_systolic * THOUSANDTHS), round(limits.crisis_diastolic * THOUSANDTHS)
        pressures = pressures_at_home(state)
        if not any(one.systolic > most[0] or one.diastolic > most[1] for one in pressures):
            return
        home = state.home_zone(thresholds.home_zone)
        pressures = [one for one in pressures if not _excluded(one.at, limits, home)]
        shown = {one.at: one for one in pressures}
        grades = [_grade(state, one, most, shared.symptom_hours) for one in pressures]
        readings = [Measured(one.at, one.systolic) for one in pressures]
        card = Card(
            key=RULE_ID,
            kind="crisis",
            show=lambda reading: shown[reading.at].words,
            next_steps=NEXT_STEPS,
            series=tuple(state.vitals[code] for code in state.vitals if code in self.scope),
            labels=symptom_labels(state, ORGANS),
        )
        yield from verdicts_on(Graded(readings, grades), card, state, now, thresholds)


def _grade(state: PatientState, one: Pressure, most: tuple[int, int], symptom_hours: int) -> Grade | None:
    if one.systolic <= most[0] and one.diastolic <= most[1]:
        return None
    if has_symptom(state, ORGANS, one.at, symptom_hours):
        return Grade(repeated=Finding(Tier.P1, PressureReason.CRISIS_WITH_SYMPTOMS))
    return Grade(repeated=Finding(Tier.P2, PressureReason.CRISIS))


def _excluded(at: int, limits: BloodPressureSettings, home: ZoneInfo) -> bool:
    """Before treatment on a day of dialysis, when the plan excludes such readings."""
    if not limits.pre_dialysis_days:
        return False
    local = moment_of(at).astimezone(home)
    return local.isoweekday() in limits.pre_dialysis_days and local.hour < limits.pre_dialysis_until_hour
