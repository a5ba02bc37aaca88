"""What a service decided to say waits in its own database until Kafka has it: nothing is forgotten."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import asyncpg
from pydantic_core import from_json, to_json

from care_shared.errors import NotReadyError
from care_shared.runtime.kafka import Publisher, Record
from care_shared.runtime.logs import get_log
from care_shared.runtime.postgres import TRANSIENT_ERRORS, Connection

log = get_log(__name__)

# The service's first migration runs this; kept here so that both services that use it have the same table.
OUTBOX_TABLE = """
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    written_by xid8 NOT NULL DEFAULT pg_current_xact_id(),
    event_id text NOT NULL,
    topic text NOT NULL,
    key bytea NOT NULL,
    value bytea NOT NULL,
    headers text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz,
    published_partition integer,
    published_offset bigint
);
CREATE INDEX outbox_pending ON outbox (id) WHERE published_at IS NULL;
CREATE INDEX outbox_event ON outbox (event_id);
CREATE INDEX outbox_age ON outbox USING brin (created_at);
"""
ENQUEUE = """
INSERT INTO outbox (event_id, topic, key, value, headers)
SELECT event_id, topic, key, value, headers
FROM unnest($1::text[], $2::text[], $3::bytea[], $4::bytea[], $5::text[])
    WITH ORDINALITY AS rows (event_id, topic, key, value, headers, position)
ORDER BY position
"""
# An identity value is handed out before commit, so `id > last` would skip late committers; below the oldest
# transaction that may still commit, no row can appear any more.
PENDING = """
SELECT id, topic, key, value, headers FROM outbox
WHERE published_at IS NULL AND written_by < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY id LIMIT $1
"""
MARK = """
UPDATE outbox SET published_at = now(), published_partition = stored.partition, published_offset = stored.position
FROM unnest($1::bigint[], $2::integer[], $3::bigint[]) AS stored (id, partition, position) WHERE outbox.id = stored.id
"""
PRUNE = """
DELETE FROM outbox WHERE id IN (
    SELECT id FROM outbox WHERE created_at < now() - $1::interval AND published_at IS NOT NULL LIMIT $2)
"""
# One relay per service: a second replica waits here, and takes over when the first one's connection ends.
TRY_LOCK = "SELECT pg_try_advisory_lock(hashtext('carelead.outbox.' || current_schema()))"
UNLOCK = "SELECT pg_advisory_unlock(hashtext('carelead.outbox.' || current_schema()))"

BATCH = 500
IDLE_SECONDS = 0.25
RETRY_SECONDS = 1.0
PRUNE_EVERY_SECONDS = 60.0
PRUNE_ROWS = 5000
KEEP_PUBLISHED = timedelta(days=7)  # long enough to trace what somebody asks about on Monday

Row = tuple[str, Record]


async def enqueue(connection: Connection, rows: Sequence[Row]) -> None:
    """Put `(event_id, record)` pairs into the outbox, in order, in the caller's transaction."""
    if not rows:
        return
    headers = [to_json([[name, value.decode()] for name, value in record.headers]).decode() for _, record in rows]
    records = [record for _, record in rows]
    await connection.execute(
        ENQUEUE,
        [event_id for event_id, _ in rows],
        [record.topic for record in records],
        [record.key for record in records],
        [record.value for record in records],
        headers,
    )


@contextlib.asynccontextmanager
async def _let_go_of(connection: Connection) -> AsyncIterator[None]:
    """Unlock at the end; when that cannot be done, the connection ends, and the lock with it."""
    try:
        yield
    finally:
        try:
            await connection.execute(UNLOCK)
        except BaseException:
            connection.terminate()
            raise


class OutboxRelay:
    """Publishes outbox rows in order; woken after each commit, and by itself four times a second."""

    def __init__(self, pool: asyncpg.Pool, publisher: Publisher, keep: timedelta = KEEP_PUBLISHED) -> None:
        """`pool` sees the schema that holds the outbox table; published rows stay for `keep`, for trace."""
        self._pool = pool
        self._publisher = publisher
        self._keep = keep
        self._prune_at = 0.0
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Rows were committed: look now."""
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled. Kafka or PostgreSQL away: wait and try again; rows stay where they are."""
        while True:
            try:
                async with self._pool.acquire() as connection:
                    if await connection.fetchval(TRY_LOCK):
                        async with _let_go_of(connection):
                            await self._publish_until_trouble(connection)
            except (NotReadyError, *TRANSIENT_ERRORS) as error:
                log.warning("outbox.waiting", error=type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)

    async def _publish_until_trouble(self, connection: Connection) -> None:
        while True:
            self._wake.clear()
            if await self._publish_some(connection) == BATCH:
                continue
            await self._prune_now_and_then(connection)
            try:
                await asyncio.wait_for(self._wake.wait(), IDLE_SECONDS)
            except TimeoutError:
                continue

    async def _publish_some(self, connection: Connection) -> int:
        rows = await connection.fetch(PENDING, BATCH)
        if rows:
            records = [
                Record(
                    row["topic"],
                    row["key"],
                    row["value"],
                    tuple((k, v.encode()) for k, v in from_json(row["headers"])),
                )
                for row in rows
            ]
            stored = await self._publisher.publish(records)
            await connection.execute(
                MARK, [row["id"] for row in rows], [one.partition for one in stored], [one.offset for one in stored]
            )
        return len(rows)

    async def _prune_now_and_then(self, connection: Connection) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._prune_at:
            self._prune_at = now + PRUNE_EVERY_SECONDS
            await connection.execute(PRUNE, self._keep, PRUNE_ROWS)
