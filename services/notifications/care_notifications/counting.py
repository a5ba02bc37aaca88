"""The measures are counted beside the reading of facts: what has news is counted within seconds, in small batches."""

import asyncio

from care_notifications.adapters.measure_counts import MeasureCounts
from care_shared.errors import NotReadyError
from care_shared.runtime.clock import Clock
from care_shared.runtime.logs import get_log

log = get_log(__name__)

LOOK_SECONDS = 3.0


class Counting:
    """Runs until cancelled."""

    def __init__(self, counts: MeasureCounts, clock: Clock) -> None:
        self._counts = counts
        self._clock = clock

    async def run(self) -> None:
        """PostgreSQL away: the next look finds the same work."""
        while True:
            more = 0
            try:
                more = await self._counts.count_due(self._clock())
            except NotReadyError as error:
                log.warning("measures.waiting", error=type(error).__name__)
            await asyncio.sleep(0 if more else LOOK_SECONDS)
