"""What is counted by the month: days at home, and whether a member of a Health Home was served."""

from collections.abc import Iterator
from datetime import date, timedelta

from care_notifications.core.measures.case import Case
from care_notifications.core.measures.definitions import Measure
from care_notifications.core.measures.person import DAY, ONE_SECOND, Person, month_begins
from care_notifications.core.measures.tables import CORE_SERVICES

MONTHS = 13  # as far back as any page looks


def plain_programme(name: str) -> str:
    """Health Home, health_home and health-home are one programme."""
    return name.casefold().replace(" ", "-").replace("_", "-")


def month_cases(person: Person, health_homes: frozenset[str]) -> Iterator[Case]:
    """The months that are over, and the one that runs."""
    for month in _months(person.today):
        last = _after(month) - DAY
        days = list(person.aligned_days(month, min(last, person.today)))
        if not days:
            continue
        if last < person.today:
            away = len(person.days_in_care.intersection(days))
            yield Case(Measure.HOME_DAYS, f"{month:%Y-%m}", days[0], len(days) - away, len(days))
        member = [day for day in days if _is_member(person, day, health_homes)]
        if member:
            yield _served(person, month, member[0])


def _served(person: Person, month: date, member_on: date) -> Case:
    begins, ends = month_begins(month, person.home), month_begins(_after(month), person.home)
    contacts = [one.at for one in person.book.contacts.values() if one.is_interactive]
    services = [one.at for one in person.book.services.values() if one.kept and one.about in CORE_SERVICES]
    served = any(begins <= at < ends for at in (*contacts, *services))
    open_until = ends - ONE_SECOND if person.now < ends else None
    return Case(Measure.MONTHLY, f"{month:%Y-%m}", member_on, int(served), open_until=open_until)


def _is_member(person: Person, day: date, health_homes: frozenset[str]) -> bool:
    return any(
        one.holds(day) and plain_programme(one.programme) in health_homes for one in person.book.periods.values()
    )


def _months(today: date) -> list[date]:
    found = [today.replace(day=1)]
    for _ in range(MONTHS):
        found.append((found[-1] - DAY).replace(day=1))
    return found[::-1]


def _after(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)
