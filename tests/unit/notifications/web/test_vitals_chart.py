"""A vital sign drawn over weeks: what was measured, where nothing was, and the lines that matter."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from care_notifications.core.picture.vitals import Reading
from care_notifications.web.vitals_chart import PAPER, Limits, draw_vitals
from care_shared.vocabulary import VitalSign
from tests.care_alerts import NOW

HOME = ZoneInfo("America/New_York")
WINDOW = (NOW - timedelta(days=30), NOW)


def weights(*values, every=1.0, **more):
    """The last one was measured now."""
    first = NOW - timedelta(days=every * (len(values) - 1))
    return [
        Reading("29463-7", f"o-{place}", first + timedelta(days=every * place), NOW, value, **more)
        for place, value in enumerate(values)
    ]


def drawn(readings, limits=Limits()):  # noqa: B008 - frozen
    drawing = draw_vitals(VitalSign.BODY_WEIGHT, readings, limits, WINDOW, HOME)
    assert drawing is not None
    return drawing


def places(path):
    return [tuple(map(float, one.removesuffix("h0").split(","))) for one in path.split("M")[1:]]


def test_a_thousand_readings_are_thinned_to_what_can_be_told_apart():
    drawing = drawn(weights(*[80 + n % 3 for n in range(1000)], every=0.02))

    assert 100 < len(places(drawing.marks.dots)) <= 240
    assert (drawing.count, len(drawing.rows)) == (1000, 30)


def test_every_reading_is_a_dot_within_the_frame():
    drawing = drawn(weights(80, 81, 82, 83, 84, 85))

    dots = places(drawing.marks.dots)
    assert [row.value for row in drawing.rows] == ["85", "84", "83", "82", "81", "80"]
    assert len(dots) == 6
    assert all(PAPER.left <= x <= PAPER.width - PAPER.right and PAPER.top <= y <= PAPER.foot for x, y in dots)
    assert dots[0][1] > dots[-1][1], "more is higher"
    assert (drawing.name, drawing.unit, drawing.latest) == ("Weight", "kg", "85")


def test_the_summary_says_in_words_what_the_picture_shows():
    drawing = drawn(weights(80, 81, 82, 83, 84, 85))

    assert drawing.change == "+7 kg a week"
    assert "6 readings between 80 and 85 kg" in drawing.summary
    assert "25 days without a reading" in drawing.summary


def test_across_a_silence_no_line_is_drawn():
    assert len(drawn(weights(80, 81, 82)).marks.paths) == 1
    assert drawn(weights(80, 81, 82, every=3)).marks.paths == ()


def test_days_without_a_reading_are_strips_at_the_foot():
    drawing = drawn(weights(*[80] * 29))

    assert len(drawing.marks.silent) == 2
    assert all(strip.y + strip.height == PAPER.foot for strip in drawing.marks.silent)


def test_a_caution_line_and_a_goal_are_part_of_the_frame():
    drawing = drawn(weights(80, 80.2), Limits(caution=86, low=70, high=79))

    assert drawing.caution is not None
    assert PAPER.top <= drawing.caution <= PAPER.foot
    assert drawing.goal is not None
    assert drawing.goal.height > 0
    assert (drawing.caution_label, drawing.goal_label) == ("caution 86", "goal 70 to 79 kg")


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(high=82), "goal at most 82 kg"),
        (Limits(low=70), "goal at least 70 kg"),
        (Limits(), ""),
    ],
)
def test_a_goal_in_words(limits, words):
    assert drawn(weights(80), limits).goal_label == words


def test_a_doubtful_reading_is_shown_as_one_and_not_judged():
    drawing = drawn([*weights(80, 80, 80, 80, 80), *weights(200, quality="unit-suspect")])

    assert (len(places(drawing.marks.dots)), len(places(drawing.marks.doubtful))) == (5, 1)
    assert [row.value for row in drawing.rows if "unit suspect: not judged" in row.how] == ["200"]
    assert drawing.change == "no clear direction in this time"


def test_a_single_value_and_a_flat_line_can_be_drawn():
    assert drawn(weights(80)).change == "too few days for a trend"
    assert len(places(drawn(weights(*[80] * 10)).marks.dots)) == 10


def test_nothing_in_the_window_is_no_drawing():
    old = [Reading("29463-7", "o", NOW - timedelta(days=60), NOW, 80.0)]

    assert draw_vitals(VitalSign.BODY_WEIGHT, old, Limits(), WINDOW, HOME) is None
