"""Open pages and programs learn that an alert changed, and nothing more; each change once, none is missed."""

import asyncio
import contextlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import asyncpg

from care_notifications.adapters.postgres import transaction
from care_shared.errors import NotReadyError
from care_shared.runtime.clock import Clock
from care_shared.runtime.logs import get_log
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import GapId

log = get_log(__name__)

# Numbers are handed out before commit, so whoever asked for «id above the last one» would miss those that commit late.
# Below the oldest transaction that may still commit nothing can appear any more: in the order of transactions, what
# was heard once is complete.
AFTER = """
SELECT written_by::text::bigint AS written_by, id, gap_id, coalesce(labelled, false) AS labelled
FROM feed LEFT JOIN alerts USING (gap_id)
WHERE (written_by, id) > ($1::text::xid8, $2) AND written_by < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY feed.written_by, id LIMIT $3
"""
NEWEST = """
SELECT written_by::text::bigint AS written_by, id FROM feed WHERE written_by < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY feed.written_by DESC, id DESC LIMIT 1
"""
FLOOR = "SELECT written_by::text::bigint AS written_by, id FROM feed_floor"
SWEEP = """
WITH gone AS (DELETE FROM feed WHERE noted_at < $1 RETURNING written_by, id),
    last AS (SELECT written_by, id FROM gone ORDER BY written_by DESC, id DESC LIMIT 1)
UPDATE feed_floor SET written_by = last.written_by, id = last.id FROM last
WHERE (last.written_by, last.id) > (feed_floor.written_by, feed_floor.id)
"""

IDLE_SECONDS = 0.25
BATCH = 500
# A program that was away over a long weekend hears all it missed.
KEPT = timedelta(days=7)
PLACE = re.compile(r"(\d{1,18})-(\d{1,18})")


class Place(NamedTuple):
    """A point in the order of changes. To whoever carries it, it is letters without meaning."""

    written_by: int
    id: int

    def __str__(self) -> str:
        return f"{self.written_by}-{self.id}"

    @staticmethod
    def parse(text: str) -> "Place | None":
        """The place again; None for anything else."""
        found = PLACE.fullmatch(text) if text.isascii() else None
        return Place(int(found[1]), int(found[2])) if found else None


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of one alert. `labelled` when the alert carries a sensitivity label."""

    place: Place
    gap_id: GapId
    labelled: bool


class Feed:
    """Looks for changes four times a second, or at once when rung, and wakes whoever listens."""

    def __init__(self, pool: asyncpg.Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._wake = asyncio.Event()
        self._news = asyncio.Condition()
        self._last = Place(0, 0)
        self.closed = False

    def wake(self) -> None:
        """Something was committed: look now."""
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled. PostgreSQL away: pages keep what they show, and hear later."""
        swept_at = self._clock()
        while True:
            self._wake.clear()
            try:
                await self._look()
                if self._clock() - swept_at > timedelta(hours=1):
                    swept_at = self._clock()
                    await self.sweep(swept_at)
            except NotReadyError as error:
                log.warning("feed.waiting", error=type(error).__name__)
            try:
                await asyncio.wait_for(self._wake.wait(), IDLE_SECONDS)
            except TimeoutError:
                continue

    async def newest(self) -> Place:
        """The last change that everybody can see; the floor when there is none."""
        async with transaction(self._pool) as connection:
            return await _newest(connection)

    async def holds(self, place: Place) -> bool:
        """Whether all that came after it can still be told. A place in the future is one of another database."""
        async with transaction(self._pool) as connection:
            return await _floor(connection) <= place <= await _newest(connection)

    async def entries(self, last: Place, patience: float) -> tuple[Entry, ...]:
        """Each change after `last`, in order, as soon as there are any; none after `patience` seconds."""
        known = self._last
        found = await self._after(last)
        if found:
            return found
        last = max(last, known)  # what is older and gone is not waited for
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience), self._news:
                while self._last <= last and not self.closed:
                    await self._news.wait()
        return await self._after(last)

    async def close(self) -> None:
        """Nobody needs to listen any longer."""
        async with self._news:
            self.closed = True
            self._news.notify_all()

    async def sweep(self, now: datetime) -> None:
        """Forget what is older than we promise to keep, and remember up to where."""
        async with transaction(self._pool) as connection:
            await connection.execute(SWEEP, now - KEPT)

    async def _after(self, last: Place) -> tuple[Entry, ...]:
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(AFTER, str(last.written_by), last.id, BATCH)
        return tuple(Entry(Place(row["written_by"], row["id"]), GapId(row["gap_id"]), row["labelled"]) for row in rows)

    async def _look(self) -> None:
        newest = await self.newest()
        if newest > self._last:
            async with self._news:
                self._last = newest
                self._news.notify_all()


async def _newest(connection: Connection) -> Place:
    row = await connection.fetchrow(NEWEST)
    return Place(row["written_by"], row["id"]) if row is not None else await _floor(connection)


async def _floor(connection: Connection) -> Place:
    row = await connection.fetchrow(FLOOR)
    assert row is not None
    return Place(row["written_by"], row["id"])
