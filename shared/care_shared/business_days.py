"""Business days and wall clocks: US federal holidays, days on which people work, and local times as instants."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

SATURDAY = 5


@lru_cache(maxsize=64)
def federal_holidays(year: int) -> frozenset[date]:
    """US federal holidays as observed, weekends included as they fall (they are no business days anyway)."""
    return frozenset(holidays.country_holidays("US", years=year))


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """Monday to Friday without federal holidays; an organisation may add days off, or work on a holiday or weekend."""

    also_closed: frozenset[date] = frozenset()
    open_anyway: frozenset[date] = frozenset()

    def is_business_day(self, day: date) -> bool:
        """Whether people work on `day`."""
        if day in self.also_closed:
            return False
        if day in self.open_anyway:
            return True
        return day.weekday() < SATURDAY and day not in federal_holidays(day.year)

    def business_day_after(self, day: date, count: int) -> date:
        """The `count`-th business day strictly after `day` (BD2 is `count=2`)."""
        while count > 0:
            day += timedelta(days=1)
            if self.is_business_day(day):
                count -= 1
        return day


@lru_cache(maxsize=512)
def known_zone(name: str) -> ZoneInfo | None:
    """The IANA zone of that name, or None when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def at_local(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """A wall-clock time of a local day, as an instant.

    Of an hour that comes twice the later one: nobody loses time. Of an hour that is skipped the instant after the gap.
    """
    local = datetime.combine(day, clock, tzinfo=zone)
    return max(local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
