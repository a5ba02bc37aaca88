"""A vital sign that creeps up (or down) for days is told before it becomes a crisis."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import DAY_SECONDS, local_date, moment_of, seconds_of
from care_scoring.core.codes.medicines import MedicineClass
from care_scoring.core.effects import ClockTicked
from care_scoring.core.reasons.person import PersonReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.reasons.vitals import TrendReason
from care_scoring.core.settings.trends import TrendSettings, VitalsTrendSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.vitals import SLOTS, Series
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.trending import Finding, Window
from care_scoring.core.verdicts import PERSON_FACTS, STAY_FACTS, Open, Settled, Verdict, Watching
from care_shared.contracts.care_alerts import ChartPoint, Evidence, TrendChart
from care_shared.contracts.care_events import (
    ConditionRecorded,
    GoalStated,
    MedicationOrdered,
    VitalSignRecorded,
    VitalSignRetracted,
)
from care_shared.vocabulary import CloseReason, Role, Tier, VitalSign

RULE_ID = "VITALS-TREND"
NEXT_STEP = "Look at the chart and call the patient; ask about medicines, food and symptoms."
KEYS = {code: f"{RULE_ID}/{code}" for code in VitalSign}
EXPLAINED_AWAY = frozenset({TrendReason.STEROID_COURSE, TrendReason.NEW_DEVICE})
NO_LONGER_TRENDING = frozenset(
    {
        TrendReason.NO_SIGNIFICANT_TREND,
        TrendReason.CHANGE_TOO_SMALL,
        TrendReason.BELOW_CAUTION_LINE,
        TrendReason.ALL_EQUAL,
    }
)
ABOUT = About(
    sentence="A vital sign that moves significantly, far enough to matter and beyond the caution line is told, P3.",
    sources=(
        "[C] seasonal Mann-Kendall test, Theil-Sen slope (Hirsch 1982, Sen 1968)",
        "[C] 2025 ACC/AHA: systolic threshold at home",
        "[D] all other limits",
    ),
    settings=(VitalsTrendSettings,),
    weighs=frozenset({Unless.INPATIENT}),
    vectors=("rule 19", "series T1 to T10"),
)


@dataclass(frozen=True, slots=True)
class VitalsTrend:
    """VITALS-TREND: one vital sign; significant, large enough to matter, and beyond the caution line, P3."""

    code: VitalSign
    rule_id: str = RULE_ID
    version: int = 3  # a retracted reading does not keep a trend fresh
    reads: frozenset[type] = (
        PERSON_FACTS
        | STAY_FACTS
        | {VitalSignRecorded, VitalSignRetracted, ConditionRecorded, GoalStated, MedicationOrdered, ClockTicked}
    )
    about: About = ABOUT

    @property
    def scope(self) -> str:
        """The vital sign."""
        return self.code

    @property
    def key(self) -> str:
        """One set of gaps per vital sign."""
        return KEYS[self.code]

    def stays_quiet(self, state: PatientState, event: VitalSignRecorded, thresholds: Thresholds) -> bool:
        """The signs that come before any test say what they said of the reading before."""
        key, code = KEYS[self.code], self.code
        if key in state.wakes or state.as_of is None:
            return False
        settings, held = thresholds.of(VitalsTrendSettings).root.get(code), state.silences.get(key)
        if settings is None or (settings.only_with and not state.has(settings.only_with)):
            return held is None
        if held is None or (state.encounters and state.is_away(state.as_of)):
            return False
        closed = Window.of(state.vitals[code], settings, _home_since(state)).gate(seconds_of(state.as_of))
        return closed is not None and len(held) == 1 and held.get(code) == closed

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One episode per unbroken stretch of readings at home."""
        settings, series = thresholds.of(VitalsTrendSettings).root.get(self.code), state.vitals.get(self.code)
        if state.goals and settings is not None:
            settings = _personal(state, self.code, settings)
        if settings is None or series is None or not series.rows:
            return
        if settings.only_with and not state.has(settings.only_with):
            return
        found = self._look(state, series, settings, now, thresholds)
        if isinstance(found, Finding):
            yield self._open(state, series, settings, found)
            return
        yield Watching(episode=self.code, reason=found, wake_at=_explained_until(series, settings, found))
        for episode in state.open_episodes(self.key):
            yield _over(episode, found)

    def _look(
        self, state: PatientState, series: Series, settings: TrendSettings, now: datetime, thresholds: Thresholds
    ) -> Finding | Reason:
        """What the readings at home show, or why they show nothing. A stay in hospital ends a stretch."""
        if state.encounters and state.is_away(now):
            return PersonReason.INPATIENT
        window = Window.of(series, settings, _home_since(state))
        closed = window.gate(seconds_of(now))
        if closed is not None:
            return closed
        home = state.home_zone(thresholds.home_zone)
        found = window.test(home)
        if isinstance(found, Finding):
            return _explained_away(state, series, settings, found, local_date(now, home)) or found
        return found

    def _open(self, state: PatientState, series: Series, settings: TrendSettings, found: Finding) -> Open:
        longest_gap = settings.max_gap_days * DAY_SECONDS
        began = moment_of(series.stretch_began(longest_gap, _home_since(state)))
        reason = TrendReason.TREND_FALLING if settings.downward else TrendReason.TREND_RISING
        return Open(
            episode=f"{self.code}:{began:%Y-%m-%d}",
            tier=Tier.P3,
            reason=reason,
            explanation=_explained(reason, settings, found),
            next_step=NEXT_STEP,
            evidence=_evidence(series, settings, found),
            audience=(Role.CARE_MANAGER, Role.NURSE),
            labels=series.labels,
            chart=_chart(self.code, settings, found),
            stamp=f"{reason}|{found.newest_day}|{found.count}",
            wake_at=_stale_at(series, settings),
        )


def _stale_at(series: Series, settings: TrendSettings) -> datetime:
    """When nobody has measured for so long that the stretch is over; what was retracted was not measured."""
    return moment_of(series.newest_fit_at() + settings.max_gap_days * DAY_SECONDS) + timedelta(seconds=1)


def _explained_until(series: Series, settings: TrendSettings, found: Reason) -> datetime | None:
    """A trend that something explains is looked at again when it grows stale; every other silence waits for a reading.

    A wake-up moves with every reading, so rules have one only where they would otherwise say something untrue.
    """
    return _stale_at(series, settings) if found in EXPLAINED_AWAY else None


def _home_since(state: PatientState) -> int:
    since = state.home_since() if state.encounters else None
    return seconds_of(since) if since else 0


def _personal(state: PatientState, code: VitalSign, settings: TrendSettings) -> TrendSettings:
    """The caution line of this patient: a goal on the record stands in for the line of the policy."""
    if settings.caution_line is None:
        return settings
    lines = [goal.low if settings.downward else goal.high for goal in state.goals_for(code)]
    line = next((one for one in lines if one is not None), None)
    if line is None:
        return settings
    return settings.model_copy(update={"caution_line": line + 1 if settings.downward else line})


def _explained_away(
    state: PatientState, series: Series, settings: TrendSettings, found: Finding, today: date
) -> Reason | None:
    """A course of steroids on the plan raises it; or a new device measures differently in its first days."""
    if settings.steroids_explain and state.orders and state.takes(MedicineClass.STEROID, today):
        return TrendReason.STEROID_COURSE
    began = series.device_began_at(found.newest_at)
    if began is None or found.newest_at - began >= settings.new_device_days * DAY_SECONDS:
        return None
    oldest = min(at for points in found.strata.values() for at, _ in points) * DAY_SECONDS
    return TrendReason.NEW_DEVICE if oldest < began else None


def _over(episode: str, reason: Reason) -> Settled:
    """Why an open trend alert closes."""
    if reason in NO_LONGER_TRENDING:
        return Settled(
            episode=episode,
            close_reason=CloseReason.EVIDENCE,
            reason=TrendReason.TREND_ENDED,
            explanation=f"{TrendReason.TREND_ENDED.sentence} {reason.sentence}",
        )
    if reason is PersonReason.INPATIENT:
        return Settled(episode=episode, close_reason=CloseReason.SUPERSEDED, reason=reason)
    close_reason = CloseReason.EXPIRED if reason is TrendReason.STALE else CloseReason.WITHDRAWN
    return Settled(episode=episode, close_reason=close_reason, reason=reason)


def _plain(number: float) -> str:
    """A number as people write it: 18, 1.4."""
    return f"{number:.1f}".removesuffix(".0")


def _explained(reason: Reason, settings: TrendSettings, found: Finding) -> str:
    line = "" if settings.caution_line is None else f" (line {_plain(settings.caution_line)})"
    return reason.say(
        vital=settings.name,
        change=_plain(abs(found.trend.slope) * settings.change_days),
        unit=settings.unit,
        days=settings.change_days,
        span=found.span_days,
        p="< 0.001" if found.trend.p < 0.001 else f"{found.trend.p:.3f}",
        latest=_plain(found.latest),
        line=line,
    )


def _evidence(series: Series, settings: TrendSettings, found: Finding) -> tuple[Evidence, ...]:
    """The newest reading judged; the chart holds the others."""
    event_id = series.event_at(found.newest_at)
    if event_id is None:
        return ()
    what = f"{settings.name} {_plain(found.newest)} {settings.unit}"
    return (Evidence(event_id=event_id, what=what, at=moment_of(found.newest_at)),)


def _chart(code: VitalSign, settings: TrendSettings, found: Finding) -> TrendChart:
    """The slot the caution line is meant for, else the one with most days."""
    return TrendChart(
        code=code,
        unit=settings.unit,
        slot=SLOTS[found.shown_slot],
        points=tuple(
            ChartPoint(at=moment_of(round(at * DAY_SECONDS)), value=value)
            for at, value in found.strata[found.shown_slot]
        ),
        slope_per_day=found.trend.slope,
        p_value=found.trend.p,
        caution_line=settings.caution_line,
    )
