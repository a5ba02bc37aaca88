"""Open pages learn that an alert changed, and nothing more, in the order in which changes were committed."""

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from care_notifications.adapters.postgres import transaction
from care_shared.errors import NotReadyError
from care_shared.runtime.clock import Clock
from care_shared.runtime.logs import get_log
from care_shared.vocabulary import GapId

log = get_log(__name__)

# As in the outbox: below the oldest transaction that may still commit, no row can appear any more.
AFTER = """
SELECT id, gap_id FROM feed WHERE id > $1 AND written_by < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY id LIMIT $2
"""
NEWEST = "SELECT coalesce(max(id), 0) FROM feed WHERE written_by < pg_snapshot_xmin(pg_current_snapshot())"
SWEEP = "DELETE FROM feed WHERE noted_at < $1"

IDLE_SECONDS = 0.25
BATCH = 500
KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Changes:
    """Alerts that changed, and the number of the last change."""

    last_id: int
    gap_ids: tuple[GapId, ...]


class Feed:
    """Looks for changes four times a second, or at once when rung, and wakes whoever listens."""

    def __init__(self, pool: asyncpg.Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock
        self._wake = asyncio.Event()
        self._news = asyncio.Condition()
        self._last_id = 0
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
                    await self._sweep(swept_at)
            except NotReadyError as error:
                log.warning("feed.waiting", error=type(error).__name__)
            try:
                await asyncio.wait_for(self._wake.wait(), IDLE_SECONDS)
            except TimeoutError:
                continue

    async def newest(self) -> int:
        """The number of the last change that everybody can see."""
        async with transaction(self._pool) as connection:
            newest: int = await connection.fetchval(NEWEST)
        return newest

    async def changes(self, last_id: int, patience: float) -> Changes:
        """Changes after `last_id` as soon as there are any; none after `patience` seconds."""
        known = self._last_id
        found = await self._after(last_id)
        if found.gap_ids:
            return found
        last_id = max(last_id, known)  # what is older and gone is not waited for
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience), self._news:
                while self._last_id <= last_id and not self.closed:
                    await self._news.wait()
        return await self._after(last_id)

    async def _after(self, last_id: int) -> Changes:
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(AFTER, last_id, BATCH)
        gap_ids = tuple(dict.fromkeys(GapId(row["gap_id"]) for row in rows))
        return Changes(rows[-1]["id"] if rows else last_id, gap_ids)

    async def close(self) -> None:
        """Nobody needs to listen any longer."""
        async with self._news:
            self.closed = True
            self._news.notify_all()

    async def _look(self) -> None:
        newest = await self.newest()
        if newest > self._last_id:
            async with self._news:
                self._last_id = newest
                self._news.notify_all()

    async def _sweep(self, now: datetime) -> None:
        async with transaction(self._pool) as connection:
            await connection.execute(SWEEP, now - KEPT)
