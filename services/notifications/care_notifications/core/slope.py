"""How sure a slope is: Sen's interval, the slopes between which the true one lies 95 times in 100."""

from collections.abc import Sequence
from math import ceil, floor, sqrt

Z95 = 1.959964
FEWEST = 4  # with fewer points the interval would say nothing


def slope_interval(points: Sequence[tuple[float, float]]) -> tuple[float, float] | None:
    """Both ends, in units of y per unit of x; None when there are too few points. Gilbert 1987, section 16.4.2."""
    pairs = [(one, other) for place, one in enumerate(points) for other in points[place + 1 :] if one[0] != other[0]]
    if len(points) < FEWEST or not pairs:
        return None
    slopes = sorted((other[1] - one[1]) / (other[0] - one[0]) for one, other in pairs)
    count = len(points)
    reach = Z95 * sqrt(count * (count - 1) * (2 * count + 5) / 18)
    low, high = (len(slopes) - reach) / 2, (len(slopes) + reach) / 2
    return slopes[max(floor(low) - 1, 0)], slopes[min(ceil(high), len(slopes) - 1)]
