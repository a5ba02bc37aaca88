"""Glucose too low or too high is told once per episode, by how dangerous it is for this patient."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from care_scoring.core.about import About
from care_scoring.core.calendar import local_date, local_day, seconds_of
from care_scoring.core.diabetes import ILL, has_diabetes, labels_of_lowering, takes_lowering
from care_scoring.core.reasons.monitoring import GlucoseReason
from care_scoring.core.settings.glucose import GlucoseSettings
from care_scoring.core.settings.monitoring import ThresholdAlertSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.registers import joined_labels
from care_scoring.core.state.vitals import BEYOND_HIGH, BEYOND_LOW, THOUSANDTHS, Series
from care_scoring.core.thresholding import (
    HOUR,
    READINGS_AND_STAYS,
    WEIGHED,
    Card,
    Finding,
    Grade,
    Measured,
    Walk,
    has_symptom,
    hushed_inpatient,
    is_untold,
    readings_at_home,
    symptom_labels,
    verdicts_of,
)
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import Verdict
from care_shared.contracts.care_events import (
    ConditionRecorded,
    HomeStatusAssessed,
    MedicationOrdered,
    VitalSignRecorded,
)
from care_shared.vocabulary import SensitivityLabel, Symptom, Tier, VitalSign

RULE_ID = "GL-1"
UNRESPONSIVE = frozenset({Symptom.UNRESPONSIVE, Symptom.CONFUSION})
LOW_STEPS = {
    Tier.P1: "Call now: 15 g of fast sugar and another reading in 15 minutes; call 911 if nobody answers.",
    Tier.P2: "Call today: sugar taken, cause found, next doses; tell the prescriber.",
    Tier.P3: "Ask at the next call: meals, dose, another low; a log entry is enough.",
}
HIGH_STEPS = {
    Tier.P1: "Call now: vomiting, drowsiness, ketones, fluids, missed insulin; emergency department if any.",
    Tier.P2: "Call today: missed doses, infection, food, steroid; ask for a reading before the next meal.",
}
ABOUT = About(
    sentence="Glucose below 54, above 300 for two days, or high and ill is told at once, P1; milder ones by therapy.",
    sources=(
        "[C] ADA, older adults in long-term care: when to call",
        "[M] ADA level 2 hypoglycaemia",
        "[D] split by therapy, living alone, hysteresis",
    ),
    settings=(GlucoseSettings, ThresholdAlertSettings),
    weighs=WEIGHED,
    vectors=("rule 5", "GL-1, GL-2, GL-4, GL-5, GL-6"),
)


@dataclass(frozen=True, slots=True)
class GlucoseOutOfRange:
    """GL-1, GL-2 (low) and GL-4, GL-5, GL-6 (high): one card per run and direction, the highest tier wins."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = VitalSign.GLUCOSE.value
    key: str = RULE_ID
    reads: frozenset[type] = READINGS_AND_STAYS | {ConditionRecorded, MedicationOrdered, HomeStatusAssessed}
    about: About = ABOUT

    def stays_quiet(self, state: PatientState, event: VitalSignRecorded, thresholds: Thresholds) -> bool:
        """In range, and nothing open."""
        limits = thresholds.of(GlucoseSettings)
        return limits.low <= event.value <= limits.high and not event.beyond and is_untold(state, RULE_ID)

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One verdict on the last lows, one on the last highs."""
        series = state.vitals.get(VitalSign.GLUCOSE)
        if series is None or not has_diabetes(state, now, thresholds):
            return
        away = hushed_inpatient(state, RULE_ID, now)
        if away is not None:
            yield from away
            return
        chart = _Chart(state, series, readings_at_home(state, series), thresholds, now)
        yield from chart.lows()
        yield from chart.highs()


class _Chart:
    """The readings of one patient, and what makes them dangerous for this patient."""

    def __init__(
        self, state: PatientState, series: Series, readings: list[Measured], thresholds: Thresholds, now: datetime
    ) -> None:
        self.state, self.series, self.readings, self.now = state, series, readings, now
        self.limits, self.shared = thresholds.of(GlucoseSettings), thresholds.of(ThresholdAlertSettings)
        self.home: ZoneInfo = state.home_zone(thresholds.home_zone)
        self.today: date = local_date(now, self.home)

    def lows(self) -> Iterator[Verdict]:
        """GL-1 and GL-2."""
        line = self.limits.low * THOUSANDTHS
        if not any(one.value < line or one.mark & BEYOND_LOW for one in self.readings):
            return
        lowering = takes_lowering(self.state, self.today)
        grades = [self._low(row, lowering=lowering) for row in range(len(self.readings))]
        walk = self._walk(grades, sign=-1)
        labels = symptom_labels(self.state, UNRESPONSIVE)
        yield from self._told(walk, "low", LOW_STEPS, labels)

    def _low(self, row: int, *, lowering: bool) -> Grade | None:
        one, limits = self.readings[row], self.limits
        if one.mark & BEYOND_LOW or one.value < limits.very_low * THOUSANDTHS:
            return Grade(at_once=Finding(Tier.P1, GlucoseReason.VERY_LOW))
        if one.value >= limits.low * THOUSANDTHS:
            return None
        unresponsive = has_symptom(self.state, UNRESPONSIVE, one.at, self.shared.symptom_hours)
        alone = self.state.person.lives_alone
        if unresponsive or (lowering and alone is not None and alone[1]):
            return Grade(at_once=Finding(Tier.P1, GlucoseReason.LOW_AT_RISK))
        if lowering:
            return Grade(at_once=Finding(Tier.P2, GlucoseReason.LOW_ON_THERAPY))
        beside = self.readings[max(row - 1, 0) : row] + self.readings[row + 1 : row + 2]
        again = any(other.value < limits.low * THOUSANDTHS for other in beside)
        if again:
            return Grade(at_once=Finding(Tier.P2, GlucoseReason.LOW_AGAIN))
        return Grade(at_once=Finding(Tier.P3, GlucoseReason.LOW_ONCE))

    def highs(self) -> Iterator[Verdict]:
        """GL-4, GL-5 and GL-6."""
        line = self.limits.high * THOUSANDTHS
        high = [one for one in self.readings if one.value > line or one.mark & BEYOND_HIGH]
        if not high:
            return
        very = self.limits.very_high * THOUSANDTHS
        days = {self._day(one) for one in high if one.value > very}
        ill = self.state.has("diabetes-type-1")
        grades = [
            self._high(one, high, days, ill=ill) if one.value > line or one.mark & BEYOND_HIGH else None
            for one in self.readings
        ]
        labels = symptom_labels(self.state, ILL)
        yield from self._told(self._walk(grades, sign=1), "high", HIGH_STEPS, labels)

    def _high(self, one: Measured, high: list[Measured], days: set[int], *, ill: bool) -> Grade:
        """A reading above the line: alone it waits for company, and is out of range all the same."""
        limits, day = self.limits, self._day(one)
        if one.mark & BEYOND_HIGH:
            return Grade(at_once=Finding(Tier.P1, GlucoseReason.HIGH_FOR_DAYS))
        if ill or has_symptom(self.state, ILL, one.at, self.shared.symptom_hours):
            return Grade(at_once=Finding(Tier.P1, GlucoseReason.HIGH_AND_ILL))
        if one.value > limits.very_high * THOUSANDTHS and {day - 1, day + 1} & days:
            return Grade(at_once=Finding(Tier.P1, GlucoseReason.HIGH_FOR_DAYS))
        close = [other for other in high if abs(other.at - one.at) <= limits.high_hours * HOUR]
        if len(close) >= limits.high_times:
            return Grade(at_once=Finding(Tier.P2, GlucoseReason.HIGH_AGAIN))
        return Grade()

    def _day(self, one: Measured) -> int:
        return local_day(one.at, self.home).toordinal()

    def _walk(self, grades: list[Grade | None], *, sign: int) -> Walk:
        now = seconds_of(self.now)
        return Walk(self.shared, self.home, now, self.readings, grades, extreme=lambda value: sign * value).go()

    def _told(
        self, walk: Walk, kind: str, steps: dict[Tier, str], labels: tuple[SensitivityLabel, ...]
    ) -> Iterator[Verdict]:
        card = Card(
            key=RULE_ID,
            kind=kind,
            show=_shown,
            next_steps=steps,
            series=(self.series,),
            labels=joined_labels(labels_of_lowering(self.state), labels),
        )
        yield from verdicts_of(walk, card, self.state, self.now)


def _shown(one: Measured) -> str:
    beyond = "LO, below " if one.mark & BEYOND_LOW else "HI, above " if one.mark & BEYOND_HIGH else ""
    return f"{beyond}{one.value / THOUSANDTHS:.0f} mg/dL"
