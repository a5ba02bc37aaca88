"""Alerts come from a real topic: read from the database's position, once, whatever happens to the reader."""

import asyncio
import contextlib

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.structs import TopicPartition

from care_notifications.adapters.feed import Feed
from care_notifications.adapters.kafka_alerts import AlertReader
from care_notifications.handler import handle
from care_notifications.ports import Slot
from care_shared.errors import ConfigurationError
from care_shared.settings import KafkaSettings
from care_shared.vocabulary import AlertChange
from tests.care_alerts import BOTH, NOW, care_alert
from tests.notifications_world import SteppedClock, world

pytestmark = pytest.mark.stack

HISTORY = [
    *(care_alert(f"gap-{number}", audience=BOTH) for number in range(6)),
    care_alert("gap-0", revision=2, audience=BOTH, change=AlertChange.CLOSED),
]


class Topic:
    """One topic with what was written to it, and readers of it."""

    def __init__(self, there, bootstrap, name):
        self.there, self.bootstrap, self.name = there, bootstrap, name
        self.handled = asyncio.Event()
        self.seen = []

    async def write(self, alerts, partition=0):
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap)
        await producer.start()
        for alert in alerts:
            value = alert if isinstance(alert, bytes) else alert.model_dump_json().encode()
            await producer.send_and_wait(self.name, value, partition=partition)
        await producer.stop()

    async def fold(self, poll):
        read = await handle(poll, self.there.alerts, NOW)
        self.seen.extend((slot.partition, raw.offset) for slot, batch in poll.items() for raw in batch)
        self.handled.set()
        return read

    @contextlib.asynccontextmanager
    async def reader(self, group="readers"):
        reader = AlertReader(
            KafkaSettings(bootstrap=self.bootstrap), (self.name,), group, self.there.alerts, SteppedClock()
        )
        task = asyncio.create_task(reader.run(self.fold))
        try:
            yield task
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def until(self, position, partition=0):
        async with asyncio.timeout(30):
            while await self.there.alerts.position(Slot(self.name, partition)) < position:
                self.handled.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.handled.wait(), 0.5)


@pytest_asyncio.fixture
async def topic(postgres_dsn, kafka_bootstrap, make_topic):
    async with world(postgres_dsn) as there:
        yield Topic(there, kafka_bootstrap, await make_topic("care.alerts.v1", partitions=2))


async def test_the_topic_is_read_and_a_poison_record_does_not_stop_it(topic):
    await topic.write([*HISTORY[:3], b"\xff not an alert", *HISTORY[3:]])

    async with topic.reader():
        await topic.until(len(HISTORY) + 1)

    assert len(await topic.there.states()) == 6
    assert await topic.there.letters() == ["value"]


async def test_reading_the_whole_topic_twice_more_changes_nothing(topic):
    await topic.write(HISTORY)
    async with topic.reader("first"):
        await topic.until(len(HISTORY))
    before = await topic.there.deliveries(), await topic.there.states()

    await topic.write(HISTORY + HISTORY)
    async with topic.reader("second"):
        await topic.until(3 * len(HISTORY))

    assert (await topic.there.deliveries(), await topic.there.states()) == before


async def test_a_new_group_begins_where_the_database_stands(topic):
    await topic.write(HISTORY)
    async with topic.reader("first"):
        await topic.until(len(HISTORY))
    topic.seen.clear()
    await topic.write([care_alert("gap-9")])

    async with topic.reader("another-group-that-kafka-does-not-know"):
        await topic.until(len(HISTORY) + 1)

    assert (0, len(HISTORY)) in topic.seen
    assert "gap-9" in await topic.there.states()


async def test_two_readers_share_the_partitions(topic):
    async with topic.reader(), topic.reader():
        await topic.write(HISTORY, partition=0)
        await topic.write([care_alert("gap-9")], partition=1)
        await topic.until(len(HISTORY), partition=0)
        await topic.until(1, partition=1)

    assert len(await topic.there.states()) == 7


async def test_records_that_retention_removed_are_skipped_and_said(topic):
    await topic.write(HISTORY)
    admin = AIOKafkaAdminClient(bootstrap_servers=topic.bootstrap)
    await admin.start()
    await admin.delete_records({TopicPartition(topic.name, 0): RecordsToDelete(before_offset=4)})
    await admin.close()

    async with topic.reader():
        await topic.until(len(HISTORY))

    assert sorted(await topic.there.states()) == ["gap-0", "gap-4", "gap-5"]


async def test_a_topic_that_ends_before_our_position_is_not_ours(topic):
    await topic.there.pool.execute("INSERT INTO positions VALUES ($1, 0, 99)", topic.name)

    with pytest.raises(ConfigurationError, match="ends before the position"):
        async with topic.reader() as task:
            await asyncio.wait_for(task, 30)


async def test_the_feed_tells_each_listener_what_changed_and_lets_it_catch_up(topic):
    there = topic.there
    feed = Feed(there.pool, SteppedClock())
    running = asyncio.create_task(feed.run())
    begin = await feed.newest()
    waiting = asyncio.create_task(feed.entries(begin, 20))

    await there.hear(*HISTORY[:2])
    feed.wake()
    heard = await waiting
    caught_up = await feed.entries(begin, 20)
    nothing_new = await feed.entries(heard[-1].place, 0.01)
    await feed.close()
    at_the_end = await feed.entries(heard[-1].place, 20)

    assert [one.gap_id for one in heard] == [one.gap_id for one in caught_up] == ["gap-0", "gap-1"]
    assert nothing_new == at_the_end == ()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
