"""The commit on its way: while PostgreSQL writes one turn, the next is folded already, and never more than that."""

import asyncio
from collections.abc import Callable

from care_scoring.ports import StateStore, Turn
from care_shared.vocabulary import PatientId


class Commits:
    """One turn at a time goes to the store, in order."""

    def __init__(self, store: StateStore, written: Callable[[Turn], None]) -> None:
        """`written` is called for each turn the moment it is durable."""
        self._store = store
        self._written = written
        self._turn: Turn | None = None
        self._task: asyncio.Task[None] | None = None

    async def begin(self, turn: Turn) -> None:
        """Send this turn on its way, as soon as the one before has arrived. Raises what stopped the one before."""
        await self.settle()
        self._turn = turn
        self._task = asyncio.create_task(self._write(turn), name="commit")

    async def settle(self) -> None:
        """Wait until nothing is on its way. Raises what stopped it."""
        if self._task is not None:
            task = self._task
            # Only looked at: whoever waits may be cancelled, the transaction is not.
            await asyncio.wait({task})
            self._task = self._turn = None
            task.result()

    async def notice(self) -> None:
        """Raise what stopped the turn on its way, if that is known by now; never waits."""
        if self._task is not None and self._task.done():
            await self.settle()

    def on_its_way(self) -> frozenset[PatientId]:
        """Whose state is not durable yet."""
        return frozenset(row.patient_id for row in self._turn.states) if self._turn else frozenset()

    async def _write(self, turn: Turn) -> None:
        await self._store.commit(turn)
        self._written(turn)
