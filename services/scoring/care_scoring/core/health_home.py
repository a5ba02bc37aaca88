"""Whether a patient is in a Health Home programme on a day, and since when."""

from datetime import date, datetime, time, timedelta
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


def enrolment_changes_at(state: PatientState, programmes: frozenset[str], day: date, home: ZoneInfo) -> datetime | None:
    """When a period of a Health Home next begins or ends by itself."""
    names = {_plain(name) for name in programmes}
    turns: list[date] = []
    for key, (_, starts, ends) in state.person.alignments.items():
        if _plain(key.split("|")[1]) in names:
            turns += [starts] if ends == date.max else [starts, ends + timedelta(days=1)]
    ahead = [turn for turn in turns if turn > day]
    return at_local(min(ahead), time(), home) if ahead else None
