"""A trend is drawn as a plain SVG: what was measured, the line found, the line not to cross, and a table beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from zoneinfo import ZoneInfo

from care_notifications.core.slope import slope_interval
from care_notifications.web.axes import Frame, Paper, frame_around, ticks
from care_notifications.web.vital_words import name_of, number, readable_unit
from care_shared.contracts.care_alerts import ChartPoint, TrendChart

PAPER = Paper(width=640, height=220, left=52, right=26, top=16, bottom=32)


@dataclass(frozen=True, slots=True)
class Dot:
    """One measured value on the drawing."""

    x: float
    y: float
    value: str
    at: str
    iso: str


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line on the drawing."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True)
class Label:
    """A word beside an axis."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that the template needs to draw."""

    title: str
    summary: str
    unit: str
    dots: tuple[Dot, ...]
    path: str
    trend: Line | None
    caution: Line | None
    caution_label: str
    grid: tuple[Line, ...]
    scale: tuple[Label, ...]
    days: tuple[Label, ...]


def draw(chart: TrendChart, zone: ZoneInfo) -> Drawing | None:
    """The drawing, or None when there is nothing to draw."""
    points = sorted(chart.points, key=lambda point: point.at)
    if not points:
        return None
    trend = _trend_values(chart, points)
    frame = _frame(points, [*trend, *([chart.caution_line] if chart.caution_line is not None else [])])
    name = name_of(chart.code)
    dots = tuple(_dot(point, frame, zone) for point in points)
    unit = readable_unit(chart.unit)
    return Drawing(
        title=f"{name}, {_per_day(chart, unit)}",
        summary=_summary(name, points, unit, chart),
        unit=unit,
        dots=dots,
        path=" ".join(f"{'L' if index else 'M'}{dot.x},{dot.y}" for index, dot in enumerate(dots)),
        trend=Line(frame.x(frame.begins), frame.y(trend[0]), frame.x(frame.ends), frame.y(trend[1])),
        caution=_across(frame, chart.caution_line) if chart.caution_line is not None else None,
        caution_label=f"caution {number(chart.caution_line)}" if chart.caution_line is not None else "",
        grid=tuple(_across(frame, value) for value in ticks(frame, about=5)),
        scale=tuple(Label(PAPER.left - 8, frame.y(value) + 4, number(value)) for value in ticks(frame, about=5)),
        days=tuple(_day_labels(points, frame, zone)),
    )


def _trend_values(chart: TrendChart, points: Sequence[ChartPoint]) -> tuple[float, float]:
    """Both ends of the Theil-Sen line: its slope, and the median of what is left as its height."""
    begins = points[0].at
    days = [(point.at - begins) / timedelta(days=1) for point in points]
    height = median(point.value - chart.slope_per_day * day for point, day in zip(points, days, strict=True))
    return height, height + chart.slope_per_day * days[-1]


def _frame(points: Sequence[ChartPoint], others: Sequence[float]) -> Frame:
    return frame_around(PAPER, (points[0].at, points[-1].at), [*(point.value for point in points), *others], room=0.1)


def _across(frame: Frame, value: float) -> Line:
    return Line(PAPER.left, frame.y(value), PAPER.width - PAPER.right, frame.y(value))


def _dot(point: ChartPoint, frame: Frame, zone: ZoneInfo) -> Dot:
    local = point.at.astimezone(zone)
    shown = local.strftime("%a %-d %b, %H:%M")
    return Dot(frame.x(point.at), frame.y(point.value), number(point.value), shown, point.at.isoformat())


def _day_labels(points: Sequence[ChartPoint], frame: Frame, zone: ZoneInfo) -> list[Label]:
    step = max(1, (len(points) - 1) // 5)
    return [
        Label(frame.x(point.at), PAPER.height - 10, point.at.astimezone(zone).strftime("%-d %b"))
        for point in points[::step]
    ]


def _summary(name: str, points: Sequence[ChartPoint], unit: str, chart: TrendChart) -> str:
    first, last = number(points[0].value), number(points[-1].value)
    chance = "p < 0.001" if chart.p_value < 0.001 else f"p = {chart.p_value:.3f}"
    return f"{name} went from {first} to {last} {unit} over {len(points)} values, {_per_day(chart, unit)} ({chance})."


def _per_day(chart: TrendChart, unit: str) -> str:
    return f"{chart.slope_per_day:+.2g} {unit} per day" if abs(chart.slope_per_day) < 100 else "rising"


def slope_in_words(chart: TrendChart) -> str:
    """How steep, and between which slopes the true one lies 95 times in 100."""
    unit = readable_unit(chart.unit)
    steep = f"{chart.slope_per_day:+.2g} {unit} per day"
    begins = min(point.at for point in chart.points) if chart.points else None
    if begins is None:
        return steep
    between = slope_interval([((point.at - begins) / timedelta(days=1), point.value) for point in chart.points])
    return f"{steep} (95 % between {between[0]:+.2g} and {between[1]:+.2g})" if between is not None else steep
