"""One patient, under whatever records: the stays in their order, when contact was made, when the patient was seen."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from care_notifications.core.local_time import zone_named
from care_notifications.core.measures.book import Book
from care_notifications.core.measures.episodes import Episode, episodes_of
from care_notifications.core.measures.tables import SUPERSEDING_STAYS, VISIT_CODES, is_follow_up
from care_shared.business_days import at_local

LONGEST_STAY = timedelta(days=45)  # a stay that nobody ended is not believed for ever
DAY = timedelta(days=1)
ONE_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Person:
    """What the counting asks; `now` is when it is counted."""

    book: Book
    now: datetime
    default_zone: ZoneInfo

    @cached_property
    def home(self) -> ZoneInfo:
        """The zone in which deadlines end."""
        return zone_named(self.book.zone[1]) if self.book.zone else self.default_zone

    @cached_property
    def today(self) -> date:
        """At home."""
        return self.now.astimezone(self.home).date()

    @cached_property
    def episodes(self) -> list[Episode]:
        """By when they began."""
        return [one for one in episodes_of(self.book, self.home) if one.began_at <= self.now]

    @cached_property
    def died_at(self) -> datetime | None:
        """When the patient died."""
        return self.book.died[1] if self.book.died else None

    @cached_property
    def seen(self) -> list[datetime]:
        """When a clinician saw the patient, the earliest first."""
        appointments = [one.at for one in self.book.appointments.values() if one.kept and is_follow_up(one.about)]
        services = [
            one.at for one in self.book.services.values() if one.kept and one.about.upper().startswith(VISIT_CODES)
        ]
        return sorted(at for at in (*appointments, *services) if at <= self.now)

    def end_of(self, day: date) -> datetime:
        """The last second of a day at home."""
        return at_local(day + DAY, time(), self.home) - ONE_SECOND

    def in_hospice_at(self, at: datetime) -> bool:
        """Whether the patient had chosen hospice by then."""
        since = self.book.hospice[1] if self.book.hospice else None
        return since is not None and since <= at

    def again_after(self, episode: Episode) -> datetime | None:
        """When the patient was next admitted to a bed; observation does not end what is owed after a discharge."""
        ended = episode.ended_at
        later = [one for one in self.episodes if ended is not None and one is not episode and one.began_at >= ended]
        begins = [leg.began_at for one in later for leg in one.legs if leg.kind in SUPERSEDING_STAYS]
        return min(begins, default=None)

    def gone_after(self, episode: Episode) -> datetime | None:
        """When what is owed after a discharge ended: the next admission, death, hospice."""
        ends = [self.again_after(episode), self.died_at, self.book.hospice[1] if self.book.hospice else None]
        return min((one for one in ends if one is not None), default=None)

    def organization_on(self, day: date) -> str:
        """To whom the patient is aligned on that day; of several the longest there; nobody: an empty name."""
        holding = [one for one in self.book.periods.values() if one.holds(day)]
        return min(holding, key=lambda one: (one.starts_on, one.organization)).organization if holding else ""

    def aligned_days(self, first: date, last: date) -> Iterator[date]:
        """The days of a span on which the patient is aligned to anybody, and alive."""
        until = min(last, self.died_at.astimezone(self.home).date() - DAY) if self.died_at else last
        periods = list(self.book.periods.values())
        for count in range((until - first).days + 1):
            day = first + timedelta(days=count)
            if any(one.holds(day) for one in periods):
                yield day

    @cached_property
    def days_in_care(self) -> frozenset[date]:
        """In hospital, emergency room or facility; the day of the discharge only where it is that of the admission."""
        found: set[date] = set()
        for one in self.episodes:
            ended = min(one.ended_at or self.now, self.now)
            if one.ended_at is None:
                ended = min(ended, one.last.began_at + LONGEST_STAY)
            first, last = one.began_at.astimezone(self.home).date(), ended.astimezone(self.home).date()
            found.add(first)
            found.update(first + timedelta(days=count) for count in range((last - first).days))
        return frozenset(found)

    def is_dual_on(self, day: date) -> bool | None:
        """Medicare and Medicaid at once; None when nobody told us of either."""
        if not self.book.covers:
            return None
        payers = {one.payer for one in self.book.covers.values() if one.holds(day)}
        return {"medicare", "medicaid"} <= payers

    @property
    def language(self) -> str:
        """The language without its region; empty when nobody told us."""
        return self.book.language[1].casefold().replace("_", "-").split("-")[0][:8] if self.book.language else ""


def month_begins(month: date, home: ZoneInfo) -> datetime:
    """The first instant of a month at home."""
    return at_local(month.replace(day=1), time(), home).astimezone(UTC)
