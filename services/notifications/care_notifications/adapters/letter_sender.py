"""Letters that somebody sends again leave here, topic by topic: what the broker refuses holds up nothing else."""

import asyncio
import base64
from collections.abc import Sequence
from typing import Protocol

import asyncpg

from care_notifications.adapters.postgres import transaction
from care_notifications.adapters.postgres_dead_letters import about_letter, headers_of
from care_notifications.adapters.sealed import Sealer
from care_shared.errors import ConfigurationError, NotReadyError
from care_shared.runtime.kafka import Published, Record
from care_shared.runtime.logs import get_log
from care_shared.topics import CONSUMED

log = get_log(__name__)

# Held until they are sent: a second process waits here, and then finds that they left.
LEAVING = """
SELECT letter_id, topic, key, value, headers FROM dead_letters WHERE state = 'leaving' AND topic = $1
ORDER BY settled_at, recorded_at, partition, first_offset LIMIT $2 FOR UPDATE
"""
LEFT = """
UPDATE dead_letters SET state = 'replayed', sent_partition = went.partition, sent_offset = went.position
FROM unnest($1::text[], $2::integer[], $3::bigint[]) AS went (letter_id, partition, position)
WHERE dead_letters.letter_id = went.letter_id
"""
BATCH = 100
IDLE_SECONDS = 2.0


class Publishing(Protocol):
    """Puts records into their topics."""

    async def publish(self, records: Sequence[Record]) -> list[Published]:
        """Where each was stored. Raises NotReadyError."""
        ...

    async def stop(self) -> None:
        """Let go of the broker."""
        ...


class LetterSender:
    """Woken after each commit, and by itself every two seconds."""

    def __init__(self, pool: asyncpg.Pool, sealer: Sealer, publisher: Publishing) -> None:
        """`publisher` is of its own: it is not connected before the first letter leaves."""
        self._pool = pool
        self._sealer = sealer
        self._publisher = publisher
        self._bell = asyncio.Event()

    def wake(self) -> None:
        """Something was committed: look now."""
        self._bell.set()

    async def run(self) -> None:
        """Until cancelled. Kafka or PostgreSQL away: the letters stay where they are."""
        try:
            while True:
                self._bell.clear()
                for topic in CONSUMED:
                    await self._try(topic.name)
                try:
                    await asyncio.wait_for(self._bell.wait(), IDLE_SECONDS)
                except TimeoutError:
                    continue
        finally:
            await self._publisher.stop()

    async def _try(self, topic: str) -> None:
        try:
            while await self.send_some(topic) == BATCH:
                continue
        except NotReadyError as error:
            log.warning("letters.waiting", topic=topic, error=type(error.__cause__ or error).__name__)
        except ConfigurationError:
            # The key went after somebody had decided: put back, they leave.
            log.error("letters.sealed", topic=topic)  # noqa: TRY400  # there is nothing to trace

    async def send_some(self, topic: str) -> int:
        """Send what leaves for this topic, in order. Returns how many. Raises NotReadyError: none of them is done."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(LEAVING, topic, BATCH)
            if rows:
                went = await self._publisher.publish([self._record(row) for row in rows])
                ids, places = [row["letter_id"] for row in rows], [(one.partition, one.offset) for one in went]
                await connection.execute(LEFT, ids, [one for one, _ in places], [one for _, one in places])
        return len(rows)

    def _record(self, row: asyncpg.Record) -> Record:
        value = base64.b64decode(self._sealer.open(row["value"], about_letter(row["letter_id"])))
        return Record(row["topic"], row["key"], value, headers_of(row["headers"]) or ())
