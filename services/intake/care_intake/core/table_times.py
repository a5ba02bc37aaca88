"""Dates and times as spreadsheets write them; one that could be two days is refused, never guessed."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import NamedTuple

from care_intake.core.iso_times import instant
from care_intake.core.tables import Row, Table
from care_shared.errors import UnusableMessageError


class DateOrder(StrEnum):
    """What 03/04/2026 means to a sender: the fourth of March, or the third of April."""

    MONTH_FIRST = "month-first"
    DAY_FIRST = "day-first"


_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(:(?P<second>\d{2})(\.\d{1,9})?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?"
_NUMBERS = re.compile(
    r"(?P<first>\d{1,2})[/.-](?P<second_>\d{1,2})[/.-](?P<year>\d{4})([ T]+" + _CLOCK + r")?", re.ASCII
)
_WORDS = re.compile(
    r"(?P<day>\d{1,2})[ -](?P<month>[A-Za-z]{3})[A-Za-z]*[ ,-]+(?P<year>\d{4})([ T]+" + _CLOCK + r")?", re.ASCII
)
_COMPACT = re.compile(r"(?P<date>\d{8})((?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?)?", re.ASCII)
_TIME = re.compile(_CLOCK, re.ASCII)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEARS = range(1880, 2200)
_AMBIGUOUS = "may be month-day or day-month; write 2026-11-30, or agree on date_order for the source"


class _Parts(NamedTuple):
    on: date
    clock: time | None


class ColumnTimes:
    """Reads the times of one table: what one cell of a column shows, holds for its other cells."""

    def __init__(self, table: Table, columns: Iterable[str], agreed: str, zone: tzinfo) -> None:
        """`agreed` is the source's date order, or empty."""
        self._zone = zone
        self._orders: dict[str, set[DateOrder]] = {
            column: {DateOrder(agreed)} if agreed else _shown(table.values(column)) for column in columns
        }

    def day(self, row: Row, column: str) -> date | None:
        """A date; a time beside it is left out."""
        text = row[column]
        if not text:
            return None
        if re.match(r"\d{4}-\d{2}-\d{2}", text):
            at = instant(text, row.at(column), UTC)
            assert at is not None, "a text that is not empty is a moment or is refused"
            return date.fromisoformat(text[:10])
        return self._parts(row, column).on

    def moment(self, row: Row, column: str, zone: tzinfo | None = None) -> datetime | None:
        """A moment; without an offset it is local to the zone of the feed."""
        text = row[column]
        if not text:
            return None
        if re.match(r"\d{4}-\d{2}-\d{2}", text):
            return instant(_iso(text), row.at(column), zone or self._zone)
        on, clock = self._parts(row, column)
        return _local(on, clock or time(), zone or self._zone)

    def clock_on(self, row: Row, column: str, on: date, zone: tzinfo | None = None) -> datetime | None:
        """A time of day on that date, or a whole moment when the cell holds one."""
        text = row[column]
        if not text:
            return None
        match = _TIME.fullmatch(text)
        if match is None:
            return self.moment(row, column, zone)
        return _local(on, _clock(match, row.at(column)) or time(), zone or self._zone)

    def _parts(self, row: Row, column: str) -> _Parts:
        text, where = row[column], row.at(column)
        match = _NUMBERS.fullmatch(text)
        if match is not None:
            return _Parts(self._by_numbers(match, column, where), _clock(match, where))
        match = _WORDS.fullmatch(text)
        if match is not None and match["month"].lower() in _MONTHS:
            month = _MONTHS.index(match["month"].lower()) + 1
            return _Parts(_date(int(match["year"]), month, int(match["day"]), where), _clock(match, where))
        match = _COMPACT.fullmatch(text)
        if match is not None:
            digits = match["date"]
            on = _date(int(digits[:4]), int(digits[4:6]), int(digits[6:]), where)
            return _Parts(on, _clock(match, where))
        raise UnusableMessageError(where, "is not a date or time")

    def _by_numbers(self, match: re.Match[str], column: str, where: str) -> date:
        first, second, year = int(match["first"]), int(match["second_"]), int(match["year"])
        orders = self._orders.get(column, set())
        if first == second:
            return _date(year, first, second, where)
        if len(orders) != 1:
            raise UnusableMessageError(where, _AMBIGUOUS)
        if orders == {DateOrder.DAY_FIRST}:
            first, second = second, first
        return _date(year, first, second, where)


def is_time_of_day(text: str) -> bool:
    """«9:05 AM», without a date."""
    return _TIME.fullmatch(text) is not None


def after(start: datetime, end: datetime) -> datetime:
    """The end of a visit given by its time of day: past midnight it is the next day's."""
    return end if end > start else end + timedelta(days=1)


def _shown(values: Iterable[str]) -> set[DateOrder]:
    found: set[DateOrder] = set()
    for text in values:
        match = _NUMBERS.fullmatch(text)
        if match is not None and int(match["first"]) > 12:
            found.add(DateOrder.DAY_FIRST)
        elif match is not None and int(match["second_"]) > 12:
            found.add(DateOrder.MONTH_FIRST)
    return found


def _iso(text: str) -> str:
    """«2026-11-20 9:05 AM» as ISO 8601 writes it; anything else stays for the strict reader."""
    match = re.fullmatch(r"(?P<date>\d{4}-\d{2}-\d{2})[ T]" + _CLOCK, text)
    if match is None or (len(match["hour"]) == 2 and not match["half"]):
        return text.replace(" ", "T", 1) if re.match(r"\d{4}-\d{2}-\d{2} \d", text) else text
    clock = _clock(match, "")
    return f"{match['date']}T{clock.isoformat()}" if clock else text


def _clock(match: re.Match[str], where: str) -> time | None:
    parts = match.groupdict()
    if parts.get("hour") is None:
        return None
    hour, minute, second = int(parts["hour"]), int(parts["minute"]), int(parts.get("second") or 0)
    half = (parts.get("half") or "").lower()[:1]
    if half and not 1 <= hour <= 12:
        raise UnusableMessageError(where, "is not a time of the day")
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return time(hour, minute, second)
    except ValueError:
        raise UnusableMessageError(where, "is not a time of the day") from None


def _date(year: int, month: int, day: int, where: str) -> date:
    try:
        found = date(year, month, day)
    except ValueError:
        raise UnusableMessageError(where, "is not a date of the calendar") from None
    if year not in _YEARS:
        raise UnusableMessageError(where, "is not a date of our time")
    return found


def _local(on: date, clock: time, zone: tzinfo) -> datetime:
    return datetime.combine(on, clock, zone).astimezone(UTC)
