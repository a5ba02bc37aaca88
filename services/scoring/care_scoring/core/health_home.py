"""Whether a patient is in a Health Home programme on a day, and since when."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from care_scoring.core.calendar import at_local
from care_scoring.core.state.patient import PatientState


def _plain(programme: str) -> str:
    return programme.casefold().replace(" ", "-").replace("_", "-")


def enrolled_since(state: PatientState, programmes: frozenset[str], day: date) -> date | None:
    """The first day of the period that holds on a day; None outside every Health Home."""
    names = {_plain(name) for name in programmes}
    holding = [one.starts_on for one in state.person.periods_on(day) if _plain(one.programme) in names]
    return min(holding, default=None)


def next_period_at(state: PatientState, programmes: frozenset[str], day: date, home: ZoneInfo) -> datetime | None:
    """When a period that was stated ahead begins."""
    names = {_plain(name) for name in programmes}
    ahead = [
        starts
        for key, (_, starts, _) in state.person.alignments.items()
        if starts > day and _plain(key.split("|")[1]) in names
    ]
    return at_local(min(ahead), time(), home) if ahead else None
