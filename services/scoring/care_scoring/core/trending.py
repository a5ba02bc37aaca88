"""The readings a trend is judged by: cut to a window, gated cheaply, reduced to slot-day medians, and tested."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from operator import sub
from zoneinfo import ZoneInfo

from care_scoring.core.calendar import DAY_SECONDS, moment_of, offset_seconds
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.reasons.vitals import TrendReason
from care_scoring.core.settings.trends import TrendSettings
from care_scoring.core.state.vitals import SLOT_CODES, SLOT_MASK, THOUSANDTHS, Series, lag_hours_of
from care_scoring.core.statistics import Point, Trend, median, trend_of

# A test that fails by a wide margin now did not pass yesterday either: looking back is for near misses.
NEAR_P = 0.2
NEAR_CHANGE = 0.5
STRIDE = 4  # nearly everybody measures at least every other day, and a break is longer


@dataclass(frozen=True, slots=True)
class Finding:
    """A trend worth telling, with the slot-day medians it rests on."""

    trend: Trend
    strata: dict[int, list[Point]]
    shown_slot: int
    latest: float
    newest: float
    newest_at: int
    newest_day: int
    span_days: int

    @property
    def count(self) -> int:
        """How many slot-day values it rests on."""
        return sum(len(points) for points in self.strata.values())


@dataclass(slots=True)
class Window:
    """The readings of the last days, without a longer break, ordered by time; values in thousandths."""

    settings: TrendSettings
    times: list[int]
    values: list[int]
    marks: list[int]
    broken: bool

    @staticmethod
    def of(series: Series, settings: TrendSettings, not_before: int) -> "Window":
        """The window ends with the newest reading and begins after the last break that is too long."""
        times, values, marks = series.fit(max(series.newest_at - settings.window_days * DAY_SECONDS, not_before))
        longest = settings.max_gap_days * DAY_SECONDS
        if _is_unbroken(times, longest):
            return Window(settings, times, values, marks, broken=False)
        start = max(row for row in range(1, len(times)) if times[row] - times[row - 1] > longest)
        return Window(settings, times[start:], values[start:], marks[start:], broken=True)

    def gate(self, now: int) -> Reason | None:
        """Why a test would be a waste, by the cheapest signs first; None opens the gate."""
        settings, times, values = self.settings, self.times, self.values
        # Seven calendar days may be little more than five days of 24 hours.
        if len(times) < settings.min_values or times[-1] - times[0] < (settings.min_span_days - 2) * DAY_SECONDS:
            return TrendReason.GAP_IN_READINGS if self.broken else TrendReason.NEEDS_MORE_READINGS
        learnt_late = lag_hours_of(self.marks[-1]) >= settings.max_age_hours
        if learnt_late or now - times[-1] > settings.max_gap_days * DAY_SECONDS:
            return TrendReason.STALE
        if values[0] == values[-1] and min(values) == max(values):
            return TrendReason.ALL_EQUAL
        return None if self._rises() else TrendReason.NO_SIGNIFICANT_TREND

    def _rises(self) -> bool:
        """Whether in some slot the newest days stand above the oldest by a good part of the change that matters."""
        marks = self.marks
        if marks.count(marks[0]) == len(marks):
            return self._rises_in(self.times, self.values)
        slots = {mark & SLOT_MASK for mark in marks}
        if len(slots) == 1:
            return self._rises_in(self.times, self.values)
        for slot in slots:
            rows = [row for row, mark in enumerate(self.marks) if mark & SLOT_MASK == slot]
            if self._rises_in([self.times[row] for row in rows], [self.values[row] for row in rows]):
                return True
        return False

    def _rises_in(self, times: list[int], values: list[int]) -> bool:
        settings = self.settings
        reach = settings.latest_days * DAY_SECONDS
        head = bisect_right(times, times[0] + reach - 1)
        tail = bisect_right(times, times[-1] - reach)
        rise = median(values[tail:]) - median(values[:head])
        span = (times[-1] - times[0]) / DAY_SECONDS
        needed = settings.rise_gate * settings.important_change * THOUSANDTHS * span / settings.change_days
        return span > 0 and (-rise if settings.downward else rise) >= needed

    def test(self, home: ZoneInfo) -> Finding | Reason:
        """The full test. An alert holds for some days after the test last passed, so it does not flicker."""
        strata = self._slot_days(home)
        last_day = max(day for points in strata.values() for day, _, _ in points)
        found, near = self._judge(strata)
        if isinstance(found, Finding) or not near:
            return found
        for back in range(1, self.settings.hold_days + 1):
            earlier = {
                slot: [point for point in points if point[0] <= last_day - back] for slot, points in strata.items()
            }
            held, _ = self._judge({slot: points for slot, points in earlier.items() if points})
            if isinstance(held, Finding):
                return held
        return found

    def _slot_days(self, home: ZoneInfo) -> dict[int, list[tuple[int, float, float]]]:
        """Per slot, one (day, time in days, median) per local day."""
        first = offset_seconds(moment_of(self.times[0]), home)
        same = first == offset_seconds(moment_of(self.times[-1]), home)
        offsets = [first] * len(self.times) if same else [offset_seconds(moment_of(at), home) for at in self.times]
        days = [(at + offset) // DAY_SECONDS for at, offset in zip(self.times, offsets, strict=True)]
        if len({*days}) == len(days) and len({mark & SLOT_MASK for mark in self.marks}) == 1:
            points = zip(days, self.times, self.values, strict=True)
            return {self.marks[0] & SLOT_MASK: [(day, at / DAY_SECONDS, x / THOUSANDTHS) for day, at, x in points]}
        return self._medians(days)

    def _medians(self, days: list[int]) -> dict[int, list[tuple[int, float, float]]]:
        """Several readings of one slot and day become one."""
        grouped: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for day, at, value, mark in zip(days, self.times, self.values, self.marks, strict=True):
            grouped.setdefault((mark & SLOT_MASK, day), []).append((at, value))
        strata: dict[int, list[tuple[int, float, float]]] = {}
        for (slot, day), readings in grouped.items():
            middle = sum([at for at, _ in readings]) / len(readings)
            typical = median([value for _, value in readings])
            strata.setdefault(slot, []).append((day, middle / DAY_SECONDS, typical / THOUSANDTHS))
        return strata

    def _judge(self, strata: dict[int, list[tuple[int, float, float]]]) -> tuple[Finding | Reason, bool]:
        """Enough values, significant, large enough, beyond the line; and whether a failure was a near miss."""
        settings = self.settings
        days = {day for points in strata.values() for day, _, _ in points}
        count = sum([len(points) for points in strata.values()])
        if count < settings.min_values or len(days) < settings.min_days:
            return TrendReason.NEEDS_MORE_READINGS, False
        if max(days) - min(days) + 1 < settings.min_span_days:
            return TrendReason.NEEDS_MORE_READINGS, False
        plain = {slot: [(at, value) for _, at, value in points] for slot, points in strata.items()}
        trend = trend_of(plain.values())
        sign = -1 if settings.downward else 1
        change = sign * trend.slope * settings.change_days
        near = trend.p < NEAR_P and change >= settings.important_change * NEAR_CHANGE
        if trend.p >= settings.p_value or sign * trend.s <= 0:
            return TrendReason.NO_SIGNIFICANT_TREND, near
        if change < settings.important_change:
            return TrendReason.CHANGE_TOO_SMALL, near
        return self._beyond_line(strata, plain, trend), near

    def _beyond_line(
        self, strata: dict[int, list[tuple[int, float, float]]], plain: dict[int, list[Point]], trend: Trend
    ) -> Finding | Reason:
        """The latest days against the caution line, in the slot the line is meant for when there is one."""
        settings = self.settings
        slot = SLOT_CODES[settings.line_slot] if settings.line_slot is not None else -1
        days = [day for points in strata.values() for day, _, _ in points]
        judged = strata[slot] if slot in strata else [point for points in strata.values() for point in points]
        newest_day = max(day for day, _, _ in judged)
        latest = median([value for day, _, value in judged if day > newest_day - settings.latest_days])
        if settings.caution_line is not None:
            beyond = latest < settings.caution_line if settings.downward else latest > settings.caution_line
            if not beyond:
                return TrendReason.BELOW_CAUTION_LINE
        return Finding(
            trend=trend,
            strata=plain,
            shown_slot=slot if slot in strata else max(strata, key=lambda kept: (len(strata[kept]), -kept)),
            latest=latest,
            newest=self.values[-1] / THOUSANDTHS,
            newest_at=self.times[-1],
            newest_day=max(days),
            span_days=max(days) - min(days) + 1,
        )


def _is_unbroken(times: list[int], longest: int) -> bool:
    """Whether no two neighbours lie further apart. Where a stride stays within, so does every step of it."""
    if len(times) < 2 or times[-1] - times[0] <= longest:
        return True
    coarse = times[::STRIDE]
    if times[-1] - coarse[-1] <= longest and _longest_step(coarse) <= longest:
        return True
    return _longest_step(times) <= longest


def _longest_step(times: list[int]) -> int:
    steps: Iterator[int] = map(sub, times[1:], times)
    return max(steps, default=0)
