"""One case of a measure: a discharge, a month, an event; whether it counts, and until when that is open."""

from dataclasses import dataclass
from datetime import date, datetime

from care_notifications.core.measures.definitions import Measure


@dataclass(frozen=True, slots=True)
class Case:
    """`part` of `whole` counts. `open_until`: until then its time runs; None when that is over, and it is decided.

    Whoever is reached early is no case before the others of that day are: else each newest week would look better than
    it will.
    """

    measure: Measure
    name: str
    index_on: date
    part: int
    whole: int = 1
    late: bool = False
    open_until: datetime | None = None
