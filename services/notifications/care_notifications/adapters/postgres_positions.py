"""How far each partition of a topic has been read stands beside what was made of it, and moves in one transaction."""

import asyncpg

from care_notifications.adapters.postgres import transaction
from care_notifications.ports import Slot
from care_shared.runtime.postgres import Connection

NEW_POSITION = "INSERT INTO positions (topic, partition, next_offset) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING"
LOCK_POSITION = "SELECT next_offset FROM positions WHERE topic = $1 AND partition = $2 FOR UPDATE"
READ_POSITION = "SELECT next_offset FROM positions WHERE topic = $1 AND partition = $2"
ADVANCE = "UPDATE positions SET next_offset = $3 WHERE topic = $1 AND partition = $2"
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


async def lock_position(connection: Connection, slot: Slot) -> int:
    """The next offset to read; others on the same slot wait until this transaction ends."""
    stored: int | None = await connection.fetchval(LOCK_POSITION, slot.topic, slot.partition)
    if stored is None:
        await connection.execute(NEW_POSITION, slot.topic, slot.partition)
        stored = await connection.fetchval(LOCK_POSITION, slot.topic, slot.partition)
    assert stored is not None
    return stored


async def advance(connection: Connection, slot: Slot, next_offset: int) -> None:
    """What lies below has been read, once this transaction ends."""
    await connection.execute(ADVANCE, slot.topic, slot.partition, next_offset)
