"""The facts of the past, read from the topic partition by partition, beside whoever else reads it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaConnectionError, UnknownTopicOrPartitionError

from care_shared.errors import NotFoundError, NotReadyError
from care_shared.runtime.kafka import connection_options
from care_shared.settings import KafkaSettings

AT_ONCE = 5_000
PATIENCE = 30  # seconds without a record, though the log has more


@dataclass(frozen=True, slots=True)
class Readers:
    """Who takes the values of the records, and who is told that a partition is over."""

    take: Callable[[bytes], None]
    partition_over: Callable[[], None]


async def read_topic(kafka: KafkaSettings, topic: str, start: datetime, readers: Readers) -> None:
    """Every record written since `start` and before now."""
    # Asked for by name, so that the client learns its partitions; then each is read alone.
    consumer = AIOKafkaConsumer(topic, **connection_options(kafka), enable_auto_commit=False, fetch_max_wait_ms=100)
    try:
        await consumer.start()
    except UnknownTopicOrPartitionError as error:
        await consumer.stop()
        raise NotFoundError(f"the topic {topic} does not exist; run: carelead topics") from error
    except KafkaConnectionError as error:
        await consumer.stop()
        raise NotReadyError("no Kafka broker answers at CARE_KAFKA_BOOTSTRAP") from error
    try:
        partitions = sorted(consumer.partitions_for_topic(topic) or ())
        consumer.unsubscribe()
        for partition in partitions:
            await _read(consumer, TopicPartition(topic, partition), start, readers)
    finally:
        await consumer.stop()


async def _read(consumer: AIOKafkaConsumer, place: TopicPartition, start: datetime, readers: Readers) -> None:
    consumer.assign([place])
    first = (await consumer.offsets_for_times({place: round(start.timestamp() * 1000)}))[place]
    end = (await consumer.end_offsets([place]))[place]
    if first is None:
        readers.partition_over()
        return
    consumer.seek(place, first.offset)
    waited = 0
    while await consumer.position(place) < end:
        records = (await consumer.getmany(place, timeout_ms=1000, max_records=AT_ONCE)).get(place, [])
        waited = 0 if records else waited + 1
        if waited > PATIENCE:
            raise NotReadyError("Kafka holds records that it does not hand out")
        for record in records:
            if record.offset < end and record.value is not None:
                readers.take(record.value)
    readers.partition_over()
