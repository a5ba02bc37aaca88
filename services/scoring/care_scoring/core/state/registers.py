"""When sources contradict one another, the latest statement wins, in whatever order the statements arrive."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from care_shared.vocabulary import SensitivityLabel

Said = TypeVar("Said", bound=tuple[object, ...])


def latest(held: Said | None, said: Said) -> Said:
    """The statement that wins. A statement is a tuple that begins with the time it was made; ties go by its content."""
    return said if held is None or said > held else held


def earliest(held: Said | None, said: Said) -> Said:
    """The statement that came first, for facts that cannot be unsaid."""
    return said if held is None or said < held else held


def later_moment(held: datetime | None, moment: datetime) -> datetime:
    """The later of two moments, one of which may be unknown."""
    return moment if held is None or moment > held else held


def earlier_moment(held: datetime | None, moment: datetime) -> datetime:
    """The earlier of two moments, one of which may be unknown."""
    return moment if held is None or moment < held else held


def joined_labels(held: tuple[SensitivityLabel, ...], more: Iterable[SensitivityLabel]) -> tuple[SensitivityLabel, ...]:
    """All labels of both, in one order: what rests on labelled facts carries every label of them."""
    return tuple(sorted({*held, *more}))


def all_labels(many: Iterable[tuple[SensitivityLabel, ...]]) -> tuple[SensitivityLabel, ...]:
    """The high-water mark of many facts; almost always nothing."""
    labels: tuple[SensitivityLabel, ...] = ()
    for some in many:
        if some:
            labels = joined_labels(labels, some)
    return labels
