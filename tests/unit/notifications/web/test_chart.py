"""A trend is drawn where its numbers are."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from care_notifications.web.chart import draw
from care_shared.contracts.care_alerts import ChartPoint, TrendChart
from tests.care_alerts import NOW

UTC_ZONE = ZoneInfo("UTC")


def chart(*values, slope=1.0, **other):
    points = tuple(ChartPoint(at=NOW + timedelta(days=day), value=value) for day, value in enumerate(values))
    return TrendChart(code="29463-7", unit="kg", points=points, slope_per_day=slope, p_value=0.004, **other)


def test_a_line_through_points_on_a_line():
    drawing = draw(chart(80.0, 81.0, 82.0), UTC_ZONE)

    assert drawing is not None
    assert drawing.trend is not None
    assert (drawing.trend.x1, drawing.trend.y1) == (drawing.dots[0].x, drawing.dots[0].y)
    assert (drawing.trend.x2, drawing.trend.y2) == (drawing.dots[-1].x, drawing.dots[-1].y)
    assert drawing.dots[0].y > drawing.dots[-1].y, "up is up"


def test_it_can_be_read_aloud():
    drawing = draw(chart(80.0, 81.0, 82.0), UTC_ZONE)

    assert drawing is not None
    assert drawing.summary == "Weight went from 80 to 82 kg over 3 values, +1 kg per day (p = 0.004)."


def test_the_caution_line_lies_inside_even_when_no_value_reaches_it():
    drawing = draw(chart(80.0, 81.0, caution_line=90.0), UTC_ZONE)

    assert drawing is not None
    assert drawing.caution is not None
    assert 0 < drawing.caution.y1 < 220


@pytest.mark.parametrize(
    "values",
    [pytest.param((), id="no value"), pytest.param((80.0,), id="one"), pytest.param((0.0, 0.0), id="flat at 0")],
)
def test_odd_charts_do_not_break_the_page(values):
    drawing = draw(chart(*values, slope=0.0), UTC_ZONE)

    assert (drawing is None) == (len(values) == 0)


def test_the_scale_has_round_values():
    drawing = draw(chart(81.2, 84.1), UTC_ZONE)

    assert drawing is not None
    assert [label.text for label in drawing.scale] == ["81", "82", "83", "84"]
