"""All cases of one patient as of now, with the groups the patient belongs to, and when to count again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from care_notifications.core.measures.aftercare import aftercare_cases
from care_notifications.core.measures.book import Book
from care_notifications.core.measures.case import Case
from care_notifications.core.measures.joining import joined
from care_notifications.core.measures.months import month_cases
from care_notifications.core.measures.person import DAY, ONE_SECOND, Person, month_begins
from care_shared.business_days import known_zone

HEALTH_HOMES = frozenset({"health-home"})


@dataclass(frozen=True, slots=True)
class Counted:
    """A case with what it may be sorted by. `dual` is None when nobody told us who pays."""

    case: Case
    organization: str
    language: str
    dual: bool | None


@dataclass(frozen=True, slots=True)
class Tally:
    """All of one patient. `spans`: from when to when the patient was aligned to anybody."""

    cases: tuple[Counted, ...]
    spans: tuple[tuple[date, date | None], ...]
    count_at: datetime | None


def tally(books: Sequence[Book], now: datetime, default_zone: str) -> Tally:
    """Count one patient, whose records these are."""
    person = Person(joined(books), now, known_zone(default_zone) or ZoneInfo("UTC"))
    cases = tuple(_counted(person, one) for one in (*aftercare_cases(person), *month_cases(person, HEALTH_HOMES)))
    return Tally(cases, tuple(_spans(person)), _count_at(person, cases))


def _counted(person: Person, case: Case) -> Counted:
    day = case.index_on
    return Counted(case, person.organization_on(day), person.language, person.is_dual_on(day))


def _spans(person: Person) -> Iterator[tuple[date, date | None]]:
    """Periods that touch or overlap are one; a death ends them all."""
    died_on = person.died_at.astimezone(person.home).date() if person.died_at else None
    begun: date | None = None
    until: date | None = None
    for one in sorted(person.book.periods.values(), key=lambda one: one.starts_on):
        ends = min((day for day in (one.ends_on, died_on) if day is not None), default=None)
        if ends is not None and ends < one.starts_on:
            continue
        if begun is not None and (until is None or one.starts_on <= until + DAY):
            until = None if until is None or ends is None else max(until, ends)
            continue
        if begun is not None:
            yield begun, until
        begun, until = one.starts_on, ends
    if begun is not None:
        yield begun, until


def _count_at(person: Person, cases: Sequence[Counted]) -> datetime | None:
    """When something changes by itself: a deadline passes, a month ends, a stay goes on."""
    turns = [one.case.open_until + ONE_SECOND for one in cases if one.case.open_until is not None]
    if person.book.periods and person.died_at is None:
        turns.append(month_begins(person.today.replace(day=1) + timedelta(days=31), person.home))
    return min((at for at in turns if at > person.now), default=None)
