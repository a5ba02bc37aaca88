"""Blood pressure whose mean over a week at home is above the line asks for a look at the treatment."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import DAY_SECONDS, local_day, moment_of, seconds_of
from care_scoring.core.pressures import Pressure, pressures_at_home
from care_scoring.core.reasons.common import CommonReason
from care_scoring.core.reasons.monitoring import PressureReason
from care_scoring.core.settings.monitoring import BloodPressureSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.registers import joined_labels
from care_scoring.core.state.vitals import THOUSANDTHS
from care_scoring.core.thresholding import READINGS_AND_STAYS, hushed_inpatient, is_untold, scope_of
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import Open, Settled, Verdict
from care_shared.contracts.care_alerts import Evidence
from care_shared.contracts.care_events import ConditionRecorded, GoalStated, VitalSignRecorded
from care_shared.vocabulary import CloseReason, Role, SensitivityLabel, Tier, VitalSign

RULE_ID = "BP-2"
EPISODE = "home-mean"
HYPERTENSION = "hypertension"
NEXT_STEP = "Look at medicines taken and salt; ask the prescriber whether the treatment should change."
STEP = 5  # an update is told when the mean moved by so many mmHg
ABOUT = About(
    sentence="In hypertension a mean at home of 135/85 or more, of six readings on three days of a week, is told, P3.",
    sources=("[C] 2025 AHA/ACC: threshold at home", "[D] how many readings make a mean"),
    settings=(BloodPressureSettings,),
    weighs=frozenset({Unless.INPATIENT, Unless.HOSPICE}),
    vectors=("BP-2",),
)


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of the last days."""

    systolic: float
    diastolic: float
    count: int
    days: int
    newest: Pressure

    @property
    def words(self) -> str:
        """138/84."""
        return f"{self.systolic:.0f}/{self.diastolic:.0f}" if self.diastolic else f"{self.systolic:.0f}"


@dataclass(frozen=True, slots=True)
class Lines:
    """At or above either, a mean is too high: the settings, or the patient's own goal."""

    systolic: float
    diastolic: float
    labels: tuple[SensitivityLabel, ...] = ()

    def crossed_by(self, mean: Mean) -> bool:
        """Whether the mean is too high."""
        return mean.systolic >= self.systolic or mean.diastolic >= self.diastolic


@dataclass(frozen=True, slots=True)
class BloodPressureMean:
    """BP-2: one card that is open as long as the mean is too high."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = scope_of(VitalSign.SYSTOLIC, VitalSign.DIASTOLIC)
    key: str = RULE_ID
    reads: frozenset[type] = READINGS_AND_STAYS | {ConditionRecorded, GoalStated}
    about: About = ABOUT

    def stays_quiet(self, state: PatientState, event: VitalSignRecorded, thresholds: Thresholds) -> bool:
        """The mean of the newest readings is below both lines, and nothing is open."""
        if not is_untold(state, RULE_ID) or seconds_of(event.occurred_at) < state.vitals[event.code].newest_at:
            return False
        if not state.has(HYPERTENSION):
            return True
        limits = thresholds.of(BloodPressureSettings)
        lines = _lines(state, limits)
        return _mean_below(state, VitalSign.SYSTOLIC, limits.mean_days, lines.systolic) and _mean_below(
            state, VitalSign.DIASTOLIC, limits.mean_days, lines.diastolic
        )

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """Open, or settled when it was open."""
        if VitalSign.SYSTOLIC not in state.vitals or not state.has(HYPERTENSION) or state.in_hospice:
            return
        away = hushed_inpatient(state, RULE_ID, now)
        if away is not None:
            yield from away
            return
        limits, home = thresholds.of(BloodPressureSettings), state.home_zone(thresholds.home_zone)
        lines, pressures = _lines(state, limits), pressures_at_home(state)
        found = _found(pressures, limits, lines, home)
        if found is None:
            for episode in state.open_episodes(RULE_ID):
                yield Settled(episode=episode, close_reason=CloseReason.EVIDENCE, reason=PressureReason.MEAN_IN_RANGE)
            return
        expires_at = moment_of(found.newest.at) + timedelta(days=limits.mean_days)
        if now > expires_at:
            yield Settled(episode=EPISODE, close_reason=CloseReason.EXPIRED, reason=CommonReason.TOO_LONG_AGO)
            return
        yield _open(state, found, lines, expires_at)


def _mean_below(state: PatientState, code: VitalSign, days: int, line: float) -> bool:
    """Whether the newest readings of one half have a mean below its line, or are too few to have one."""
    series = state.vitals.get(code)
    if series is None:
        return True
    values = series.fit(series.newest_at - days * DAY_SECONDS)[1]
    return len(values) < 2 or sum(values) < line * THOUSANDTHS * len(values)


def _lines(state: PatientState, limits: BloodPressureSettings) -> Lines:
    lines = [limits.mean_systolic, limits.mean_diastolic]
    labels: tuple[SensitivityLabel, ...] = ()
    if state.goals:
        for place, code in enumerate((VitalSign.SYSTOLIC, VitalSign.DIASTOLIC)):
            goal = next((one for one in state.goals_for(code) if one.high is not None), None)
            if goal is not None and goal.high is not None:
                lines[place], labels = goal.high, joined_labels(labels, goal.labels)
    return Lines(lines[0], lines[1], labels)


def _found(pressures: list[Pressure], limits: BloodPressureSettings, lines: Lines, home: ZoneInfo) -> Mean | None:
    """The mean that ends now; or the one that ended the day before, so that an alert does not flicker."""
    mean = _mean(pressures, limits, home)
    if mean is None or lines.crossed_by(mean):
        return mean
    newest_day = local_day(pressures[-1].at, home)
    earlier = [one for one in pressures if local_day(one.at, home) < newest_day]
    before = _mean(earlier, limits, home)
    return before if before is not None and lines.crossed_by(before) else None


def _mean(pressures: list[Pressure], limits: BloodPressureSettings, home: ZoneInfo) -> Mean | None:
    if not pressures:
        return None
    since = pressures[-1].at - limits.mean_days * DAY_SECONDS
    week = [one for one in pressures if one.at > since and one.systolic]
    days = {local_day(one.at, home) for one in week}
    if len(week) < limits.mean_readings or len(days) < limits.mean_on_days:
        return None
    low = [one.diastolic for one in week if one.diastolic]
    return Mean(
        systolic=sum(one.systolic for one in week) / len(week) / THOUSANDTHS,
        diastolic=sum(low) / len(low) / THOUSANDTHS if low else 0.0,
        count=len(week),
        days=len(days),
        newest=week[-1],
    )


def _open(state: PatientState, mean: Mean, lines: Lines, expires_at: datetime) -> Open:
    labels, series = lines.labels, state.vitals[VitalSign.SYSTOLIC]
    for code in (VitalSign.SYSTOLIC, VitalSign.DIASTOLIC):
        if code in state.vitals:
            labels = joined_labels(labels, state.vitals[code].labels)
    event_id = series.event_at(mean.newest.at)
    at = moment_of(mean.newest.at)
    evidence = (Evidence(event_id=event_id, what=f"Newest of them {mean.newest.words}", at=at),) if event_id else ()
    return Open(
        episode=EPISODE,
        tier=Tier.P3,
        reason=PressureReason.MEAN_HIGH,
        explanation=PressureReason.MEAN_HIGH.say(mean=mean.words, count=mean.count, days=mean.days),
        next_step=NEXT_STEP,
        evidence=evidence,
        audience=(Role.CARE_MANAGER, Role.NURSE),
        labels=labels,
        stamp=f"{PressureReason.MEAN_HIGH}|{mean.systolic // STEP:.0f}",
        wake_at=expires_at + timedelta(seconds=1),
    )
