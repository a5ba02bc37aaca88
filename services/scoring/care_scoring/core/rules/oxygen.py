"""Low oxygen that a repeat bears out is told; a recorded target range, and the patient's usual, are the measure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from care_scoring.core.about import About
from care_scoring.core.calendar import DAY_SECONDS, seconds_of
from care_scoring.core.reasons.monitoring import OxygenReason
from care_scoring.core.settings.monitoring import OxygenSettings, ThresholdAlertSettings
from care_scoring.core.state.conditions import HEART_FAILURE
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.plans import Goal
from care_scoring.core.state.vitals import THOUSANDTHS
from care_scoring.core.statistics import median
from care_scoring.core.thresholding import (
    MINUTE,
    READINGS_AND_STAYS,
    WEIGHED,
    Card,
    Finding,
    Grade,
    Graded,
    Measured,
    graver,
    hushed_inpatient,
    is_untold,
    newest_before,
    readings_at_home,
    verdicts_on,
)
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import Verdict
from care_shared.contracts.care_events import ConditionRecorded, GoalStated, VitalSignRecorded
from care_shared.vocabulary import Tier, VitalSign

RULE_ID = "SP-1"
COPD = "copd"
ROOM_AIR_PERCENT = 21
NEXT_STEPS = {
    Tier.P1: "Call now: breathlessness, confusion, blue lips; is oxygen on as prescribed; call 911 if any is new.",
    Tier.P2: "Call today: breathlessness, cough, oxygen as prescribed; symptoms override a normal reading.",
    Tier.P3: "Call and ask for another reading after five minutes of rest, with a warm hand.",
}
ABOUT = About(
    sentence="Saturation of 91 % or less on repeat is told, P2, 88 % or less P1; with a target, below that.",
    sources=(
        "[C] NEWS2 scales 1 and 2",
        "[C] hypoxia below 94 %, below 88 % in chronic lung disease",
        "[D] drop below the patient's usual; repeat and hysteresis",
    ),
    settings=(OxygenSettings, ThresholdAlertSettings),
    weighs=WEIGHED,
    vectors=("rule 18", "SP-1, SP-2, SP-3"),
)


@dataclass(frozen=True, slots=True)
class Oxygen:
    """SP-1, SP-2 and SP-3 share one card per run; the gravest of them speaks."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = VitalSign.OXYGEN_SATURATION.value
    key: str = RULE_ID
    reads: frozenset[type] = READINGS_AND_STAYS | {ConditionRecorded, GoalStated}
    about: About = ABOUT

    def stays_quiet(self, state: PatientState, event: VitalSignRecorded, thresholds: Thresholds) -> bool:
        """Above the line, not far below what was measured before, and nothing open or awaited."""
        limits = thresholds.of(OxygenSettings)
        series = state.vitals[VitalSign.OXYGEN_SATURATION]
        if event.value <= limits.low or (state.goals and event.value >= limits.high_on_oxygen):
            return False
        if seconds_of(event.occurred_at) < series.newest_at or not is_untold(state, RULE_ID):
            return False
        most = 100 - limits.drop
        return event.value > most or max(series.numbers()) < (event.value + limits.drop) * THOUSANDTHS

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One verdict on the last run."""
        series = state.vitals.get(VitalSign.OXYGEN_SATURATION)
        if series is None:
            return
        away = hushed_inpatient(state, RULE_ID, now)
        if away is not None:
            yield from away
            return
        limits = thresholds.of(OxygenSettings)
        readings = readings_at_home(state, series)
        if limits.needs_pulse:
            readings = [one for one in readings if _has_pulse(state, one.at)]
        target = _target(state, limits)
        grades = _grades(state, readings, limits, target)
        card = Card(
            key=RULE_ID,
            kind="oxygen",
            show=lambda one: f"{one.value / THOUSANDTHS:.0f} %",
            next_steps=NEXT_STEPS,
            series=(series,),
            extreme=lambda value: -value,
            labels=target.labels if target else (),
        )
        yield from verdicts_on(Graded(readings, grades), card, state, now, thresholds)


def _target(state: PatientState, limits: OxygenSettings) -> Goal | None:
    """The recorded target range of a patient who retains carbon dioxide (88 to 92 %); a diagnosis alone sets none."""
    for goal in state.goals_for(VitalSign.OXYGEN_SATURATION) if state.goals else []:
        if goal.low is not None and goal.low <= limits.target_low_most:
            return goal
    return None


def _has_pulse(state: PatientState, at: int) -> bool:
    """Whether the oximeter found a pulse: a heart rate of the same minute."""
    series = state.vitals.get(VitalSign.HEART_RATE)
    return series is not None and any(abs(time - at) <= MINUTE for time in series.fit(at - MINUTE)[0])


def _grades(
    state: PatientState, readings: list[Measured], limits: OxygenSettings, target: Goal | None
) -> list[Grade | None]:
    grades = [
        _usual(one, limits) if target is None or target.low is None else _targeted(state, one, limits, target.low)
        for one in readings
    ]
    if state.has(COPD) or state.has(HEART_FAILURE):
        for row in _dropped(readings, limits):
            found, held = Finding(Tier.P2, OxygenReason.DROPPED), grades[row] or Grade()
            grades[row] = Grade(graver(held.at_once, found), held.repeated)
    return grades


def _usual(one: Measured, limits: OxygenSettings) -> Grade | None:
    """SP-1."""
    value = one.value / THOUSANDTHS
    if value <= limits.at_once:
        return Grade(at_once=Finding(Tier.P1, OxygenReason.VERY_LOW))
    if value <= limits.very_low:
        return Grade(repeated=Finding(Tier.P1, OxygenReason.VERY_LOW))
    return Grade(repeated=Finding(Tier.P2, OxygenReason.LOW)) if value <= limits.low else None


def _targeted(state: PatientState, one: Measured, limits: OxygenSettings, low: float) -> Grade | None:
    """SP-2: below the target range; or above it while on oxygen, which may stop the drive to breathe."""
    value = one.value / THOUSANDTHS
    if value <= limits.at_once:
        return Grade(at_once=Finding(Tier.P1, OxygenReason.VERY_LOW))
    if value < low:
        return Grade(repeated=Finding(Tier.P2, OxygenReason.BELOW_TARGET))
    if value >= limits.high_on_oxygen and _on_oxygen(state, one.at, limits.oxygen_hours):
        return Grade(at_once=Finding(Tier.P2, OxygenReason.TOO_HIGH_ON_OXYGEN))
    return None


def _on_oxygen(state: PatientState, at: int, hours: int) -> bool:
    flow = newest_before(state.vitals.get(VitalSign.INHALED_OXYGEN_FLOW), at, hours)
    share = newest_before(state.vitals.get(VitalSign.INHALED_OXYGEN), at, hours)
    return (flow or 0) > 0 or (share or 0) > ROOM_AIR_PERCENT * THOUSANDTHS


def _dropped(readings: list[Measured], limits: OxygenSettings) -> Iterator[int]:
    """SP-3: the second of two readings running that lie well below the median of the days before both."""
    if not readings:
        return
    drop = limits.drop * THOUSANDTHS
    highest = max(one.value for one in readings)
    for row in range(limits.drop_readings + 1, len(readings)):
        one, before = readings[row], readings[row - 1]
        level = max(one.value, before.value)
        if level > highest - drop:
            continue
        since = before.at - limits.drop_days * DAY_SECONDS
        usual = [held.value for held in readings[: row - 1] if held.at >= since]
        if len(usual) >= limits.drop_readings and level <= median(usual) - drop:
            yield row
