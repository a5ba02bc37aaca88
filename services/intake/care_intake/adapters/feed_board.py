"""How each feed does, for however many ask: counted once in ten seconds; what costs more, once in ten minutes."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg

from care_intake.adapters.feeds import feeds, unread_codes
from care_intake.adapters.sources import Sources
from care_intake.core.feed_health import FeedHealth
from care_shared.runtime.clock import Clock
from care_shared.vocabulary import SourceId

FRESH = timedelta(seconds=10)
CODES_FRESH = timedelta(minutes=10)  # hundreds of messages are read again for them


class FeedBoard:
    """The newest count. Pages refresh themselves, and each open one would else have everything counted anew."""

    def __init__(self, pool: asyncpg.Pool, sources: Sources, clock: Clock) -> None:
        self._pool = pool
        self._sources = sources
        self._clock = clock
        self._lock = asyncio.Lock()
        self._counted: tuple[datetime, Sequence[FeedHealth]] | None = None
        self._codes: dict[SourceId, tuple[datetime, int]] = {}

    async def look(self) -> Sequence[FeedHealth]:
        """Every source. Who asks while somebody counts waits for that count."""
        async with self._lock:
            now = self._clock()
            if self._counted is None or now - self._counted[0] >= FRESH:
                self._counted = now, await feeds(self._pool, self._sources, now, self._count_codes)
            return self._counted[1]

    async def _count_codes(self, source: SourceId, now: datetime) -> int:
        at, count = self._codes.get(source, (None, 0))
        if at is None or now - at >= CODES_FRESH:
            count = await unread_codes(self._pool, self._sources, source, now)
            self._codes[source] = now, count
        return count
