"""A share comes with its interval, and small groups stay hidden, also from those who can subtract."""

import pytest

from care_notifications.core.measures.rates import Group, Rate, suppressed


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        # Newcombe 1998, table I, Wilson score without continuity correction.
        pytest.param(81, 263, 0.2553, 0.3662, id="81 of 263"),
        pytest.param(15, 148, 0.0624, 0.1605, id="15 of 148"),
        pytest.param(0, 20, 0.0, 0.1611, id="none of 20"),
        pytest.param(1, 29, 0.0061, 0.1718, id="1 of 29"),
    ],
)
def test_wilsons_interval(part, whole, low, high):
    assert Rate(part, whole).interval == pytest.approx((low, high), abs=0.00006)


def test_of_nothing_there_is_no_share():
    assert (Rate(0, 0).share, Rate(0, 0).interval) == (None, None)


def hidden(*groups):
    return [
        one.name for one in suppressed([Group(name, Rate(part, whole)) for name, part, whole in groups]) if one.hidden
    ]


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        pytest.param([("en", 40, 80), ("es", 30, 60)], [], id="all large enough"),
        pytest.param(
            [("en", 40, 80), ("es", 30, 60), ("zh", 5, 10)], ["es", "zh"], id="one of 10 takes the next with it"
        ),
        pytest.param([("en", 40, 80), ("ru", 3, 6), ("zh", 5, 10)], ["ru", "zh"], id="two hide one another"),
        pytest.param([("en", 11, 22), ("es", 30, 60)], [], id="eleven is enough"),
        pytest.param([("en", 40, 80), ("es", 52, 60), ("zh", 0, 12)], ["es", "zh"], id="8 missed ones would show"),
        pytest.param([("en", 0, 80), ("es", 60, 60)], [], id="none and all may be shown"),
    ],
)
def test_small_cells(groups, expected):
    assert hidden(*groups) == expected
