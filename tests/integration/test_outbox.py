"""What was decided reaches Kafka in order, once per row, through crashes of everything in between."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer

from care_shared.errors import NotReadyError
from care_shared.runtime.kafka import Published, Publisher, Record, cloud_event_headers
from care_shared.runtime.outbox import OUTBOX_TABLE, PRUNE, OutboxRelay, Row, enqueue
from care_shared.settings import KafkaSettings
from tests.conftest import MakeTopic

pytestmark = pytest.mark.stack

UNPUBLISHED = "SELECT count(*) FROM outbox WHERE published_at IS NULL"


@pytest.fixture
async def pool(postgres_dsn: str) -> AsyncIterator[asyncpg.Pool]:
    async with asyncpg.create_pool(postgres_dsn, min_size=1, max_size=6) as pool:
        await pool.execute(OUTBOX_TABLE)
        yield pool


@pytest.fixture
async def publisher(kafka_bootstrap: str) -> AsyncIterator[Publisher]:
    publisher = Publisher(KafkaSettings(bootstrap=kafka_bootstrap))
    yield publisher
    await publisher.stop()


def row(topic: str, number: int, key: str = "p1") -> Row:
    headers = cloud_event_headers(f"e{number}", "test", "here", "2026-11-22T00:00:00Z")
    return f"e{number}", Record(topic, key.encode(), str(number).encode(), headers)


async def commit(pool: asyncpg.Pool, *rows: Row) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await enqueue(connection, rows)


@contextlib.asynccontextmanager
async def relaying(pool: asyncpg.Pool, publisher: Publisher) -> AsyncIterator[OutboxRelay]:
    relay = OutboxRelay(pool, publisher)
    task = asyncio.create_task(relay.run())
    try:
        yield relay
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def drained(pool: asyncpg.Pool) -> None:
    async with asyncio.timeout(20):
        while await pool.fetchval(UNPUBLISHED):  # noqa: ASYNC110  # the relay tells nobody; the table is the truth
            await asyncio.sleep(0.02)


async def everything(bootstrap: str, topic: str, count: int) -> list[str]:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        async with asyncio.timeout(20):
            return [(await consumer.getone()).value.decode() for _ in range(count)]
    finally:
        await consumer.stop()


async def test_rows_arrive_in_the_order_they_were_decided(
    pool: asyncpg.Pool, publisher: Publisher, make_topic: MakeTopic, kafka_bootstrap: str
) -> None:
    topic = await make_topic("events")
    await commit(pool, *(row(topic, number) for number in range(700)))

    async with relaying(pool, publisher):
        await commit(pool, row(topic, 700))
        await drained(pool)

    assert await everything(kafka_bootstrap, topic, 701) == [str(number) for number in range(701)]


async def test_a_transaction_that_commits_late_is_not_skipped(
    pool: asyncpg.Pool, publisher: Publisher, make_topic: MakeTopic, kafka_bootstrap: str
) -> None:
    topic = await make_topic("events")
    async with relaying(pool, publisher), pool.acquire() as slow:
        transaction = slow.transaction()
        await transaction.start()
        await enqueue(slow, [row(topic, 1)])
        await commit(pool, row(topic, 2))
        await transaction.commit()
        await drained(pool)

    assert await everything(kafka_bootstrap, topic, 2) == ["1", "2"]


async def test_nothing_of_a_transaction_that_rolled_back_is_said(
    pool: asyncpg.Pool, publisher: Publisher, make_topic: MakeTopic, kafka_bootstrap: str
) -> None:
    topic = await make_topic("events")
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await enqueue(connection, [row(topic, 1)])
        await transaction.rollback()
    await commit(pool, row(topic, 2))

    async with relaying(pool, publisher):
        await drained(pool)

    assert await everything(kafka_bootstrap, topic, 1) == ["2"]


async def test_where_a_row_was_stored_can_be_traced(
    pool: asyncpg.Pool, publisher: Publisher, make_topic: MakeTopic
) -> None:
    topic = await make_topic("events")
    await commit(pool, row(topic, 1), row(topic, 2))

    async with relaying(pool, publisher):
        await drained(pool)

    stored = await pool.fetch("SELECT event_id, published_partition, published_offset FROM outbox ORDER BY id")
    assert [tuple(one) for one in stored] == [("e1", 0, 0), ("e2", 0, 1)]


async def test_what_kafka_has_is_forgotten_after_a_week(
    pool: asyncpg.Pool, publisher: Publisher, make_topic: MakeTopic
) -> None:
    topic = await make_topic("events")
    await commit(pool, row(topic, 1), row(topic, 2))
    await pool.execute(
        "UPDATE outbox SET created_at = now() - interval '8 days', published_at = now() WHERE event_id = 'e1'"
    )

    async with relaying(pool, publisher):
        await drained(pool)
        async with asyncio.timeout(10):
            while await pool.fetchval("SELECT count(*) FROM outbox") > 1:  # noqa: ASYNC110  # as above
                await asyncio.sleep(0.02)

    assert await pool.fetchval("SELECT event_id FROM outbox") == "e2"


async def test_what_kafka_does_not_have_is_never_forgotten(pool: asyncpg.Pool) -> None:
    await commit(pool, row("events", 1))
    await pool.execute("UPDATE outbox SET created_at = now() - interval '2 years'")

    await pool.execute(PRUNE, timedelta(days=7), 10)

    assert await pool.fetchval("SELECT count(*) FROM outbox") == 1


class UnsteadyPublisher(Publisher):
    """Refuses the first time, as a broker that restarts."""

    def __init__(self, settings: KafkaSettings) -> None:
        super().__init__(settings)
        self.refused = 0

    async def publish(self, records: Sequence[Record]) -> list[Published]:
        if not self.refused:
            self.refused += 1
            raise NotReadyError("away")
        return await super().publish(records)


async def test_kafka_away_keeps_the_rows_until_it_is_back(
    pool: asyncpg.Pool, make_topic: MakeTopic, kafka_bootstrap: str
) -> None:
    topic = await make_topic("events")
    await commit(pool, row(topic, 1))
    publisher = UnsteadyPublisher(KafkaSettings(bootstrap=kafka_bootstrap))

    async with relaying(pool, publisher):
        await drained(pool)
    await publisher.stop()

    assert publisher.refused == 1
    assert await everything(kafka_bootstrap, topic, 1) == ["1"]


async def test_a_second_relay_waits_and_takes_over(
    pool: asyncpg.Pool, publisher: Publisher, make_topic: MakeTopic, kafka_bootstrap: str
) -> None:
    topic = await make_topic("events")
    async with relaying(pool, publisher):
        async with relaying(pool, publisher):
            await commit(pool, row(topic, 1))
            await drained(pool)
        await commit(pool, row(topic, 2))
        await drained(pool)

    assert await everything(kafka_bootstrap, topic, 2) == ["1", "2"]


async def test_no_broker_at_all_is_not_ready(unused_tcp_port: int) -> None:
    publisher = Publisher(KafkaSettings(bootstrap=f"127.0.0.1:{unused_tcp_port}"))

    with pytest.raises(NotReadyError, match="CARE_KAFKA_BOOTSTRAP"):
        await publisher.start()
