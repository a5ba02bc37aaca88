"""When a rule keeps silent whatever it is about: the patient is in hospital, in hospice, away, opted out, not ours."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from typing import NamedTuple

from care_scoring.core.about import Unless
from care_scoring.core.reasons.person import PersonReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.state.consents import OUTREACH
from care_scoring.core.state.patient import PatientState
from care_scoring.core.verdicts import STAY_FACTS
from care_shared.contracts.care_events import AlignmentChanged, ConsentChanged, HospiceElected, LeavePlanned
from care_shared.contracts.envelope import CareEvent

# A rule that keeps silent for a reason must read the facts that begin and end it.
FACTS_OF: Mapping[Unless, frozenset[type[CareEvent]]] = {
    Unless.INPATIENT: STAY_FACTS,
    Unless.HOSPICE: STAY_FACTS | {HospiceElected},
    Unless.ON_LEAVE: frozenset({LeavePlanned}),
    Unless.OPTED_OUT: frozenset({ConsentChanged}),
    Unless.NOT_ALIGNED: frozenset({AlignmentChanged}),
}


class Hush(NamedTuple):
    """Why every rule with this exception is silent now, if it is, and when that changes by itself."""

    reason: Reason | None
    changes_at: datetime | None = None


NOTHING = Hush(None)
Look = Callable[[PatientState, datetime], Hush]


def hush(state: PatientState, unless: frozenset[Unless], now: datetime) -> Hush:
    """The first reason that holds, in the order of `Unless`; else the earliest moment at which one may begin."""
    changes_at: datetime | None = None
    for look in _looks_of(unless):
        found = look(state, now)
        if found.reason is not None:
            return found
        if found.changes_at is not None and (changes_at is None or found.changes_at < changes_at):
            changes_at = found.changes_at
    return NOTHING if changes_at is None else Hush(None, changes_at)


@cache
def _looks_of(unless: frozenset[Unless]) -> tuple[Look, ...]:
    return tuple(LOOKS[exception] for exception in Unless if exception in unless)


def _inpatient(state: PatientState, now: datetime) -> Hush:
    until = state.away_until(now)
    return NOTHING if until is None else Hush(PersonReason.INPATIENT, until)


def _hospice(state: PatientState, now: datetime) -> Hush:
    return Hush(PersonReason.HOSPICE) if state.in_hospice else NOTHING


def _on_leave(state: PatientState, now: datetime) -> Hush:
    """By the calendar at home; a leave begins and ends at midnight there."""
    if not state.leaves:
        return NOTHING
    zone = state.home_zone("UTC")
    today = now.astimezone(zone).date()
    holding = [leave.ends_on for leave in state.leaves.values() if leave.holds_on(today)]
    if holding:
        last = max(holding)
        return Hush(PersonReason.ON_LEAVE, _midnight_after(last, zone) if last < date.max else None)
    ahead = [leave.starts_on for leave in state.leaves.values() if not leave.void and leave.starts_on > today]
    return Hush(None, _midnight(min(ahead), zone) if ahead else None)


def _opted_out(state: PatientState, now: datetime) -> Hush:
    answer = state.consents.get(f"{OUTREACH}|")
    if answer is None:
        return NOTHING
    ends = answer.expires_at if answer.expires_at is not None and answer.expires_at > now else None
    return Hush(PersonReason.OPTED_OUT, ends) if answer.is_refused_at(now) else Hush(None)


def _not_aligned(state: PatientState, now: datetime) -> Hush:
    """Only of a patient whose alignment was ever stated: an installation without rosters serves everyone it knows."""
    periods = [(starts, ends) for _, starts, ends in state.person.alignments.values()]
    if not periods:
        return NOTHING
    today = now.astimezone(UTC).date()
    if any(starts <= today <= ends for starts, ends in periods):
        last = max(ends for starts, ends in periods if starts <= today <= ends)
        return Hush(None, _midnight_after(last) if last < date.max else None)
    ahead = [starts for starts, _ in periods if starts > today]
    return Hush(PersonReason.NOT_ALIGNED, _midnight(min(ahead)) if ahead else None)


def _midnight(day: date, zone: tzinfo = UTC) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _midnight_after(day: date, zone: tzinfo = UTC) -> datetime:
    return _midnight(day + timedelta(days=1), zone)


LOOKS: Mapping[Unless, Look] = {
    Unless.INPATIENT: _inpatient,
    Unless.HOSPICE: _hospice,
    Unless.ON_LEAVE: _on_leave,
    Unless.OPTED_OUT: _opted_out,
    Unless.NOT_ALIGNED: _not_aligned,
}


def next_change(state: PatientState, now: datetime) -> datetime | None:
    """When the first exception begins or ends by itself, without a fact that tells of it."""
    found = [look(state, now).changes_at for look in LOOKS.values()]
    return min((moment for moment in found if moment is not None), default=None)


SENTENCES: Mapping[Unless, str] = {
    Unless.INPATIENT: "the patient is in a hospital or facility",
    Unless.HOSPICE: "the patient chose hospice care",
    Unless.ON_LEAVE: "the patient is away on a planned leave",
    Unless.OPTED_OUT: "the patient opted out of this outreach",
    Unless.NOT_ALIGNED: "the patient is not aligned to any of our programmes today",
}
