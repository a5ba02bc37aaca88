"""Business days, holidays and local days: when a deadline falls for a facility and for a patient's home."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from care_shared.business_days import BusinessCalendar, at_local, federal_holidays, known_zone

# Rules find everything about time here; these four are shared with notifications.
__all__ = ["BusinessCalendar", "at_local", "federal_holidays", "known_zone"]

DAY_SECONDS = 86_400
QUARTER_SECONDS = 900
LAST_SECOND = time(23, 59, 59)
LAST_DAY = date(9999, 12, 30)  # «31 Dec 9999» stands for «no end» and has none in UTC, west of Greenwich
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY = date(1970, 1, 1).toordinal()


def zone_named(name: str) -> ZoneInfo:
    """The zone of a name that was checked before it was believed; UTC if it was not."""
    return known_zone(name) or ZoneInfo("UTC")


def local_date(moment: datetime, zone: ZoneInfo) -> date:
    """The calendar date of a moment in a zone."""
    return moment.astimezone(zone).date()


@lru_cache(maxsize=4096)
def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The deadline instant of a day: 23:59:59 local."""
    return at_local(min(day, LAST_DAY), LAST_SECOND, zone)


def hours_after(moment: datetime, hours: float) -> datetime:
    """So many elapsed hours later. Counted in UTC: on a wall clock that springs forward 48 h would be 47."""
    return moment.astimezone(UTC) + timedelta(hours=hours)


def months_after(day: date, months: int) -> date:
    """The same day so many months later; of a day that month does not have, its last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def week_start(day: date) -> date:
    """The Sunday on or before `day`: home-health weeks run Sunday to Saturday."""
    return day - timedelta(days=(day.weekday() + 1) % 7)


def spoken_day(day: date) -> str:
    """A day as people say it: Fri 5 Mar."""
    return f"{day:%a} {day.day} {day:%b}"


def spoken_time(moment: datetime, zone: ZoneInfo) -> str:
    """A moment as people say it: Fri 5 Mar 14:05."""
    local = moment.astimezone(zone)
    return f"{spoken_day(local.date())} {local:%H:%M}"


def offset_seconds(moment: datetime, zone: ZoneInfo) -> int:
    """How far local time is ahead of UTC at a moment: readings of two weeks share it, but for two days of the year."""
    offset = moment.astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def seconds_of(moment: datetime) -> int:
    """Whole seconds since 1970, the compact form in which the state keeps moments of readings and visits."""
    return int(moment.timestamp())


def moment_of(seconds: int) -> datetime:
    """The moment of a compact form."""
    return EPOCH + timedelta(seconds=seconds)


def day_number(day: date) -> int:
    """Days since 1970, the compact form in which the state keeps days."""
    return day.toordinal() - EPOCH_DAY


def day_of(number: int) -> date:
    """The day of a compact form."""
    return date.fromordinal(number + EPOCH_DAY)


@lru_cache(maxsize=65_536)
def _offset_in(quarter: int, zone: ZoneInfo) -> int:
    return offset_seconds(moment_of(quarter * QUARTER_SECONDS), zone)


def local_day(seconds: int, zone: ZoneInfo) -> date:
    """The calendar date of a compact moment in a zone. No clock on earth changes within a quarter of an hour."""
    return day_of((seconds + _offset_in(seconds // QUARTER_SECONDS, zone)) // DAY_SECONDS)
