"""What is due leaves lane by lane: in order within a lane, and a slow lane holds up nobody but itself."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from care_notifications.bells import Bell
from care_shared.errors import NotReadyError
from care_shared.runtime.logs import get_log

log = get_log(__name__)

TROUBLE_SECONDS = 1.0
LANES_AT_ONCE = 64  # of one kind


@dataclass(frozen=True, slots=True)
class Rounds:
    """Which lanes are due, and how one is emptied. `waiting` is what the log says while PostgreSQL is away."""

    due: Callable[[], Awaitable[Iterable[str]]]
    serve: Callable[[str], Awaitable[None]]
    idle_seconds: float
    waiting: str
    kind_of: Callable[[str], str] = lambda _: "one kind"


class Lanes:
    """Serves what is due. Nothing is scheduled in memory: it looks, works, and looks again."""

    def __init__(self, rounds: Rounds) -> None:
        self._rounds = rounds
        self._bell = Bell()
        self._served: dict[str, asyncio.Task[None]] = {}

    def wake(self) -> None:
        """Something may be due: look now."""
        self._bell.ring()

    async def run(self) -> None:
        """Until cancelled; a bug in one lane ends it all, loudly."""
        async with asyncio.TaskGroup() as group:
            while True:
                pause = self._rounds.idle_seconds
                try:
                    await self._start(group)
                except NotReadyError as error:
                    log.warning(self._rounds.waiting, error=type(error).__name__)
                    pause = TROUBLE_SECONDS
                await self._bell.rest(pause)

    async def _start(self, group: asyncio.TaskGroup) -> None:
        kind_of = self._rounds.kind_of
        due = [lane for lane in await self._rounds.due() if lane not in self._served]
        served = Counter(kind_of(lane) for lane in self._served)
        for lane in due:
            if served[kind_of(lane)] < LANES_AT_ONCE:
                served[kind_of(lane)] += 1
                self._served[lane] = group.create_task(self._serve(lane))

    async def _serve(self, lane: str) -> None:
        try:
            await self._rounds.serve(lane)
        except NotReadyError as error:
            log.warning(self._rounds.waiting, error=type(error).__name__)
            await asyncio.sleep(TROUBLE_SECONDS)
        finally:
            del self._served[lane]
