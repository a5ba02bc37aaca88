"""When a medicine runs out: supplies carried forward, days in hospital not counted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from care_scoring.core.calendar import local_date
from care_scoring.core.state.medicines import DaySupply
from care_scoring.core.state.patient import PatientState

ONE_DAY = timedelta(days=1)
Nights = tuple[date, date]  # first day of a stay, and the day it ended


@dataclass(frozen=True, slots=True)
class RunOut:
    """The last day on which the medicine was at hand, and when it was next filled; None while it was not."""

    last_day: date
    filled_on: date | None


def run_outs(supplies: Iterable[DaySupply], away: Sequence[Nights] = ()) -> list[RunOut]:
    """Every time the supply ended, the latest last; the last one may lie ahead."""
    found: list[RunOut] = []
    last: date | None = None
    for day, days in sorted(supplies):
        begins = day
        if last is not None:
            if day > last + ONE_DAY:
                found.append(RunOut(last, day))
            begins = max(day, last + ONE_DAY)
        last = _last_day(begins, days, away)
    return found if last is None else [*found, RunOut(last, None)]


def _last_day(begins: date, days: int, away: Sequence[Nights]) -> date:
    """The last day of a supply that begins on a day; a day in hospital uses up nothing of it."""
    last = begins + timedelta(days=days - 1)
    for came, left in sorted(away):
        first = max(came, begins)
        if first <= last and left > first:
            last += left - first
    return last


def nights_away(state: PatientState, zone: ZoneInfo) -> list[Nights]:
    """The stays that ended, in local days, told twice or not: overlapping ones are one."""
    merged: list[Nights] = []
    stays = [
        (local_date(stay.admitted_at, zone), local_date(stay.discharged_at, zone))
        for stay in state.encounters.values()
        if stay.is_away and stay.admitted_at and stay.discharged_at
    ]
    for came, left in sorted(stays):
        if merged and came < merged[-1][1]:
            merged[-1] = merged[-1][0], max(left, merged[-1][1])
        else:
            merged.append((came, left))
    return merged
