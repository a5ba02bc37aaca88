"""What followed each discharge: was somebody reached in time, was the patient seen, did the patient come back."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from care_notifications.core.measures.book import Contact
from care_notifications.core.measures.case import Case
from care_notifications.core.measures.definitions import Measure
from care_notifications.core.measures.episodes import Episode
from care_notifications.core.measures.person import Person
from care_notifications.core.measures.tables import (
    ACUTE_EVENTS,
    COUNTED_FOR_READMISSION,
    HOME,
    NOT_AN_INDEX,
    PREGNANCY,
    QUALIFYING_STAYS,
    window_of,
)
from care_shared.business_days import BusinessCalendar

CALENDAR = BusinessCalendar()
BUSINESS_DAYS = 2
ATTEMPTS, APART = 2, timedelta(hours=2)
PERIOD_DAYS = 30


def aftercare_cases(person: Person) -> Iterator[Case]:
    """All cases of discharges."""
    for episode in person.episodes:
        if episode.ended_at is None or episode.ended_at > person.now:
            continue
        yield from _readmission(person, episode)
        if episode.last.went not in HOME or person.in_hospice_at(episode.ended_at):
            continue
        if episode.kind in QUALIFYING_STAYS:
            yield from _contact(person, episode)
            yield from _visit(person, episode, Measure.VISIT_14, 14)
            yield from _visit(person, episode, Measure.VISIT_7, 7)
        days = window_of(episode.principal)
        if days is not None and episode.kind in ACUTE_EVENTS:
            yield from _visit(person, episode, Measure.TIMELY, days)


def _contact(person: Person, episode: Episode) -> Iterator[Case]:
    left_at = episode.last.ended_at
    assert left_at is not None
    due = person.end_of(CALENDAR.business_day_after(episode.day, BUSINESS_DAYS))
    period_end = person.end_of(episode.day + timedelta(days=PERIOD_DAYS - 1))
    after = [one for one in person.book.contacts.values() if left_at <= one.at <= min(period_end, person.now)]
    gone = person.gone_after(episode)
    reached = min((one.at for one in after if one.is_interactive), default=None)
    tried = _satisfied_at([one for one in after if one.is_attempt and one.at <= due])
    done = min((at for at in (reached, tried) if at is not None), default=None)
    if gone is not None and gone <= due and (done is None or gone < done):
        return
    met = done is not None and done <= due
    late = not met and reached is not None and (gone is None or reached <= gone)
    yield Case(Measure.CONTACT, episode.name, episode.day, int(met), late=late, open_until=_while_open(person, due))


def _while_open(person: Person, due: datetime) -> datetime | None:
    return due if person.now <= due else None


def _satisfied_at(attempts: list[Contact]) -> datetime | None:
    """When enough separate attempts were made: hours apart, or over different channels."""
    separate: list[Contact] = []
    for one in sorted(attempts, key=lambda one: one.at):
        if all(one.at - held.at >= APART or one.channel is not held.channel for held in separate):
            separate.append(one)
        if len(separate) >= ATTEMPTS:
            return one.at
    return None


def _visit(person: Person, episode: Episode, measure: Measure, days: int) -> Iterator[Case]:
    """Seen on day 1 to n; the day of the discharge itself does not count."""
    due = person.end_of(episode.day + timedelta(days=days))
    after = [at for at in person.seen if at.astimezone(person.home).date() > episode.day]
    seen = min(after, default=None)
    gone = person.gone_after(episode)
    if gone is not None and gone <= due and (seen is None or gone < seen):
        return
    met = seen is not None and seen <= due
    late = not met and seen is not None and seen <= due + timedelta(days=PERIOD_DAYS)
    yield Case(measure, episode.name, episode.day, int(met), late=late, open_until=_while_open(person, due))


def _readmission(person: Person, episode: Episode) -> Iterator[Case]:
    if not _is_index(person, episode):
        return
    following = _next_stay(person, episode)
    until = person.end_of(episode.day + timedelta(days=PERIOD_DAYS))
    came_back = False
    if following is not None and following.bedded_on is not None:
        close = (following.bedded_on - episode.day).days <= PERIOD_DAYS
        came_back = close and not following.legs[0].elective
    elif person.died_at is not None:
        until = min(until, person.died_at)
    yield Case(
        Measure.READMISSION, episode.name, episode.day, int(came_back), open_until=_while_open(person, until)
    )  # fmt: skip


def _next_stay(person: Person, episode: Episode) -> Episode | None:
    later = [
        one
        for one in person.episodes
        if one is not episode and one.began_at >= (episode.ended_at or person.now) and _may_count(one)
    ]
    return min(later, key=lambda one: one.began_at, default=None)


def _may_count(episode: Episode) -> bool:
    return episode.kind in COUNTED_FOR_READMISSION and not episode.principal.startswith(PREGNANCY)


def _is_index(person: Person, episode: Episode) -> bool:
    """Alive, not sent on, over at least a night, not in hospice."""
    if not _may_count(episode) or episode.last.went in NOT_AN_INDEX or episode.bedded_on == episode.day:
        return False
    assert episode.ended_at is not None
    return not person.in_hospice_at(episode.ended_at)
