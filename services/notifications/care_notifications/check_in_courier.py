"""Check-ins are planned, sent and ended by looking at the database again and again; nothing is scheduled in memory."""

import asyncio
from collections.abc import Awaitable, Callable

from care_notifications.adapters.check_in_letters import CheckInLetters
from care_notifications.adapters.postgres_check_ins import Letter, PostgresCheckIns
from care_notifications.bells import Bell
from care_notifications.core.attempts import Attempt, after
from care_shared.errors import NotReadyError
from care_shared.runtime.clock import Clock
from care_shared.runtime.logs import get_log

log = get_log(__name__)

IDLE_SECONDS = 5.0
AT_ONCE = 8  # a gateway that hangs holds up so many, never the planning


class CheckInCourier:
    """One per process; several processes share the work by leases."""

    def __init__(self, store: PostgresCheckIns, letters: CheckInLetters, clock: Clock) -> None:
        self._store = store
        self._letters = letters
        self._clock = clock
        self._bell = Bell()

    def wake(self) -> None:
        """Something became known: look now."""
        self._bell.ring()

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._loop(self._plan_and_end))
            for _ in range(AT_ONCE):
                group.create_task(self._loop(self._send_all))

    async def round(self) -> None:
        """Everything that is due now: plan, send, end."""
        await self._plan_and_end()
        await self._send_all()

    async def _loop(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except NotReadyError as error:
                log.warning("check-ins.waiting", error=type(error).__name__)
            await self._bell.rest(IDLE_SECONDS)

    async def _plan_and_end(self) -> None:
        while await self._store.plan_next(self._clock()):
            pass
        while await self._store.end_next(self._clock()):
            pass

    async def _send_all(self) -> None:
        while (letter := await self._store.claim(self._clock())) is not None:
            await self._send(letter)

    async def _send(self, letter: Letter) -> None:
        outcome = await self._letters.send(letter, self._clock())
        now = self._clock()
        following = after(Attempt(letter.check_in_id, letter.number, letter.expires_at), outcome, now)
        await self._store.settle(letter, outcome, following, now)
        log.info(
            "check-in.attempted", delivery=letter.check_in_id, channel=letter.route.way.value, attempt=letter.number,
            code=outcome.code, state=type(following).__name__,
        )  # fmt: skip
