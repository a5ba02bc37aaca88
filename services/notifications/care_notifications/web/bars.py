"""Figures as plain SVG bars: by week, two policies side by side, a share with its interval; each with its table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from care_notifications.core.measures.rates import Rate

LEFT, RIGHT, TOP, BOTTOM = 36, 4, 8, 22
NARROW, WIDE = 320, 1120  # drawn at about this size, so that letters are as large as those around them
LABEL = 78  # a date takes so much room
NONE = "\N{EN DASH}"  # where there is no figure


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. `kind` is its class: what it stands for."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A word beside an axis, and a line across at that height where there is one."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Bars:
    """All that the template draws: the drawing, and the same as a table."""

    title: str
    summary: str
    width: int
    height: int
    bars: tuple[Bar, ...]
    scale: tuple[Mark, ...]
    labels: tuple[Mark, ...]
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Whisker:
    """A share and its interval on a line from 0 to 100 %, 200 wide."""

    x: float
    low: float
    high: float
    words: str


def percent(share: float | None, places: int = 0) -> str:
    """«82 %», or a dash where there is nothing to divide."""
    return NONE if share is None else f"{share * 100:.{places}f} %"


def shares(name: str, turns: Sequence[tuple[date, Rate]], places: int = 0) -> Bars:
    """A bar for the share of each week or month, by its first day; one without cases has none."""
    height, step = 116, _step(NARROW, len(turns))
    bars = []
    for number, (day, rate) in enumerate(turns):
        if rate.share is not None:
            tall = max(round(rate.share * (height - TOP - BOTTOM), 1), 1.0)
            title = f"From {_day(day)}: {percent(rate.share, places)}, {rate.part} of {rate.whole}"
            x = round(LEFT + step * number + step * 0.14, 1)
            bars.append(Bar(x, round(height - BOTTOM - tall, 1), round(step * 0.72, 1), tall, "share", title))
    known = [rate.share for _, rate in turns if rate.share is not None]
    spread = f", between {percent(min(known), places)} and {percent(max(known), places)}" if known else ""
    return Bars(
        title=f"{name}, over time",
        summary=f"{name} over time{spread}." if known else f"{name}: no case is decided in this time.",
        width=NARROW,
        height=height,
        bars=tuple(bars),
        scale=tuple(Mark(LEFT - 6, _at(share, 1.0, height), percent(share)) for share in (0.0, 0.5, 1.0)),
        labels=_dates([day for day, _ in turns], step, height),
        heads=("From", "Share", "Counted", "Out of"),
        rows=tuple((_day(day), percent(rate.share, places), str(rate.part), str(rate.whole)) for day, rate in turns),
    )


def weekly_counts(name: str, weeks: Sequence[tuple[date, int]]) -> Bars:
    """A bar for the number of each week."""
    top = nice_top(max((count for _, count in weeks), default=0))
    height, step = 116, _step(NARROW, len(weeks))
    bars = []
    for number, (week, count) in enumerate(weeks):
        tall = round(count / top * (height - TOP - BOTTOM), 1)
        x = round(LEFT + step * number + step * 0.14, 1)
        title = f"Week of {_day(week)}: {count}"
        bars.append(Bar(x, round(height - BOTTOM - tall, 1), round(step * 0.72, 1), tall, "share", title))
    return Bars(
        title=f"{name}, by week",
        summary=f"{name} by week, {sum(count for _, count in weeks)} in all.",
        width=NARROW,
        height=height,
        bars=tuple(bars),
        scale=_count_scale(top, height),
        labels=_dates([week for week, _ in weeks], step, height),
        heads=("Week of", name),
        rows=tuple((_day(week), str(count)) for week, count in weeks),
    )


def pairs_by_day(name: str, days: Sequence[tuple[date, int, int]]) -> Bars:
    """Two bars a day: under today's policy and under the proposed one."""
    top = nice_top(max((max(before, after) for _, before, after in days), default=0))
    height, step = 240, _step(WIDE, len(days))
    bars = []
    for number, (day, before, after) in enumerate(days):
        left = LEFT + step * number
        title = f"{_day(day)}: {before} today, {after} proposed"
        for kind, count, at in (("before", before, 0.1), ("after", after, 0.5)):
            tall = round(count / top * (height - TOP - BOTTOM), 1)
            x, y = round(left + step * at, 2), round(height - BOTTOM - tall, 1)
            bars.append(Bar(x, y, round(max(step * 0.4, 0.6), 2), tall, kind, title))
    return Bars(
        title=f"{name}: alerts by day",
        summary=f"{name}: {sum(one[1] for one in days)} alerts under today's policy, "
        f"{sum(one[2] for one in days)} under the proposed one.",
        width=WIDE,
        height=height,
        bars=tuple(bars),
        scale=_count_scale(top, height),
        labels=_dates([day for day, _, _ in days], step, height),
        heads=("Day", "Today", "Proposed", "Difference"),
        rows=tuple((_day(day), str(before), str(after), f"{after - before:+d}") for day, before, after in days),
    )


def whisker(rate: Rate) -> Whisker | None:
    """Where a share and its interval lie; None of nothing."""
    if rate.share is None or rate.interval is None:
        return None
    low, high = rate.interval
    words = f"{percent(rate.share)}, 95 % interval {percent(low)} to {percent(high)}"
    return Whisker(round(rate.share * 200, 1), round(low * 200, 1), round(high * 200, 1), words)


def nice_top(most: int) -> int:
    """The round, even number at the top of a scale: 8 for 7, 12 for 11, 240 for 226."""
    unit = max(2, int("1" + "0" * (len(str(most)) - 1)) // 5)
    return max(-(-most // unit), 1) * unit


def _step(width: int, count: int) -> float:
    return (width - LEFT - RIGHT) / max(count, 1)


def _count_scale(top: int, height: int) -> tuple[Mark, ...]:
    return tuple(Mark(LEFT - 6, _at(count, top, height), f"{count:,}") for count in (0, top // 2, top))


def _at(value: float, top: float, height: int) -> float:
    return round(height - BOTTOM - value / top * (height - TOP - BOTTOM), 1)


def _dates(days: Sequence[date], step: float, height: int) -> tuple[Mark, ...]:
    every = max(-(-LABEL // max(int(step), 1)), 1)
    return tuple(
        Mark(round(LEFT + step * (number + 0.5), 1), height - 7, _day(day))
        for number, day in enumerate(days)
        if number % every == 0
    )


def _day(day: date) -> str:
    return f"{day:%-d %b}"
