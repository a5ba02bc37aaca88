"""From values to places on a drawing: nothing outside the paper, round values beside it."""

from datetime import UTC, datetime, timedelta

import pytest

from care_notifications.web.axes import Frame, Paper, frame_around, ticks

PAPER = Paper(width=120, height=80, left=10, right=10, top=5, bottom=15)
BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
WEEK = (BEGIN, BEGIN + timedelta(days=7))


def test_time_runs_to_the_right_and_greater_values_stand_higher():
    frame = Frame(PAPER, *WEEK, 10, 20)

    assert [frame.x(at) for at in WEEK] == [10, 110]
    assert [frame.y(value) for value in (10.0, 15.0, 20.0)] == [65, 35, 5]
    assert frame.day(WEEK[1]) == 7


def test_a_share_of_room_is_left_above_and_below():
    frame = frame_around(PAPER, WEEK, [10.0, 20.0], room=0.1)

    assert (frame.low, frame.high) == (9, 21)


@pytest.mark.parametrize(("value", "edges"), [(80.0, (76, 84)), (0.0, (-1, 1)), (-40.0, (-42, -38))])
def test_equal_values_get_room_too(value, edges):
    frame = frame_around(PAPER, WEEK, [value, value], room=0.1)

    assert (frame.low, frame.high) == edges


def test_a_frame_of_one_moment_can_be_drawn():
    assert Frame(PAPER, BEGIN, BEGIN, 1, 2).x(BEGIN) == 10


@pytest.mark.parametrize(
    ("low", "high", "about", "expected"),
    [
        pytest.param(0.0, 10.0, 5, (0, 2, 4, 6, 8, 10), id="in twos"),
        pytest.param(77.3, 81.2, 4, (78, 79, 80, 81), id="in ones"),
        pytest.param(0.12, 0.31, 4, (0.15, 0.2, 0.25, 0.3), id="in twentieths"),
        pytest.param(-120.0, 260.0, 4, (-100, 0, 100, 200), id="in hundreds, across nought"),
    ],
)
def test_steps_are_one_two_or_five_times_a_power_of_ten(low, high, about, expected):
    assert ticks(Frame(PAPER, *WEEK, low, high), about) == pytest.approx(expected)
