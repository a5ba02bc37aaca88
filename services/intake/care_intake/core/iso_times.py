"""JSON senders say when: to the second with an offset, or only the day, which then begins at the sender's midnight."""

import re
from datetime import UTC, date, datetime, tzinfo

from care_shared.errors import UnusableMessageError

_SHAPE = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)(?P<time>T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(?P<offset>Z|[+-]\d\d:\d\d)?)?", re.ASCII
)
_LONG_FRACTION = re.compile(r"(\.\d{6})\d+")


def instant(text: str, where: str, zone: tzinfo) -> datetime | None:
    """The moment, None when nothing is stated. A year or a month alone is too vague to be one."""
    if not text:
        return None
    match = _SHAPE.fullmatch(text)
    if match is None:
        raise UnusableMessageError(where, "is not a date or time to the day")
    try:
        stated = datetime.fromisoformat(_LONG_FRACTION.sub(r"\1", text))
        local = stated if match["offset"] else stated.replace(tzinfo=zone)
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        raise UnusableMessageError(where, "is not a date or time of the calendar") from None


def day(text: str, where: str) -> date | None:
    """A whole date; None when nothing, or only a year or a month, is stated."""
    if len(text) < 10:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise UnusableMessageError(where, "is not a date") from None
