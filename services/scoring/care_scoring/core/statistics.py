"""Is it really rising? Mann-Kendall, Theil-Sen, EWMA and CUSUM, in plain Python, for a dozen points at a time."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import erfc, sqrt

Point = tuple[float, float]  # (time, value)
SQRT2 = sqrt(2)
Z_95 = 1.96


@dataclass(frozen=True, slots=True)
class Trend:
    """A monotone trend over strata: Kendall's S with its variance, Z and two-sided p, and Sen's slope."""

    s: int
    variance: float
    z: float
    p: float
    slope: float
    slopes: tuple[float, ...]

    def slope_interval(self) -> tuple[float, float]:
        """The 95 % interval of the slope (Gilbert 1987): ranks (N ∓ 1.96√Var)/2 of the sorted pair slopes."""
        if not self.slopes:
            return 0.0, 0.0
        half_width = Z_95 * sqrt(self.variance)
        last = len(self.slopes) - 1
        low = round((len(self.slopes) - half_width) / 2)
        high = round((len(self.slopes) + half_width) / 2)
        return self.slopes[min(max(low - 1, 0), last)], self.slopes[max(min(high, last), 0)]


def trend_of(strata: Iterable[Sequence[Point]]) -> Trend:
    """Seasonal Mann-Kendall and Theil-Sen: pairs are compared within a stratum only, then summed and pooled.

    Points of a stratum are in the order of time. One stratum gives the plain test.
    """
    variance = 0.0
    slopes: list[float] = []
    for points in strata:
        found = _pair_slopes(points)
        variance += _variance(points)
        slopes += found
    slopes.sort()
    s = len(slopes) - bisect_right(slopes, 0.0) - bisect_left(slopes, 0.0)
    z = _z(s, variance)
    return Trend(s, variance, z, erfc(abs(z) / SQRT2), median_of_sorted(slopes), tuple(slopes))


def _pair_slopes(points: Sequence[Point]) -> list[float]:
    """The slope between any two points of different times."""
    return [
        (value - earlier_value) / (at - earlier)
        for number, (earlier, earlier_value) in enumerate(points)
        for at, value in points[number + 1 :]
        if at != earlier
    ]


def _variance(points: Sequence[Point]) -> float:
    """Variance of S under no trend, with the correction for tied values."""
    n = len(points)
    total = n * (n - 1) * (2 * n + 5)
    values = [value for _, value in points]
    if len(set(values)) < n:
        total -= sum(t * (t - 1) * (2 * t + 5) for t in Counter(values).values())
    return total / 18


def _z(s: int, variance: float) -> float:
    """S in standard deviations, with the continuity correction; all equal values give 0, never a division."""
    if s == 0 or variance <= 0:
        return 0.0
    return (s - 1 if s > 0 else s + 1) / sqrt(variance)


def median_of_sorted(values: Sequence[float]) -> float:
    """The median of sorted values; 0 of none."""
    n = len(values)
    if n == 0:
        return 0.0
    return values[n // 2] if n % 2 else (values[n // 2 - 1] + values[n // 2]) / 2


def median(values: Iterable[float]) -> float:
    """The middle value; 0 of none."""
    return median_of_sorted(sorted(values))


@dataclass(frozen=True, slots=True)
class Ewma:
    """One step of an exponentially weighted moving average, with its control limits."""

    z: float
    lower: float
    upper: float

    @property
    def signals(self) -> bool:
        """Whether the average left its limits."""
        return not self.lower <= self.z <= self.upper


def ewma(values: Iterable[float], mu: float, sigma: float, weight: float = 0.3, limit: float = 3.0) -> list[Ewma]:
    """The average after each value, starting from the stable mean `mu` (Roberts 1959)."""
    z = mu
    steps: list[Ewma] = []
    for number, value in enumerate(values, start=1):
        z = weight * value + (1 - weight) * z
        spread = limit * sigma * sqrt(weight / (2 - weight) * (1 - (1 - weight) ** (2 * number)))
        steps.append(Ewma(z, mu - spread, mu + spread))
    return steps


def cusum(values: Iterable[float], mu: float, sigma: float, slack: float = 0.5) -> list[float]:
    """The upward cumulative sum after each value, in standard deviations beyond `slack` (Page 1954)."""
    total = 0.0
    sums: list[float] = []
    for value in values:
        total = max(0.0, total + (value - mu) / sigma - slack)
        sums.append(total)
    return sums


def first_above(sums: Iterable[float], alarm: float) -> int | None:
    """The number, from 1, of the first sum above the alarm; None when none is."""
    return next((number for number, total in enumerate(sums, start=1) if total > alarm), None)
