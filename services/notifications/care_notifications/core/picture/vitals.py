"""Readings become lines to look at: what was taken back is gone, what is doubtful is shown and never judged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from care_notifications.core.slope import interval_of, slopes_between
from care_shared.vocabulary import ReadingQuality

FEWEST_DAYS = 4  # fewer say nothing about a direction


@dataclass(frozen=True, slots=True)
class Reading:
    """One row as it is kept: a value, or the word that a value was a mistake."""

    code: str
    observation_id: str
    at: datetime
    said_at: datetime
    value: float
    beyond: str = ""
    quality: str = ReadingQuality.VALID
    by_device: bool = True
    retracted: bool = False

    @property
    def judged(self) -> bool:
        """Whether it may be part of a trend."""
        return self.quality == ReadingQuality.VALID


@dataclass(frozen=True, slots=True)
class Trend:
    """A straight line through the days, and how far its slope may be off (95 times in 100)."""

    per_day: float
    low: float
    high: float
    middle_day: float
    middle_value: float

    def at(self, day: float, slope: float) -> float:
        """The height on a day of the line with this slope."""
        return self.middle_value + slope * (day - self.middle_day)

    @property
    def is_clear(self) -> bool:
        """Whether both ends of the interval point the same way."""
        return (self.low > 0) == (self.high > 0) and self.low != 0 and self.high != 0


def believed(rows: Iterable[Reading]) -> dict[str, list[Reading]]:
    """By code, in time: of each observation the newest word, unless that takes it back."""
    newest: dict[tuple[str, str], Reading] = {}
    for row in sorted(rows, key=lambda one: (one.said_at, one.retracted)):
        newest[row.code, row.observation_id] = row
    found: dict[str, list[Reading]] = {}
    for row in sorted(newest.values(), key=lambda one: (one.at, one.observation_id)):
        if not row.retracted:
            found.setdefault(row.code, []).append(row)
    return found


def missing_days(readings: Sequence[Reading], first: date, last: date, zone: ZoneInfo) -> tuple[date, ...]:
    """Days at the patient's home, from the first up to the last, on which nothing was measured."""
    measured = {one.at.astimezone(zone).date() for one in readings}
    days = (first + timedelta(days=count) for count in range((last - first).days + 1))
    return tuple(day for day in days if day not in measured)


def trend_of(readings: Sequence[Reading], begins: datetime, zone: ZoneInfo) -> Trend | None:
    """Theil and Sen: the median of all slopes between days, with Sen's interval; None when too few days say so.

    Days count once, by their median, so that a patient who measures ten times on one day does not bend the line.
    """
    by_day: dict[date, list[Reading]] = {}
    for one in readings:
        if one.judged:
            by_day.setdefault(one.at.astimezone(zone).date(), []).append(one)
    points = [_point(day, begins) for day in by_day.values()]
    if len(points) < FEWEST_DAYS:
        return None
    slopes = slopes_between(points)
    low, high = interval_of(slopes, len(points))
    return Trend(median(slopes), low, high, median(x for x, _ in points), median(y for _, y in points))


def _point(day: Sequence[Reading], begins: datetime) -> tuple[float, float]:
    middle = median((one.at - begins) / timedelta(days=1) for one in day)
    return middle, median(one.value for one in day)
