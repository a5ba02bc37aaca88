"""A shift and the one after it, on the clock of those who work it."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Span(StrEnum):
    """Which shift a report is about."""

    LAST_8 = "8h"
    LAST_12 = "12h"
    TODAY = "today"
    YESTERDAY = "yesterday"


SPANS = {
    Span.LAST_8: "The last 8 hours",
    Span.LAST_12: "The last 12 hours",
    Span.TODAY: "Today",
    Span.YESTERDAY: "Yesterday",
}


@dataclass(frozen=True, slots=True)
class Shift:
    """From when to when it goes, and until when the next one does."""

    since: datetime
    until: datetime
    next_until: datetime


def shift_of(span: Span, now: datetime, zone: ZoneInfo) -> Shift:
    """The shift that a word names. The next one is as long, or the next day."""
    midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
    tomorrow = _next_midnight(midnight)
    match span:
        case Span.LAST_8:
            return Shift(now - timedelta(hours=8), now, now + timedelta(hours=8))
        case Span.LAST_12:
            return Shift(now - timedelta(hours=12), now, now + timedelta(hours=12))
        case Span.TODAY:
            return Shift(midnight.astimezone(UTC), now, _next_midnight(tomorrow).astimezone(UTC))
        case Span.YESTERDAY:
            before = datetime.combine(midnight.date() - timedelta(days=1), time(), zone)
            return Shift(before.astimezone(UTC), midnight.astimezone(UTC), tomorrow.astimezone(UTC))


def _next_midnight(midnight: datetime) -> datetime:
    """On days on which the clock changes, too."""
    return datetime.combine(midnight.date() + timedelta(days=1), time(), midnight.tzinfo)
