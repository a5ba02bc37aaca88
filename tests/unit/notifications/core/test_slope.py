"""An interval around a slope: wide when the points are few or scattered, nothing when they are too few to say."""

import pytest

from care_notifications.core.slope import slope_interval


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        pytest.param([(0, 1), (1, 3), (2, 4), (3, 6), (4, 9)], (1, 3), id="five points: flattest to steepest"),
        pytest.param([(day, 2 * day) for day in range(12)], (2, 2), id="a line without scatter has no width"),
        pytest.param([(0, 1), (1, 2), (2, 3)], None, id="three points say nothing"),
        pytest.param([(1, 1), (1, 2), (1, 3), (1, 4)], None, id="nor do many at one moment"),
    ],
)  # fmt: skip
def test_the_slope_lies_between(points, expected):
    assert slope_interval(points) == expected
