"""Readings become lines: what was taken back is gone, what is doubtful is not judged, a direction needs its days."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care_notifications.core.picture.vitals import Reading, believed, missing_days, trend_of
from tests.patient_story import on

HOME = ZoneInfo("America/New_York")
BEGIN = on("2026-11-01 12:00")


def weight(day, value, number=None, said=0, **more):
    at = BEGIN + timedelta(days=day)
    return Reading("29463-7", number or f"o-{day}", at, at + timedelta(hours=said), value, **more)


def test_the_newest_word_about_an_observation_counts():
    first, corrected = weight(0, 800.0, "o-1"), weight(0, 80.0, "o-1", said=2)

    assert believed([corrected, first]) == {"29463-7": [corrected]}


def test_what_was_taken_back_is_gone_whatever_comes_first():
    taken_back = weight(0, 0.0, "o-1", said=1, retracted=True)

    assert believed([taken_back, weight(0, 80.0, "o-1")]) == {}
    assert believed([weight(0, 80.0, "o-1"), taken_back]) == {}


@given(st.permutations([weight(day, 80 + day) for day in range(5)]))
def test_any_order_gives_the_same_line(rows):
    assert [one.value for one in believed(rows)["29463-7"]] == [80, 81, 82, 83, 84]


@pytest.mark.parametrize(
    ("values", "slope", "is_clear"),
    [
        pytest.param([80, 80.5, 81, 81.5, 82, 82.5, 83, 83.5], 0.5, True, id="half a kilogram a day"),
        pytest.param([80, 80, 80, 80, 80, 80], 0.0, False, id="nothing moves"),
        pytest.param([80, 83, 79, 84, 78, 82], pytest.approx(-0.1, abs=0.5), False, id="up and down says nothing"),
        pytest.param([80, 80.5, 81, 140, 82, 82.5, 83, 83.5], 0.5, True, id="one wild value bends nothing"),
    ],
)
def test_the_slope_and_how_sure_it_is(values, slope, is_clear):
    trend = trend_of([weight(day, value) for day, value in enumerate(values)], BEGIN, HOME)

    assert trend is not None
    assert trend.per_day == slope
    assert trend.low <= trend.per_day <= trend.high
    assert trend.is_clear is is_clear


def test_three_days_are_no_trend_however_often_somebody_measures():
    often = [weight(day + part / 24, 80 + day, f"{day}.{part}") for day in range(3) for part in range(8)]

    assert trend_of(often, BEGIN, HOME) is None


def test_doubtful_readings_bend_no_line():
    rows = [weight(day, 80.0) for day in range(5)] + [weight(5, 300.0, quality="artifact")]

    trend = trend_of(rows, BEGIN, HOME)

    assert trend is not None
    assert (trend.per_day, trend.middle_value) == (0.0, 80.0)


def test_days_without_a_reading_are_days_at_home():
    late_evening = Reading("29463-7", "o", on("2026-11-02 03:30"), on("2026-11-02 03:30"), 80.0)

    assert missing_days([late_evening], date(2026, 11, 1), date(2026, 11, 3), HOME) == (
        date(2026, 11, 2), date(2026, 11, 3),
    )  # fmt: skip
