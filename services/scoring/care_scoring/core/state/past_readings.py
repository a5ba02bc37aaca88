"""What is left of readings older than the window: of every month the last day, for measures of the year."""

from collections.abc import Iterable
from datetime import UTC, datetime
from struct import Struct as Packing

_ROW = Packing(">Ii")  # when (seconds), value in thousandths; sorts by time
DAY_SECONDS = 86_400
KEPT_SECONDS = 366 * DAY_SECONDS

PastReading = tuple[int, int]


def past_rows(packed: bytes) -> list[PastReading]:
    """The readings, oldest first."""
    return list(_ROW.iter_unpack(packed))


def with_past(packed: bytes, more: Iterable[PastReading], newest_at: int) -> bytes:
    """Those of both that are kept: of every month what was measured within a day of its last reading."""
    rows = sorted({*past_rows(packed), *more})
    last_of: dict[tuple[int, int], int] = {}
    for at, _ in rows:
        last_of[_month(at)] = at
    kept = [row for row in rows if row[0] > last_of[_month(row[0])] - DAY_SECONDS and row[0] > newest_at - KEPT_SECONDS]
    return b"".join(_ROW.pack(*row) for row in kept)


def _month(at: int) -> tuple[int, int]:
    moment = datetime.fromtimestamp(at, UTC)
    return moment.year, moment.month
