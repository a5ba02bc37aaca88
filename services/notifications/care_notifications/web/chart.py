"""A trend is drawn as a plain SVG: what was measured, the line found, the line not to cross, and a table beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, floor, log10
from statistics import median
from zoneinfo import ZoneInfo

from care_notifications.core.slope import slope_interval
from care_shared.contracts.care_alerts import ChartPoint, TrendChart
from care_shared.vocabulary import VitalSign

WIDTH, HEIGHT = 640, 220
LEFT, RIGHT, TOP, BOTTOM = 52, 26, 16, 32

NAMES = {
    VitalSign.BODY_WEIGHT: "Weight",
    VitalSign.SYSTOLIC: "Systolic pressure",
    VitalSign.DIASTOLIC: "Diastolic pressure",
    VitalSign.HEART_RATE: "Heart rate",
    VitalSign.OXYGEN_SATURATION: "Oxygen saturation",
    VitalSign.RESPIRATORY_RATE: "Breathing rate",
    VitalSign.BODY_TEMPERATURE: "Temperature",
    VitalSign.GLUCOSE: "Glucose",
}


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


@dataclass(frozen=True, slots=True)
class _Frame:
    """From values to places on the drawing."""

    begins: datetime
    ends: datetime
    low: float
    high: float

    def x(self, at: datetime) -> float:
        span = (self.ends - self.begins) / timedelta(seconds=1) or 1.0
        share = (at - self.begins) / timedelta(seconds=1) / span
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)


def draw(chart: TrendChart, zone: ZoneInfo) -> Drawing | None:
    """The drawing, or None when there is nothing to draw."""
    points = sorted(chart.points, key=lambda point: point.at)
    if not points:
        return None
    trend = _trend_values(chart, points)
    frame = _frame(points, [*trend, *([chart.caution_line] if chart.caution_line is not None else [])])
    name = _name(chart.code)
    dots = tuple(_dot(point, frame, zone) for point in points)
    unit = chart.unit.replace("mm[Hg]", "mmHg").replace("Cel", "°C")
    return Drawing(
        title=f"{name}, {_per_day(chart, unit)}",
        summary=_summary(name, points, unit, chart),
        unit=unit,
        dots=dots,
        path=" ".join(f"{'L' if index else 'M'}{dot.x},{dot.y}" for index, dot in enumerate(dots)),
        trend=Line(frame.x(frame.begins), frame.y(trend[0]), frame.x(frame.ends), frame.y(trend[1])),
        caution=_across(frame, chart.caution_line) if chart.caution_line is not None else None,
        caution_label=f"caution {number(chart.caution_line)}" if chart.caution_line is not None else "",
        grid=tuple(_across(frame, value) for value in _ticks(frame)),
        scale=tuple(Label(LEFT - 8, frame.y(value) + 4, number(value)) for value in _ticks(frame)),
        days=tuple(_day_labels(points, frame, zone)),
    )


def _trend_values(chart: TrendChart, points: Sequence[ChartPoint]) -> tuple[float, float]:
    """Both ends of the Theil-Sen line: its slope, and the median of what is left as its height."""
    begins = points[0].at
    days = [(point.at - begins) / timedelta(days=1) for point in points]
    height = median(point.value - chart.slope_per_day * day for point, day in zip(points, days, strict=True))
    return height, height + chart.slope_per_day * days[-1]


def _frame(points: Sequence[ChartPoint], others: Sequence[float]) -> _Frame:
    values = [*(point.value for point in points), *others]
    margin = (max(values) - min(values)) * 0.1 or max(abs(values[0]) * 0.05, 1.0)
    return _Frame(points[0].at, points[-1].at, min(values) - margin, max(values) + margin)


def _ticks(frame: _Frame) -> tuple[float, ...]:
    """Round values inside the frame: steps of 1, 2 or 5 times a power of ten, about five of them."""
    rough = (frame.high - frame.low) / 5
    power = 10.0 ** floor(log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    first = ceil(frame.low / step)
    return tuple(round(step * count, 6) for count in range(first, floor(frame.high / step) + 1))


def _across(frame: _Frame, value: float) -> Line:
    return Line(LEFT, frame.y(value), WIDTH - RIGHT, frame.y(value))


def _dot(point: ChartPoint, frame: _Frame, zone: ZoneInfo) -> Dot:
    local = point.at.astimezone(zone)
    shown = local.strftime("%a %-d %b, %H:%M")
    return Dot(frame.x(point.at), frame.y(point.value), number(point.value), shown, point.at.isoformat())


def _day_labels(points: Sequence[ChartPoint], frame: _Frame, zone: ZoneInfo) -> list[Label]:
    step = max(1, (len(points) - 1) // 5)
    return [
        Label(frame.x(point.at), HEIGHT - 10, point.at.astimezone(zone).strftime("%-d %b")) for point in points[::step]
    ]


def _summary(name: str, points: Sequence[ChartPoint], unit: str, chart: TrendChart) -> str:
    first, last = number(points[0].value), number(points[-1].value)
    chance = "p < 0.001" if chart.p_value < 0.001 else f"p = {chart.p_value:.3f}"
    return f"{name} went from {first} to {last} {unit} over {len(points)} values, {_per_day(chart, unit)} ({chance})."


def _per_day(chart: TrendChart, unit: str) -> str:
    return f"{chart.slope_per_day:+.2g} {unit} per day" if abs(chart.slope_per_day) < 100 else "rising"


def _name(code: str) -> str:
    try:
        return NAMES[VitalSign(code)]
    except ValueError:
        return code


def slope_in_words(chart: TrendChart) -> str:
    """How steep, and between which slopes the true one lies 95 times in 100."""
    unit = chart.unit.replace("mm[Hg]", "mmHg").replace("Cel", "°C")
    steep = f"{chart.slope_per_day:+.2g} {unit} per day"
    begins = min(point.at for point in chart.points) if chart.points else None
    if begins is None:
        return steep
    between = slope_interval([((point.at - begins) / timedelta(days=1), point.value) for point in chart.points])
    return f"{steep} (95 % between {between[0]:+.2g} and {between[1]:+.2g})" if between is not None else steep


def number(value: float) -> str:
    """A value as people write it: no decimals that say nothing."""
    return f"{value:.1f}".removesuffix(".0")
