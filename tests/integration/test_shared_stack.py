"""The servers that other tests are given: a fresh database each, topics of their own, a broker ready for groups."""

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from tests.conftest import MakeTopic

pytestmark = pytest.mark.stack


@pytest.mark.parametrize("turn", ["first test", "second test"])
async def test_each_test_gets_an_empty_database(postgres_dsn: str, turn: str) -> None:
    connection = await asyncpg.connect(postgres_dsn)
    try:
        await connection.execute("CREATE TABLE only_here (n int)")
        assert await connection.fetchval("SELECT count(*) FROM only_here") == 0, turn
    finally:
        await connection.close()


async def test_a_consumer_group_reads_what_a_producer_wrote(
    kafka_bootstrap: str, make_topic: MakeTopic, topic_prefix: str
) -> None:
    topic = await make_topic("facts", partitions=3)
    async with AIOKafkaProducer(bootstrap_servers=kafka_bootstrap, enable_idempotence=True) as producer:
        await producer.send_and_wait(topic, b"discharged", key=b"patient-1")
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=kafka_bootstrap, group_id=f"{topic_prefix}.readers", auto_offset_reset="earliest"
    )
    async with consumer:
        record = await consumer.getone()
    assert (record.key, record.value) == (b"patient-1", b"discharged")
