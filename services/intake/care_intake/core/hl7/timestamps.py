"""When a hospital says something happened, to the precision it gave and never without a time zone."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from enum import IntEnum
from functools import lru_cache

from care_shared.errors import UnusableMessageError

# YYYY[MM[DD[HH[MM[SS[.S…]]]]]][+/-ZZZZ]; the standard has four decimals, some senders write up to nine.
_DTM = re.compile(
    r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:\.(\d{1,9}))?)?)?)?)?)?([+-]\d{4})?",
    re.ASCII,
)
_FARTHEST_OFFSET = timedelta(hours=15)  # real zones end at +14:00; odd minutes such as +0215 are legal


class Precision(IntEnum):
    """How exactly a moment is known."""

    YEAR = 1
    MONTH = 2
    DAY = 3
    HOUR = 4
    MINUTE = 5
    SECOND = 6
    FRACTION = 7


@dataclass(frozen=True, slots=True)
class StatedTime:
    """A moment as the sender stated it; what it left out counts from the beginning (a date is its midnight)."""

    at: datetime
    precision: Precision
    has_offset: bool

    @property
    def is_date_only(self) -> bool:
        """The sender gave a day, or less, and no time of day."""
        return self.precision <= Precision.DAY

    @property
    def day(self) -> date:
        """The day on the sender's calendar."""
        return self.at.date()


def parse_timestamp(text: str, field: str, zone: tzinfo) -> StatedTime:
    """A DTM or TS value; without an offset it is local time in `zone`, the zone of the feed.

    A local hour that happens twice (clocks go back) is the first of the two; one that never happens (clocks go
    forward) is read as if the clock had not been changed yet, and so moves forward by the change.
    """
    match = _DTM.fullmatch(text)
    if match is None:
        raise UnusableMessageError(field, "is not an HL7 date or time")
    *numbers, fraction, offset = match.groups()
    given = [int(number) for number in numbers if number is not None]
    year, month, day, hour, minute, second = given + [0, 1, 1, 0, 0, 0][len(given) :]
    micro = int(fraction[:6].ljust(6, "0")) if fraction else 0
    try:
        local = datetime(year, month, day, hour, minute, second, micro, tzinfo=_zone_of(offset, field) or zone)
        # Through UTC and back: a local time that does not exist becomes one that does.
        at = local if offset else local.astimezone(UTC).astimezone(zone)
    except (ValueError, OverflowError):
        # `from None`: the original error quotes the value.
        raise UnusableMessageError(field, "is not a date or time of the calendar") from None
    return StatedTime(at, Precision(len(given) + (fraction is not None)), offset is not None)


def format_timestamp(at: datetime) -> str:
    """A moment as HL7 writes it, to the second, with its offset."""
    return at.strftime("%Y%m%d%H%M%S%z")[:19]


@lru_cache(maxsize=64)  # bounded: offsets come from outside
def _zone_of(offset: str | None, field: str) -> tzinfo | None:
    if offset is None:
        return None
    distance = timedelta(hours=int(offset[1:3]), minutes=int(offset[3:5]))
    if int(offset[3:5]) > 59 or distance > _FARTHEST_OFFSET:
        raise UnusableMessageError(field, "has an impossible offset from UTC")
    return timezone(-distance if offset[0] == "-" else distance)
