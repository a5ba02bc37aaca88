"""A database hiccup is waited out in place: the same call again, a little later, until it works or nobody wants it."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime
from typing import TypeVar

from care_scoring import measures
from care_scoring.ports import Claim, DuePatient, StateStore, StoredPatient, Turn
from care_shared.errors import NotReadyError
from care_shared.runtime.logs import get_log
from care_shared.vocabulary import PatientId

log = get_log(__name__)
Answer = TypeVar("Answer")

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 2.0


class RetryingStore:
    """A StateStore that repeats what may succeed later; once `interrupted` is set, it lets the error through."""

    def __init__(self, store: StateStore) -> None:
        self._store = store
        self.interrupted = asyncio.Event()

    async def claim(self, log_starts: Mapping[int, int]) -> list[Claim]:
        """As the store does it; claiming twice only raises the epoch twice."""
        return await self._insist("claim", lambda: self._store.claim(log_starts))

    async def load(self, patient_ids: Collection[PatientId]) -> dict[PatientId, StoredPatient]:
        """As the store does it."""
        return await self._insist("load", lambda: self._store.load(patient_ids))

    async def due(self, partitions: Collection[int], until: datetime, limit: int) -> list[DuePatient]:
        """As the store does it, once: it is asked again soon enough."""
        return await self._store.due(partitions, until, limit)

    async def commit(self, turn: Turn) -> None:
        """As the store does it; it knows a turn that it has written already."""
        await self._insist("commit", lambda: self._store.commit(turn))

    async def _insist(self, step: str, call: Callable[[], Awaitable[Answer]]) -> Answer:
        pause, attempt = FIRST_PAUSE, 1
        while True:
            try:
                return await call()
            except NotReadyError as error:
                if self.interrupted.is_set():
                    raise
                measures.RETRIES.inc()
                cause = error.__cause__ or error
                log.warning("store.retried", step=step, attempt=attempt, error=type(cause).__name__)
            await self._pause(pause)
            pause, attempt = min(pause * 2, LONGEST_PAUSE), attempt + 1

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.interrupted.wait(), seconds)
        except TimeoutError:
            return
