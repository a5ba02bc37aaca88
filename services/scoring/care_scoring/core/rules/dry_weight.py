"""In heart failure a weight that stays well above the recorded dry weight is told."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import local_day
from care_scoring.core.reasons.weight import WeightReason
from care_scoring.core.settings.monitoring import ThresholdAlertSettings
from care_scoring.core.settings.weight import HeartFailureWeightSettings
from care_scoring.core.state.conditions import HEART_FAILURE
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.plans import Goal
from care_scoring.core.state.vitals import THOUSANDTHS
from care_scoring.core.thresholding import (
    READINGS_AND_STAYS,
    Card,
    Finding,
    Grade,
    Graded,
    Measured,
    hushed_inpatient,
    is_untold,
    readings_at_home,
    verdicts_on,
)
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import Verdict
from care_shared.contracts.care_events import ConditionRecorded, GoalStated, VitalSignRecorded
from care_shared.vocabulary import Tier, VitalSign

RULE_ID = "HF-W3"
NEXT_STEPS = {Tier.P3: "Call: swelling, breath, diuretic taken; ask the prescriber whether the dry weight still holds."}
ABOUT = About(
    sentence="In heart failure two days with 2 kg or more above the recorded dry weight are told, P3.",
    sources=("[D] distance from dry weight, hysteresis",),
    settings=(HeartFailureWeightSettings, ThresholdAlertSettings),
    weighs=frozenset({Unless.INPATIENT, Unless.HOSPICE}),
    vectors=("HF-W3",),
)


@dataclass(frozen=True, slots=True)
class DryWeight:
    """HF-W3: one card per run of weights above the dry weight."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = VitalSign.BODY_WEIGHT.value
    key: str = RULE_ID
    reads: frozenset[type] = READINGS_AND_STAYS | {ConditionRecorded, GoalStated}
    about: About = ABOUT

    def stays_quiet(self, state: PatientState, event: VitalSignRecorded, thresholds: Thresholds) -> bool:
        """No dry weight is recorded, or the weight is close to it, and nothing is open."""
        if not is_untold(state, RULE_ID):
            return False
        if not state.goals:
            return True
        limits = thresholds.of(HeartFailureWeightSettings)
        goal = _dry_weight(state, limits)
        return goal is None or event.value < _kilograms(goal) + limits.above_dry_kg

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One verdict on the last run."""
        series, limits = state.vitals.get(VitalSign.BODY_WEIGHT), thresholds.of(HeartFailureWeightSettings)
        goal = _dry_weight(state, limits) if state.goals else None
        if series is None or goal is None or not state.has(HEART_FAILURE) or state.in_hospice:
            return
        away = hushed_inpatient(state, RULE_ID, now)
        if away is not None:
            yield from away
            return
        shared, home = thresholds.of(ThresholdAlertSettings), state.home_zone(thresholds.home_zone)
        readings = _own(readings_at_home(state, series), _kilograms(goal), limits.wrong_person_percent)
        grades = _grades(readings, _kilograms(goal) + limits.above_dry_kg, shared, home)
        dry = _kilograms(goal)
        card = Card(
            key=RULE_ID,
            kind="dry-weight",
            show=lambda one: f"{one.value / THOUSANDTHS:.1f} kg, dry weight {dry:.1f} kg",
            next_steps=NEXT_STEPS,
            series=(series,),
            labels=goal.labels,
        )
        yield from verdicts_on(Graded(readings, grades), card, state, now, thresholds)


def _dry_weight(state: PatientState, limits: HeartFailureWeightSettings) -> Goal | None:
    """The latest dry weight on the record; a goal of the weight itself counts when it names one value."""
    goals = [goal for measure in sorted(limits.dry_weight_measures) for goal in state.goals_for(measure)]
    goals += [goal for goal in state.goals_for(VitalSign.BODY_WEIGHT) if goal.low is not None and goal.low == goal.high]
    return max((goal for goal in goals if _kilograms(goal) > 0), key=lambda goal: goal.rank, default=None)


def _kilograms(goal: Goal) -> float:
    return goal.high or goal.low or 0.0


def _own(readings: list[Measured], dry: float, percent: float) -> list[Measured]:
    """Without jumps that no body makes: each weight against the one before that was the patient's own."""
    own: list[Measured] = []
    before = round(dry * THOUSANDTHS)
    for one in readings:
        if not own or abs(one.value - before) * 100 <= percent * before * max((one.at - own[-1].at) / 86_400, 1.0):
            own.append(one)
            before = one.value
    return own


def _grades(
    readings: list[Measured], line: float, shared: ThresholdAlertSettings, home: ZoneInfo
) -> list[Grade | None]:
    """Above the line on two different days within the time of one run."""
    above = [(one.at, local_day(one.at, home)) for one in readings if one.value >= line * THOUSANDTHS]
    breach = Grade(at_once=Finding(Tier.P3, WeightReason.ABOVE_DRY_WEIGHT))
    grades: list[Grade | None] = []
    for one in readings:
        if one.value < line * THOUSANDTHS:
            grades.append(None)
            continue
        day, reach = local_day(one.at, home), shared.rearm_hours * 3_600
        other = any(held != day and abs(at - one.at) <= reach for at, held in above)
        grades.append(breach if other else Grade())
    return grades
