"""How sure a slope is: Sen's interval, the slopes between which the true one lies 95 times in 100."""

from collections.abc import Sequence
from math import ceil, floor, sqrt

Z95 = 1.959964
FEWEST = 4  # with fewer points the interval would say nothing


def slope_interval(points: Sequence[tuple[float, float]]) -> tuple[float, float] | None:
    """Both ends, in units of y per unit of x; None when there are too few points."""
    slopes = slopes_between(points)
    return interval_of(slopes, len(points)) if slopes and len(points) >= FEWEST else None


def slopes_between(points: Sequence[tuple[float, float]]) -> list[float]:
    """Of every two points that are not above one another, the flattest first."""
    return sorted(
        (other[1] - one[1]) / (other[0] - one[0])
        for place, one in enumerate(points)
        for other in points[place + 1 :]
        if other[0] != one[0]
    )


def interval_of(slopes: Sequence[float], count: int) -> tuple[float, float]:
    """Sen's interval by ranks, of the slopes between so many points (Gilbert 1987, section 16.4.2)."""
    reach = Z95 * sqrt(count * (count - 1) * (2 * count + 5) / 18)
    low, high = (len(slopes) - reach) / 2, (len(slopes) + reach) / 2
    return slopes[max(floor(low) - 1, 0)], slopes[min(ceil(high), len(slopes) - 1)]
