"""A cursor says after which row the next page begins; to whoever carries it, it is letters without meaning."""

import base64
import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime

Value = str | datetime | int
LONGEST = 600
FOREIGN = "is not a cursor of this listing with these filters"
LARGEST_NUMBER = 2**15  # what the columns of an order hold


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
    """The values again, of these kinds. Raises ValueError."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        named, *told = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if named != listing or len(told) != len(kinds):
            raise ValueError(FOREIGN)
        return tuple(_value(one, kind) for one, kind in zip(told, kinds, strict=True))
    except (TypeError, RecursionError, OverflowError) as error:
        raise ValueError(FOREIGN) from error


def _value(told: object, kind: type[Value]) -> Value:
    if kind is int:
        if type(told) is not int or abs(told) >= LARGEST_NUMBER:
            raise TypeError("not a number")
        return told
    if not isinstance(told, str) or not told.isprintable():
        raise TypeError("not a text")
    if kind is str:
        return told
    at = datetime.fromisoformat(told)
    if at.tzinfo is None:
        raise ValueError("no zone")
    return at.astimezone(UTC)
