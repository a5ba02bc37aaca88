"""What waits is set free when its time comes: looked for in the database, nothing is remembered in between."""

from care_notifications.bells import Bell
from care_notifications.ports import HoldStore
from care_shared.errors import NotReadyError
from care_shared.runtime.clock import Clock
from care_shared.runtime.logs import get_log

log = get_log(__name__)

IDLE_SECONDS = 0.5
TROUBLE_SECONDS = 1.0


class Releaser:
    """Looks twice a second, or at once when rung. Killed and started again, it goes on where the database stands."""

    def __init__(self, store: HoldStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._bell = Bell()

    def wake(self) -> None:
        """Something may be due: look now."""
        self._bell.ring()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            pause = IDLE_SECONDS
            try:
                await self.release_due()
            except NotReadyError as error:
                log.warning("releaser.waiting", error=type(error).__name__)
                pause = TROUBLE_SECONDS
            await self._bell.rest(pause)

    async def release_due(self) -> int:
        """Everything that is due now, lane by lane. Returns how many notices were judged."""
        judged = 0
        for lane in await self._store.due_lanes(self._clock()):
            found = await self._store.release(lane, self._clock())
            judged += found
            if found:
                log.info("notices.released", channel=lane[1].value, recipient=lane[0], count=found)
        return judged
