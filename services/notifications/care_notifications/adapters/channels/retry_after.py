"""How long a receiver asks us to wait: seconds or an HTTP date, within reason."""

import email.utils
from datetime import UTC, datetime, timedelta


def asked_wait(retry_after: str, now: datetime, longest: timedelta) -> timedelta | None:
    """None when the receiver said nothing usable."""
    if retry_after.isascii() and retry_after.isdigit():
        return min(timedelta(seconds=int(retry_after[:9])), longest)
    try:
        at = email.utils.parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return min(max(at - now, timedelta()), longest)
