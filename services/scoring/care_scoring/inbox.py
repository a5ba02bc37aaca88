"""Slices that were read and wait for their turn: few enough to fit in memory, many enough to fill a transaction."""

import asyncio
from collections import deque

from care_scoring.ports import Slice


class Inbox:
    """A bounded line of slices, counted in records. One reader, one writer."""

    def __init__(self, most_records: int) -> None:
        self._most = most_records
        self._waiting: deque[Slice] = deque()
        self._records = 0
        self._filled = asyncio.Event()
        self._has_room = asyncio.Event()
        self._has_room.set()

    def __len__(self) -> int:
        return self._records

    async def room(self) -> None:
        """Wait until there is room for more; whoever reads Kafka asks first."""
        await self._has_room.wait()

    def put(self, one: Slice) -> None:
        """Line up. Never waits: what was read already must be kept or lost."""
        self._waiting.append(one)
        self._records += len(one.records)
        self._filled.set()
        self._settle()

    async def take(self, most_records: int, within_seconds: float) -> list[Slice]:
        """The next slices, up to about `most_records` but at least one; none when nothing came in time."""
        if not self._waiting:
            self._filled.clear()
            try:
                await asyncio.wait_for(self._filled.wait(), within_seconds)
            except TimeoutError:
                return []
        taken: list[Slice] = []
        count = 0
        while self._waiting and (not taken or count + len(self._waiting[0].records) <= most_records):
            taken.append(self._waiting.popleft())
            count += len(taken[-1].records)
        self._records -= count
        self._settle()
        return taken

    def clear(self) -> None:
        """Forget all: the partitions they came from are no longer ours."""
        self._waiting.clear()
        self._records = 0
        self._settle()

    def _settle(self) -> None:
        if self._records < self._most:
            self._has_room.set()
        else:
            self._has_room.clear()
