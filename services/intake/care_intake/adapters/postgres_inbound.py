"""Records from Kafka are kept, or set aside as dead letters, together with how far we have read: each once."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from care_intake.adapters.postgres import Work
from care_intake.core.receipts import Judged
from care_intake.ports import Kept
from care_shared.errors import NotReadyError
from care_shared.runtime.outbox import Row, enqueue
from care_shared.runtime.postgres import TRANSIENT_ERRORS
from care_shared.topics import CARE_EVENTS

POSITION = "SELECT next_offset FROM inbound_offsets WHERE topic = $1 AND partition = $2"
# A former owner of the partition that woke up waits here, and then finds that its records were kept.
HOLD = """
INSERT INTO inbound_offsets (topic, partition, next_offset) VALUES ($1, $2, 0)
ON CONFLICT (topic, partition) DO UPDATE SET next_offset = inbound_offsets.next_offset RETURNING next_offset
"""
MOVE = "UPDATE inbound_offsets SET next_offset = $3 WHERE topic = $1 AND partition = $2"


@dataclass(frozen=True, slots=True)
class Slot:
    """One partition of one topic."""

    topic: str
    partition: int


@dataclass(frozen=True, slots=True)
class Inbound:
    """One record: the message in it with its verdict, or the letter about a record that holds none."""

    offset: int
    content: Judged | Row


class InboundStore:
    """Keeps the records of one partition in order."""

    def __init__(self, pool: asyncpg.Pool, topic: str = CARE_EVENTS.name) -> None:
        """`topic` is where facts go out."""
        self._pool = pool
        self._topic = topic

    async def position(self, slot: Slot) -> int | None:
        """The offset of the first record that is not kept yet; None before the first one. Raises NotReadyError."""
        try:
            found: int | None = await self._pool.fetchval(POSITION, slot.topic, slot.partition)
        except TRANSIENT_ERRORS as error:
            raise NotReadyError("PostgreSQL does not answer") from error
        return found

    async def begin_at(self, slot: Slot, offset: int) -> None:
        """Read on from there, because the records before it are gone, or the topic is another one."""
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                await connection.fetchval(HOLD, slot.topic, slot.partition)
                await connection.execute(MOVE, slot.topic, slot.partition, offset)
        except TRANSIENT_ERRORS as error:
            raise NotReadyError("PostgreSQL does not answer") from error

    async def keep(self, slot: Slot, records: Sequence[Inbound]) -> list[tuple[Judged, Kept]]:
        """All of them and the position behind them, or nothing. What was kept before is left out."""
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                position = await connection.fetchval(HOLD, slot.topic, slot.partition)
                fresh = [one for one in records if one.offset >= position]
                messages = [one.content for one in fresh if isinstance(one.content, Judged)]
                kept = await Work(connection, self._topic).keep(messages) if messages else []
                await enqueue(connection, [one.content for one in fresh if not isinstance(one.content, Judged)])
                if fresh:
                    await connection.execute(MOVE, slot.topic, slot.partition, fresh[-1].offset + 1)
                return list(zip(messages, kept, strict=True))
        except TRANSIENT_ERRORS as error:
            raise NotReadyError("PostgreSQL does not answer") from error
