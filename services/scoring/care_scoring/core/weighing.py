"""How a weight moves: gains overnight and within a week, when they settle, and jumps that no body makes."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import timedelta
from zoneinfo import ZoneInfo

from care_scoring.core.calendar import DAY_SECONDS, local_date, moment_of, offset_seconds, seconds_of
from care_scoring.core.settings.weight import HeartFailureWeightSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.vitals import THOUSANDTHS
from care_shared.vocabulary import VitalSign

HOUR_SECONDS = 3_600


def reach_of(limits: HeartFailureWeightSettings) -> int:
    """How many seconds back from the newest weight decide whether all is calm."""
    return limits.rearm_hours * HOUR_SECONDS + limits.week_days * DAY_SECONDS


@dataclass(slots=True)
class Gain:
    """One episode of gain: seconds and thousandths of a kilogram; base and value are those of the latest breach."""

    rose_from: int
    began_at: int
    at: int
    value: int
    base: int
    base_at: int
    overnight: bool
    worst: int
    count: int = 1
    calm_days: set[int] = field(default_factory=set)
    over: bool = False


@dataclass(slots=True)
class Suspect:
    """A reading that is probably another person's."""

    at: int
    value: int
    before: int
    over: bool = False


@dataclass(frozen=True, slots=True)
class Breach:
    """One reading too far above an earlier one."""

    base: int
    base_at: int
    overnight: bool


@dataclass(slots=True)
class Weighing:
    """The weights of a patient at home, oldest first; after `walk`, the last gain and the last suspect reading."""

    limits: HeartFailureWeightSettings
    home: ZoneInfo
    times: list[int]
    values: list[int]
    gain: Gain | None = None
    suspect: Suspect | None = None
    _accepted_at: list[int] = field(default_factory=list)
    _accepted: list[int] = field(default_factory=list)

    @property
    def _rearm(self) -> int:
        return self.limits.rearm_hours * HOUR_SECONDS

    def is_calm(self) -> bool:
        """Whether no reading of the last days can be a gain or a suspect: then there is nothing to walk through.

        A gain ends with the first calm reading `rearm_hours` after it, so older breaches are over.
        """
        if not self.times:
            return True
        newest = self.times[-1]
        recent = bisect_left(self.times, newest - self._rearm)
        base = bisect_left(self.times, self.times[recent] - self.limits.week_days * DAY_SECONDS)
        lowest, highest = min(self.values[base:]), max(self.values[recent:])
        if highest - lowest < min(self.limits.gain_overnight_kg, self.limits.gain_week_kg) * THOUSANDTHS:
            spread = max(self.values[base:]) - lowest
            return spread * 100 <= self.limits.wrong_person_percent * lowest
        return False

    def walk(self) -> None:
        """Read the weights in the order of their times."""
        for at, value in zip(self.times, self.values, strict=True):
            if self._jumps(at, value):
                self.suspect = Suspect(at, value, self._accepted[-1])
                continue
            if self.suspect is not None:
                self.suspect.over = True
            breach = self._breach(at, value)
            if breach is None:
                self._calm(at)
            else:
                self._note(at, value, breach)
            self._accepted_at.append(at)
            self._accepted.append(value)

    def _jumps(self, at: int, value: int) -> bool:
        """More than five percent in a day, or in as many days as passed; after a week anything may be true."""
        if not self._accepted:
            return False
        before, days = self._accepted[-1], (at - self._accepted_at[-1]) / DAY_SECONDS
        if days > self.limits.week_days:
            return False
        return abs(value - before) * 100 > self.limits.wrong_person_percent * before * max(days, 1.0)

    def _breach(self, at: int, value: int) -> Breach | None:
        """HF-W1 against any weight 18 to 36 hours earlier, else HF-W2 against the least of the week before."""
        limits = self.limits
        first = bisect_left(self._accepted_at, at - limits.overnight_to_hours * HOUR_SECONDS)
        last = bisect_right(self._accepted_at, at - limits.overnight_from_hours * HOUR_SECONDS)
        if first < last:
            row = min(range(first, last), key=self._accepted.__getitem__)
            if value - self._accepted[row] >= limits.gain_overnight_kg * THOUSANDTHS:
                return Breach(self._accepted[row], self._accepted_at[row], overnight=True)
        lowest = self._lowest_of_week(at)
        if lowest is not None and value - self._accepted[lowest] >= limits.gain_week_kg * THOUSANDTHS:
            return Breach(self._accepted[lowest], self._accepted_at[lowest], overnight=False)
        return None

    def _lowest_of_week(self, at: int) -> int | None:
        first = bisect_left(self._accepted_at, at - self.limits.week_days * DAY_SECONDS)
        rows = range(first, len(self._accepted))
        return min(rows, key=self._accepted.__getitem__, default=None)

    def _note(self, at: int, value: int, breach: Breach) -> None:
        """A breach goes on with the open gain, or begins a new one."""
        gain = self.gain
        if gain is None or gain.over or at - gain.at > self._rearm:
            lowest = self._lowest_of_week(at)
            rose_from = self._accepted_at[lowest] if lowest is not None else at
            self.gain = Gain(
                rose_from, at, at, value, breach.base, breach.base_at, breach.overnight, value - breach.base
            )
            return
        gain.at, gain.value, gain.base, gain.base_at = at, value, breach.base, breach.base_at
        gain.overnight = breach.overnight
        gain.worst = max(gain.worst, value - breach.base)
        gain.count += 1
        gain.calm_days.clear()

    def _calm(self, at: int) -> None:
        """In range on two different days, or once after the time to re-arm: the gain is over."""
        gain = self.gain
        if gain is None or gain.over:
            return
        gain.calm_days.add((at + offset_seconds(moment_of(at), self.home)) // DAY_SECONDS)
        gain.over = len(gain.calm_days) >= self.limits.rearm_readings or at - gain.at > self._rearm


def weigh(state: PatientState, limits: HeartFailureWeightSettings, home: ZoneInfo) -> Weighing | None:
    """The weights since the patient came home, walked through; None when nothing was measured."""
    series = state.vitals.get(VitalSign.BODY_WEIGHT)
    if series is None:
        return None
    since = state.home_since() if state.encounters else None
    weighing = Weighing(limits, home, *series.fit(seconds_of(since) if since else 0)[:2])
    weighing.walk()
    return weighing


def is_planned(state: PatientState, weighing: Weighing, gain: Gain) -> bool:
    """Whether fluids were planned for the day of a gain overnight, or the day before: a flag, or a task due then."""
    if not gain.overnight or not (state.flags or state.care_tasks):
        return False
    day = local_date(moment_of(gain.at), weighing.home)
    days, codes = {day, day - timedelta(days=1)}, weighing.limits.planned_fluids
    flagged = (one.at for one in state.flags.values() if one.code in codes and one.active and not one.void)
    tasks = (task.due_at or task.at for task in state.care_tasks.values() if task.kind in codes and not task.void)
    return any(local_date(at, weighing.home) in days for at in (*flagged, *tasks))
