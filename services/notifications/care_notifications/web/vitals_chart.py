"""Vital signs over weeks as plain SVG: the readings, days without, the line found and how sure it is, the limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from care_notifications.core.picture.vitals import Reading, Trend, missing_days, trend_of
from care_notifications.web.axes import Frame, Paper, frame_around, ticks
from care_notifications.web.vital_words import name_of, number, unit_of
from care_shared.vocabulary import VitalSign

PAPER = Paper(width=360, height=160, left=36, right=10, top=14, bottom=26)
LONGEST_BRIDGE = timedelta(hours=36)  # across a longer silence no line is drawn: nobody knows what it was
MOST_DOTS = 240
TABLE_ROWS = 30  # the newest; all of them stand in the timeline


@dataclass(frozen=True, slots=True)
class Limits:
    """The lines that matter: where an alert begins to be careful, and the personal goal."""

    caution: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def values(self) -> tuple[float, ...]:
        """Those that are known."""
        return tuple(one for one in (self.caution, self.low, self.high) if one is not None)


@dataclass(frozen=True, slots=True)
class Row:
    """One reading in the table."""

    value: str
    at: str
    how: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A word beside an axis, and how far a line goes with it."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Band:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Marks:
    """What stands on the drawing for the readings: dots, lines between them, the trend, the days without."""

    dots: str
    doubtful: str
    paths: tuple[str, ...]
    trend: str
    interval: str
    silent: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class VitalsDrawing:
    """All that the template needs to draw one vital sign."""

    name: str
    unit: str
    latest: str
    latest_at: str
    change: str
    summary: str
    count: int
    rows: tuple[Row, ...]
    marks: Marks
    caution: float | None
    caution_label: str
    goal: Band | None
    goal_label: str
    scale: tuple[Tick, ...]
    days: tuple[Tick, ...]


def draw_vitals(
    code: VitalSign, readings: Sequence[Reading], limits: Limits, window: tuple[datetime, datetime], zone: ZoneInfo
) -> VitalsDrawing | None:
    """One vital sign from the first day of the window to the last; None when nothing was measured in it."""
    begins, ends = window
    shown = [one for one in readings if begins <= one.at <= ends]
    if not shown:
        return None
    frame, trend = _frame(shown, limits, window), trend_of(shown, begins, zone)
    silent = missing_days(shown, begins.astimezone(zone).date(), ends.astimezone(zone).date(), zone)
    return VitalsDrawing(
        name=name_of(code),
        unit=unit_of(code),
        latest=_shown(shown[-1]),
        latest_at=_local(shown[-1].at, zone),
        change=_change(trend, unit_of(code)),
        summary=_summary(code, shown, trend, len(silent)),
        count=len(shown),
        rows=tuple(_row(one, zone) for one in shown[: -TABLE_ROWS - 1 : -1]),
        marks=_marks(shown, trend, frame, tuple(_silence(silent, frame, zone))),
        caution=frame.y(limits.caution) if limits.caution is not None else None,
        caution_label=f"caution {number(limits.caution)}" if limits.caution is not None else "",
        goal=_goal(limits, frame),
        goal_label=_goal_words(limits, unit_of(code)),
        scale=tuple(Tick(frame.y(value), number(value)) for value in ticks(frame, about=4)),
        days=tuple(_days(frame, zone)),
    )


def _marks(shown: Sequence[Reading], trend: Trend | None, frame: Frame, silent: tuple[Band, ...]) -> Marks:
    return Marks(
        dots=_dots([one for one in _thinned(shown) if one.judged], frame),
        doubtful=_dots([one for one in shown if not one.judged], frame),
        paths=tuple(_paths([one for one in shown if one.judged], frame)),
        trend=_line(trend, frame, shown) if trend else "",
        interval=_fan(trend, frame, shown) if trend else "",
        silent=silent,
    )


def _frame(shown: Sequence[Reading], limits: Limits, window: tuple[datetime, datetime]) -> Frame:
    return frame_around(PAPER, window, [*(one.value for one in shown), *limits.values], room=0.12)


def _thinned(readings: Sequence[Reading]) -> Sequence[Reading]:
    """Not more dots than can be told apart: every second, third … reading, and always the newest."""
    step = ceil(len(readings) / MOST_DOTS)
    return readings[::-step][::-1] if step > 1 else readings


def _shown(one: Reading) -> str:
    return f"{one.beyond} " * bool(one.beyond) + number(one.value)


def _local(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%a %-d %b, %H:%M")


def _row(one: Reading, zone: ZoneInfo) -> Row:
    how = "device" if one.by_device else "by hand"
    doubt = "" if one.judged else f", {one.quality.replace('-', ' ')}: not judged"
    return Row(_shown(one), _local(one.at, zone), how + doubt)


def _dots(readings: Sequence[Reading], frame: Frame) -> str:
    """All dots as one path of strokes without length; round ends make each a dot."""
    return "".join(f"M{frame.x(one.at)},{frame.y(one.value)}h0" for one in readings)


def _paths(readings: Sequence[Reading], frame: Frame) -> list[str]:
    """The line through the readings, broken where nothing was measured for a day and a half."""
    paths: list[list[str]] = []
    before: datetime | None = None
    for one in readings:
        if before is None or one.at - before > LONGEST_BRIDGE:
            paths.append([])
        paths[-1].append(f"{frame.x(one.at)},{frame.y(one.value)}")
        before = one.at
    return ["M" + " L".join(places) for places in paths if len(places) > 1]


def _line(trend: Trend, frame: Frame, shown: Sequence[Reading]) -> str:
    ends = [(one.at, frame.day(one.at)) for one in (shown[0], shown[-1])]
    return "M" + " L".join(f"{frame.x(at)},{_inside(trend.at(day, trend.per_day), frame)}" for at, day in ends)


def _fan(trend: Trend, frame: Frame, shown: Sequence[Reading]) -> str:
    """Between the lines with the lowest and the highest slope that are still likely."""
    begin, end = frame.day(shown[0].at), frame.day(shown[-1].at)
    corners = [
        (begin, trend.low), (trend.middle_day, trend.low), (end, trend.low), (end, trend.high),
        (trend.middle_day, trend.high), (begin, trend.high),
    ]  # fmt: skip
    at = [(frame.begins + timedelta(days=day), trend.at(day, slope)) for day, slope in corners]
    return "M" + " L".join(f"{frame.x(moment)},{_inside(value, frame)}" for moment, value in at) + "Z"


def _inside(value: float, frame: Frame) -> float:
    return min(max(frame.y(value), float(PAPER.top)), float(PAPER.foot))


def _goal(limits: Limits, frame: Frame) -> Band | None:
    if limits.low is None and limits.high is None:
        return None
    top = frame.y(limits.high) if limits.high is not None else float(PAPER.top)
    bottom = frame.y(limits.low) if limits.low is not None else float(PAPER.foot)
    return Band(PAPER.left, top, PAPER.inner_width, round(bottom - top, 1))


def _goal_words(limits: Limits, unit: str) -> str:
    if limits.low is not None and limits.high is not None:
        return f"goal {number(limits.low)} to {number(limits.high)} {unit}"
    if limits.low is not None:
        return f"goal at least {number(limits.low)} {unit}"
    return f"goal at most {number(limits.high)} {unit}" if limits.high is not None else ""


def _days(frame: Frame, zone: ZoneInfo) -> list[Tick]:
    span = (frame.ends - frame.begins).days
    step = max(1, round(span / 4))
    moments = (frame.ends - timedelta(days=count) for count in range(0, span + 1, step))
    return [Tick(min(frame.x(at), PAPER.width - 24), at.astimezone(zone).strftime("%-d %b")) for at in moments]


def _silence(days: Sequence[date], frame: Frame, zone: ZoneInfo) -> list[Band]:
    """The days on which nothing was measured, as strips along the foot."""
    found = []
    for day in days:
        midnight = datetime.combine(day, time(), zone)
        begin, end = max(midnight, frame.begins), min(midnight + timedelta(days=1), frame.ends)
        if begin < end:
            found.append(Band(frame.x(begin), PAPER.foot - 4, round(frame.x(end) - frame.x(begin), 1), 4))
    return found


def _change(trend: Trend | None, unit: str) -> str:
    if trend is None:
        return "too few days for a trend"
    if not trend.is_clear:
        return "no clear direction in this time"
    return f"{trend.per_day * 7:+.2g} {unit} a week"


def _summary(code: VitalSign, shown: Sequence[Reading], trend: Trend | None, silent: int) -> str:
    unit, values = unit_of(code), [one.value for one in shown]
    told = f"{name_of(code)}: {len(shown)} readings between {number(min(values))} and {number(max(values))} {unit}"
    sure = f", likely between {trend.low * 7:+.2g} and {trend.high * 7:+.2g} {unit} a week" if trend else ""
    return f"{told}, {_change(trend, unit)}{sure}; {silent} days without a reading."
