"""What was decided goes from the outbox to Kafka in order; after a crash some of it goes twice, with the same id."""

import asyncio
import json
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

import asyncpg

from care_scoring import measures
from care_scoring.adapters.postgres import lent
from care_scoring.ports import Outbox, OutboxRow
from care_shared.errors import NotReadyError
from care_shared.runtime.clock import Clock
from care_shared.runtime.kafka import Published, Publisher, Record
from care_shared.runtime.logs import get_log

log = get_log(__name__)

PENDING = """
SELECT partition, seq, event_id, topic, key, value, headers FROM outbox
WHERE partition = ANY($1::integer[]) AND published_at IS NULL ORDER BY partition, seq LIMIT $2
"""
# A mark lost in a crash means that a row goes out twice with the same id; no alert waits for a disk because of it. Said
# in the statement itself, so that one question does for four: what is committed meanwhile waits for the answer.
MARK = """
WITH no_need_to_wait AS (SELECT set_config('synchronous_commit', 'off', true))
UPDATE outbox SET published_at = clock_timestamp(), published_partition = stored.at_partition,
    published_offset = stored.at_offset
FROM no_need_to_wait, unnest($1::integer[], $2::bigint[], $3::integer[], $4::bigint[])
    AS stored (partition, seq, at_partition, at_offset)
WHERE outbox.partition = stored.partition AND outbox.seq = stored.seq
"""
PRUNE_OUTBOX = """
DELETE FROM outbox USING (
    SELECT partition, seq FROM outbox WHERE partition = ANY($1::integer[]) AND published_at < $2 LIMIT 5000
) AS old WHERE outbox.partition = old.partition AND outbox.seq = old.seq
"""
PRUNE_BATCHES = """
DELETE FROM batches USING (
    SELECT partition, next_offset FROM (
        SELECT partition, next_offset, row_number() OVER (PARTITION BY partition ORDER BY next_offset DESC) AS age
        FROM batches WHERE partition = ANY($1::integer[])
    ) AS aged WHERE age > $2
) AS old WHERE batches.partition = old.partition AND batches.next_offset = old.next_offset
"""

BATCH = 500
IDLE_SECONDS = 0.25
RETRY_SECONDS = 0.5
PRUNE_EVERY_SECONDS = 60.0


class PostgresOutbox:
    """The Outbox of a running service."""

    def __init__(self, pool: asyncpg.Pool, keep_batches: int) -> None:
        """`pool` sees the schema `scoring`; of the committed batches the newest `keep_batches` per partition stay."""
        self._pool = pool
        self._keep_batches = keep_batches

    async def pending(self, partitions: Collection[int], limit: int) -> list[OutboxRow]:
        """The oldest unpublished rows of each partition, in order."""
        async with lent(self._pool) as connection:
            rows = await connection.fetch(PENDING, list(partitions), limit)
        return [
            OutboxRow(
                row["partition"], row["seq"], row["event_id"],
                Record(row["topic"], row["key"], row["value"], _headers(row["headers"])),
            )
            for row in rows
        ]  # fmt: skip

    async def published(self, rows: Sequence[OutboxRow], stored: Sequence[Published]) -> None:
        """Remember where each row went."""
        async with lent(self._pool) as connection:
            await connection.execute(
                MARK,
                [row.partition for row in rows],
                [row.seq for row in rows],
                [place.partition for place in stored],
                [place.offset for place in stored],
            )

    async def prune(self, partitions: Collection[int], before: datetime) -> int:
        """Forget what was published before then, and batches beyond the newest."""
        async with lent(self._pool) as connection:
            status = await connection.execute(PRUNE_OUTBOX, list(partitions), before)
            await connection.execute(PRUNE_BATCHES, list(partitions), self._keep_batches)
        return int(status.rpartition(" ")[2])


class Relay:
    """Publishes for the partitions we own; woken after each commit, and by itself four times a second."""

    def __init__(self, outbox: Outbox, publisher: Publisher, partitions: Callable[[], Collection[int]]) -> None:
        self._outbox = outbox
        self._publisher = publisher
        self._partitions = partitions
        self._bell = asyncio.Event()

    def wake(self) -> None:
        """Rows were committed: look now."""
        self._bell.set()

    async def run(self) -> None:
        """Until cancelled. Kafka or PostgreSQL away: wait and try again; rows stay where they are."""
        while True:
            self._bell.clear()
            try:
                if await self.publish_some() == BATCH:
                    continue
            except NotReadyError as error:
                log.warning("outbox.waiting", error=type(error.__cause__ or error).__name__)
                await asyncio.sleep(RETRY_SECONDS)
            await _ring_or_idle(self._bell)

    async def publish_some(self) -> int:
        """Publish the oldest rows; returns how many. Two relays of one partition repeat rows, they never skip one."""
        partitions = self._partitions()
        rows = await self._outbox.pending(partitions, BATCH) if partitions else []
        if rows:
            stored = await self._publisher.publish([row.record for row in rows])
            await self._outbox.published(rows, stored)
            measures.PUBLISHED.inc(len(rows))
        return len(rows)


async def prune_for_ever(
    outbox: Outbox, partitions: Callable[[], Collection[int]], clock: Clock, keep: timedelta
) -> None:
    """Once a minute, forget what nobody will ask for any more."""
    while True:
        await asyncio.sleep(PRUNE_EVERY_SECONDS)
        try:
            await outbox.prune(partitions(), clock() - keep)
        except NotReadyError as error:
            log.warning("outbox.not_pruned", error=type(error.__cause__ or error).__name__)


async def _ring_or_idle(bell: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(bell.wait(), IDLE_SECONDS)
    except TimeoutError:
        return


def _headers(text: str) -> tuple[tuple[str, bytes], ...]:
    return tuple((name, value.encode()) for name, value in json.loads(text))
