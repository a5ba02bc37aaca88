"""A share with the interval that belongs to it, and what is not shown because too few people stand behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

FEWEST = 11  # CMS cell size suppression policy: no cell of 1 to 10, nor one that can be worked out from others
Z95 = 1.959964


@dataclass(frozen=True, slots=True)
class Rate:
    """`part` of `whole`."""

    part: int
    whole: int

    @property
    def share(self) -> float | None:
        """Between 0 and 1; None of nothing."""
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval: it stays between 0 and 1, also for small groups."""
        if not self.whole:
            return None
        share, square = self.part / self.whole, Z95 * Z95
        middle = (share + square / (2 * self.whole)) / (1 + square / self.whole)
        reach = Z95 * sqrt(share * (1 - share) / self.whole + square / (4 * self.whole**2)) / (1 + square / self.whole)
        return max(0.0, middle - reach), min(1.0, middle + reach)


@dataclass(frozen=True, slots=True)
class Group:
    """One group of patients; `hidden` when its numbers must not be shown."""

    name: str
    rate: Rate
    hidden: bool = False


def suppressed(groups: Sequence[Group]) -> tuple[Group, ...]:
    """The groups with those hidden that are too small; one alone could be worked out, so a second goes with it."""
    hidden = {one.name for one in groups if is_small(one.rate)}
    if len(hidden) == 1:
        others = [one for one in groups if one.name not in hidden and one.rate.whole]
        hidden |= {one.name for one in sorted(others, key=lambda one: (one.rate.whole, one.name))[:1]}
    return tuple(Group(one.name, one.rate, hidden=one.name in hidden) for one in groups)


def is_small(rate: Rate) -> bool:
    """Whether a count of 1 to 10 would show: in the group, in those that count, or in those that do not."""
    return any(0 < count < FEWEST for count in (rate.whole, rate.part, rate.whole - rate.part))
