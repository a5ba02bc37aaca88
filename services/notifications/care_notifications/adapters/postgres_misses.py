"""Whoever asks for links that are none is slowed down, by the place they ask from; a real link opens all the same."""

from datetime import datetime, timedelta

from care_shared.errors import CareError
from care_shared.runtime.postgres import Connection

MISSES = "SELECT count(*) FROM check_in_misses WHERE source = $1 AND missed_at > $2"
MISSED = "INSERT INTO check_in_misses (source, missed_at) VALUES ($1, $2)"

WINDOW, MOST_MISSES = timedelta(minutes=15), 30


class TooManyTriesError(CareError):
    """Links that are none were asked for too often from one place."""


async def note_miss(connection: Connection, source: str, now: datetime) -> None:
    """One more link that is none. Raises TooManyTriesError."""
    if await connection.fetchval(MISSES, source, now - WINDOW) >= MOST_MISSES:
        raise TooManyTriesError("too many links that are none")
    await connection.execute(MISSED, source, now)
