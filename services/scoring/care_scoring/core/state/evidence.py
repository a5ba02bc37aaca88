"""Which event told of a reading: remembered, packed, for the days in which an alert may name it."""

from collections.abc import Iterator
from struct import Struct as Packing

from care_scoring.core.state.packed_ids import UUID_BYTES

# A row: when it was measured (big-endian, so that rows sort by time), when that was stated, the event.
_TIME = Packing(">I")
TIME_BYTES = 4
STATED_BYTES = 4 + UUID_BYTES
ROW_BYTES = TIME_BYTES + STATED_BYTES


def with_row(column: bytes, at: int, stated: bytes) -> bytes:
    """The column with one more row; the time stands in no other."""
    row = _TIME.pack(at) + stated
    if column[-ROW_BYTES:] < row:
        return column + row
    return b"".join(sorted([*_rows(column), row]))


def without(column: bytes, at: int) -> bytes:
    """Without what tells of one time."""
    place = _place(column, at)
    return column if place < 0 else column[:place] + column[place + ROW_BYTES :]


def since(column: bytes, oldest: int) -> bytes:
    """Without the rows of readings older than this."""
    first = 0
    while first < len(column) and _TIME.unpack_from(column, first)[0] < oldest:
        first += ROW_BYTES
    return column[first:] if first else column


def stated_at(column: bytes, at: int) -> bytes | None:
    """When a time was told of, and by which event, as one value that sorts; None when that is not known."""
    place = _place(column, at)
    return column[place + TIME_BYTES : place + ROW_BYTES] if place >= 0 else None


def statements(column: bytes) -> Iterator[tuple[int, bytes]]:
    """Every time with what is known of it."""
    return ((_TIME.unpack_from(row)[0], row[TIME_BYTES:]) for row in _rows(column))


def _place(column: bytes, at: int) -> int:
    time = _TIME.pack(at)
    found = column.find(time)
    while found >= 0 and found % ROW_BYTES:
        found = column.find(time, found + 1)
    return found


def _rows(column: bytes) -> list[bytes]:
    return [column[first : first + ROW_BYTES] for first in range(0, len(column), ROW_BYTES)]
