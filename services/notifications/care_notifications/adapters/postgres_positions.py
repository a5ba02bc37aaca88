"""How far each partition of a topic has been read stands beside what was made of it, and moves in one transaction."""

from collections.abc import Collection, Mapping

import asyncpg

from care_notifications.adapters.postgres import transaction
from care_notifications.ports import Slot
from care_shared.runtime.postgres import Connection

NEW_POSITION = "INSERT INTO positions (topic, partition, next_offset) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING"
# In this order everywhere: two workers that have several slots in common must not wait for one another.
LOCK_POSITIONS = """
SELECT topic, partition, next_offset FROM positions
WHERE (topic, partition) IN (SELECT * FROM unnest($1::text[], $2::integer[])) ORDER BY 1, 2 FOR UPDATE
"""
READ_POSITION = "SELECT next_offset FROM positions WHERE topic = $1 AND partition = $2"
ADVANCE = """
UPDATE positions AS one SET next_offset = read.next_offset
FROM unnest($1::text[], $2::integer[], $3::bigint[]) AS read (topic, partition, next_offset)
WHERE one.topic = read.topic AND one.partition = read.partition
"""
SKIP_TO = """
UPDATE positions SET next_offset = $3 WHERE topic = $1 AND partition = $2 AND next_offset < $3 RETURNING next_offset
"""


class PostgresPositions:
    """The positions of this installation."""

    def __init__(self, pool: asyncpg.Pool, reader: str = "") -> None:
        """`reader` names one of several that read the same topic, each at its own pace."""
        self._pool = pool
        self._reader = reader

    def place(self, slot: Slot) -> Slot:
        """Under which name the position of this reader is kept."""
        return Slot(f"{slot.topic}#{self._reader}", slot.partition) if self._reader else slot

    async def position(self, slot: Slot) -> int:
        """The next offset to read; 0 when nothing was read yet."""
        place = self.place(slot)
        async with transaction(self._pool) as connection:
            return await connection.fetchval(READ_POSITION, place.topic, place.partition) or 0

    async def skip_to(self, slot: Slot, first_kept: int) -> bool:
        """Records below `first_kept` are gone from the topic. Returns whether we had not read them all."""
        place = self.place(slot)
        async with transaction(self._pool) as connection:
            await connection.execute(NEW_POSITION, place.topic, place.partition)
            return await connection.fetchval(SKIP_TO, place.topic, place.partition, first_kept) is not None


async def lock_positions(connection: Connection, slots: Collection[Slot]) -> dict[Slot, int]:
    """The next offsets to read; others on the same slots wait until this transaction ends."""
    stored = await _locked(connection, slots)
    if len(stored) < len(slots):
        new = sorted((slot.topic, slot.partition) for slot in slots if slot not in stored)
        await connection.executemany(NEW_POSITION, new)
        stored = await _locked(connection, slots)
    return stored


async def _locked(connection: Connection, slots: Collection[Slot]) -> dict[Slot, int]:
    rows = await connection.fetch(LOCK_POSITIONS, [one.topic for one in slots], [one.partition for one in slots])
    return {Slot(row["topic"], row["partition"]): row["next_offset"] for row in rows}


async def advance(connection: Connection, positions: Mapping[Slot, int]) -> None:
    """What lies below has been read, once this transaction ends."""
    topics, partitions = [slot.topic for slot in positions], [slot.partition for slot in positions]
    await connection.execute(ADVANCE, topics, partitions, list(positions.values()))
