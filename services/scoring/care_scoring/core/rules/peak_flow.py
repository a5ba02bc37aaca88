"""Peak flow in the red zone of the personal best is told at once, in the yellow zone within two days."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from care_scoring.core.about import About
from care_scoring.core.reasons.monitoring import BodyReason
from care_scoring.core.settings.monitoring import PeakFlowSettings, ThresholdAlertSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.vitals import THOUSANDTHS
from care_scoring.core.thresholding import (
    READINGS_AND_STAYS,
    WEIGHED,
    Card,
    Finding,
    Grade,
    Graded,
    hushed_inpatient,
    is_untold,
    readings_at_home,
    verdicts_on,
)
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import Verdict, Watching
from care_shared.contracts.care_events import ConditionRecorded, GoalStated, VitalSignRecorded
from care_shared.vocabulary import SensitivityLabel, Tier, VitalSign

RULE_ID = "PF-1"
LUNGS = ("asthma", "copd")
NEXT_STEPS = {
    Tier.P1: "Call now: reliever and action plan; call 911 if the patient cannot speak in sentences.",
    Tier.P3: "Call: is the action plan for the yellow zone followed, is the controller taken.",
}
ABOUT = About(
    sentence="Peak flow below half of the personal best is told at once, P1; below four fifths P3.",
    sources=("[M] zones of peak flow in asthma action plans", "[D] hysteresis"),
    settings=(PeakFlowSettings, ThresholdAlertSettings),
    weighs=WEIGHED,
    vectors=("PF-1",),
)


@dataclass(frozen=True, slots=True)
class PeakFlow:
    """PF-1: one card per run of low readings; the personal best is a goal on the record."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = VitalSign.PEAK_FLOW.value
    key: str = RULE_ID
    reads: frozenset[type] = READINGS_AND_STAYS | {ConditionRecorded, GoalStated}
    about: About = ABOUT

    def stays_quiet(self, state: PatientState, event: VitalSignRecorded, thresholds: Thresholds) -> bool:
        """In the green zone, and nothing open."""
        best, _ = _personal_best(state)
        limits = thresholds.of(PeakFlowSettings)
        return best > 0 and event.value * 100 >= limits.yellow_percent * best and is_untold(state, RULE_ID)

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One verdict on the last run."""
        series = state.vitals.get(VitalSign.PEAK_FLOW)
        if series is None or not any(state.has(group) for group in LUNGS):
            return
        away = hushed_inpatient(state, RULE_ID, now)
        if away is not None:
            yield from away
            return
        best, goal_labels = _personal_best(state)
        if best <= 0:
            yield Watching(episode=self.scope, reason=BodyReason.NO_PERSONAL_BEST)
            return
        limits = thresholds.of(PeakFlowSettings)
        readings = readings_at_home(state, series)
        grades = [_grade(one.value * 100 / THOUSANDTHS / best, limits) for one in readings]
        card = Card(
            key=RULE_ID,
            kind="flow",
            show=lambda one: (
                f"{one.value / THOUSANDTHS:.0f} L/min, {one.value * 100 / THOUSANDTHS / best:.0f} % of best"
            ),
            next_steps=NEXT_STEPS,
            series=(series,),
            extreme=lambda value: -value,
            labels=goal_labels,
        )
        yield from verdicts_on(Graded(readings, grades), card, state, now, thresholds)


def _grade(percent: float, limits: PeakFlowSettings) -> Grade | None:
    if percent < limits.red_percent:
        return Grade(at_once=Finding(Tier.P1, BodyReason.PEAK_FLOW_RED))
    if percent < limits.yellow_percent:
        return Grade(at_once=Finding(Tier.P3, BodyReason.PEAK_FLOW_YELLOW))
    return None


def _personal_best(state: PatientState) -> tuple[float, tuple[SensitivityLabel, ...]]:
    """The latest goal for peak flow; 0 when there is none."""
    if not state.goals:
        return 0.0, ()
    for goal in state.goals_for(VitalSign.PEAK_FLOW):
        best = goal.high or goal.low
        if best:
            return best, goal.labels
    return 0.0, ()
