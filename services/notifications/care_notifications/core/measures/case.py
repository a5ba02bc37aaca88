"""One case of a measure: a discharge, a month, an event; whether it counts, and until when that is open."""

from dataclasses import dataclass
from datetime import date, datetime

from care_notifications.core.measures.definitions import Measure


@dataclass(frozen=True, slots=True)
class Case:
    """`part` of `whole` counts. `open_until`: until then it may still change by itself; None when it is decided."""

    measure: Measure
    name: str
    index_on: date
    part: int
    whole: int = 1
    late: bool = False
    open_until: datetime | None = None


def decided(measure: Measure, name: str, day: date, *, met: bool, late: bool = False) -> Case:
    """One that is over."""
    return Case(measure, name, day, int(met), late=late)
