"""A cursor says after which alert the next page begins; to whoever carries it, it is letters without meaning."""

import base64
import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime

from care_notifications.api.problems import ProblemError, invalid_field

Value = str | datetime
LONGEST = 600


def digest_of(*asked: object) -> str:
    """What the pages of one listing have in common; a cursor of another listing is refused."""
    return hashlib.sha256(repr(asked).encode()).hexdigest()[:12]


def encode_cursor(listing: str, place: Sequence[Value]) -> str:
    """The values that the listing is sorted by, as they stood on the last row of a page: what changes later does not
    move the place where the next page begins.
    """
    told = [one.astimezone(UTC).isoformat() if isinstance(one, datetime) else one for one in place]
    text = json.dumps([listing, *told], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str, listing: str, kinds: Sequence[type[Value]]) -> tuple[Value, ...]:
    """The values again, of these kinds. Raises ProblemError."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        named, *told = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if named != listing or len(told) != len(kinds):
            raise _foreign()
        return tuple(_value(one, kind) for one, kind in zip(told, kinds, strict=True))
    except (ValueError, TypeError, RecursionError, OverflowError) as error:
        raise _foreign() from error


def _value(told: object, kind: type[Value]) -> Value:
    if not isinstance(told, str) or not told.isprintable():
        raise TypeError("not a text")
    if kind is str:
        return told
    at = datetime.fromisoformat(told)
    if at.tzinfo is None:
        raise ValueError("no zone")
    return at.astimezone(UTC)


def _foreign() -> ProblemError:
    return invalid_field("query.cursor", "is not a cursor of this listing with these filters")
