"""Messages that arrive while one commit is under way share the next one, so that one flush to disk serves many."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from care_intake.core.receipts import Judged
from care_intake.ports import IntakeStore, Kept
from care_shared.errors import NotReadyError
from care_shared.runtime.logs import get_log

log = get_log(__name__)


@dataclass(frozen=True, slots=True)
class GroupLimits:
    """How much one commit may carry and how long it may take."""

    max_messages: int = 256
    max_bytes: int = 16 * 1024 * 1024
    max_waiting: int = 20_000
    commit_seconds: float = 5.0


class Alone:
    """A Keeper that gives each message a transaction of its own: for files whose commit takes seconds."""

    def __init__(self, store: IntakeStore, committed: Callable[[], None]) -> None:
        self._store = store
        self._committed = committed

    async def keep(self, one: Judged) -> Kept:
        """See Keeper."""
        [kept] = await self._store.keep_all([one])
        self._committed()
        return kept


@dataclass(frozen=True, slots=True)
class _Place:
    judged: Judged
    answer: "asyncio.Future[Kept]"


class CommitGroups:
    """A Keeper with a single writer: messages are committed in the order of arrival."""

    def __init__(self, store: IntakeStore, committed: Callable[[], None], limits: GroupLimits | None = None) -> None:
        """`committed` is called after each commit, for whoever publishes."""
        self._store = store
        self._committed = committed
        self._limits = limits or GroupLimits()
        self._waiting: deque[_Place] = deque()
        self._arrived = asyncio.Event()
        self._left: set[asyncio.Future[list[Kept]]] = set()

    async def keep(self, one: Judged) -> Kept:
        """See Keeper."""
        if len(self._waiting) >= self._limits.max_waiting:
            raise NotReadyError("too many messages wait to be kept")
        answer: asyncio.Future[Kept] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Place(one, answer))
        self._arrived.set()
        return await answer

    async def run(self) -> None:
        """Write group after group until cancelled; whoever still waits then is told that nothing was kept."""
        try:
            while True:
                await self._arrived.wait()
                await asyncio.sleep(0)  # whatever arrived in this turn of the loop comes along
                await self._write(self._next_group())
                if not self._waiting:
                    self._arrived.clear()
        finally:
            while self._waiting:
                _refuse(self._waiting.popleft(), NotReadyError("intake is shutting down"))

    def _next_group(self) -> list[_Place]:
        group: list[_Place] = []
        size = 0
        while self._waiting and len(group) < self._limits.max_messages and size < self._limits.max_bytes:
            place = self._waiting.popleft()
            size += len(place.judged.message.body)
            group.append(place)
        return group

    async def _write(self, group: list[_Place]) -> None:
        try:
            await self._commit(group)
        except (NotReadyError, asyncio.CancelledError) as error:
            for place in group:
                _refuse(place, NotReadyError("the message could not be kept now"))
            if isinstance(error, asyncio.CancelledError):
                raise
        except Exception as error:
            await self._write_apart(group, error)

    async def _commit(self, group: Sequence[_Place]) -> None:
        keeping = asyncio.ensure_future(self._store.keep_all([place.judged for place in group]))
        try:
            await asyncio.wait({keeping}, timeout=self._limits.commit_seconds)
        finally:
            if not keeping.done():
                self._leave(keeping)
        if not keeping.done():
            # The commit may have happened; the sender asks again and gets the answer of the first time.
            raise NotReadyError("the database did not confirm in time")
        kept = keeping.result()
        self._committed()
        for place, one in zip(group, kept, strict=True):
            if not place.answer.done():
                place.answer.set_result(one)

    def _leave(self, keeping: "asyncio.Future[list[Kept]]") -> None:
        """Take it back without waiting: a database that hangs does not answer a rollback either."""
        keeping.cancel()
        self._left.add(keeping)
        keeping.add_done_callback(self._forget)

    def _forget(self, keeping: "asyncio.Future[list[Kept]]") -> None:
        self._left.discard(keeping)
        if not keeping.cancelled() and keeping.exception() is not None:
            log.warning("commit.left", error=type(keeping.exception()).__name__)

    async def _write_apart(self, group: list[_Place], error: Exception) -> None:
        """One message of the group broke it: keep the others, and let only that one fail."""
        if len(group) == 1:
            log.error("message.failed", exc_info=error)
            _refuse(group[0], error)
            return
        for place in group:
            await self._write([place])


def _refuse(place: _Place, error: Exception) -> None:
    if not place.answer.done():
        place.answer.set_exception(error)
