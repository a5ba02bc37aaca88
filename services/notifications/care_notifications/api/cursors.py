"""Cursors as the API takes them: one that is not ours is a problem of the request."""

from collections.abc import Sequence

from care_notifications.api.problems import invalid_field
from care_notifications.core import cursors
from care_notifications.core.cursors import FOREIGN, LONGEST, Value, digest_of, encode_cursor

__all__ = ["LONGEST", "decode_cursor", "digest_of", "encode_cursor"]


def decode_cursor(cursor: str, listing: str, kinds: Sequence[type[Value]]) -> tuple[Value, ...]:
    """The values again, of these kinds. Raises ProblemError."""
    try:
        return cursors.decode_cursor(cursor, listing, kinds)
    except ValueError as error:
        raise invalid_field("query.cursor", FOREIGN) from error
