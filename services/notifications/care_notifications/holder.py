"""What people asked for is done once nobody takes it back any more; killed and started again, it goes on."""

import asyncio

from care_notifications.adapters.postgres_held import PostgresHeld
from care_shared.errors import NotReadyError
from care_shared.runtime.clock import Clock
from care_shared.runtime.logs import get_log

log = get_log(__name__)

IDLE_SECONDS = 0.5


class Holder:
    """Looks twice a second."""

    def __init__(self, store: PostgresHeld, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled. PostgreSQL away: what is held stays held, and is done a little later."""
        while True:
            try:
                done = await self._store.release_due(self._clock())
                if done:
                    log.info("acts.released", count=done)
            except NotReadyError as error:
                log.warning("holder.waiting", error=type(error).__name__)
            await asyncio.sleep(IDLE_SECONDS)
