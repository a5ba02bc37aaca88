"""Times that people write on the command line: with an offset, or as so many days ago."""

import re
from datetime import UTC, date, datetime, time, timedelta

from care_shared.errors import UnusableMessageError

EXAMPLE = "2027-03-04T00:00:00-05:00"
DAYS = re.compile(r"(\d{1,5})d")


def moment(option: str, text: str) -> datetime:
    """A time with an offset."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise UnusableMessageError(option, f"is not a time such as {EXAMPLE}") from error
    if found.tzinfo is None:
        raise UnusableMessageError(option, "needs an offset, such as -05:00 or Z")
    return found


def moment_or_days(option: str, text: str, until: datetime) -> datetime:
    """A time with an offset, a day (UTC), or `90d`: so many days before `until`."""
    days = DAYS.fullmatch(text)
    if days is not None:
        return until - timedelta(days=int(days[1]))
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    except ValueError:
        return moment(option, text)
