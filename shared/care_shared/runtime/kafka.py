"""Kafka: idempotent producers, CloudEvents headers, and topics made by a deploy step, never on the fly."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import IllegalStateError, KafkaConnectionError, KafkaError, TopicAlreadyExistsError
from aiokafka.helpers import create_ssl_context
from aiokafka.partitioner import murmur2

from care_shared.errors import NotReadyError
from care_shared.runtime.endings import ended_within
from care_shared.settings import KafkaSettings
from care_shared.topics import Topic

STOP_SECONDS = 5.0
LOOK_AGAIN_SECONDS = 0.2

Headers = Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Record:
    """One message to publish: value as JSON bytes, key the patient id, CloudEvents headers."""

    topic: str
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Published:
    """Where a record was stored."""

    partition: int
    offset: int


def connection_options(settings: KafkaSettings) -> dict[str, Any]:
    """The options that every aiokafka client of ours is made with."""
    options: dict[str, Any] = {"bootstrap_servers": settings.bootstrap, "security_protocol": settings.security_protocol}
    if settings.security_protocol == "SSL":
        options["ssl_context"] = create_ssl_context(
            cafile=settings.ca_file or None,
            certfile=settings.certificate_file or None,
            keyfile=settings.key_file or None,
        )
    return options


def cloud_event_headers(event_id: str, event_type: str, source: str, time: str) -> tuple[tuple[str, bytes], ...]:
    """CloudEvents 1.0 in binary mode: attributes as headers, the contract's JSON as the value."""
    return (
        ("ce_specversion", b"1.0"),
        ("ce_id", event_id.encode()),
        ("ce_type", f"org.carelead.{event_type}.v1".encode()),
        ("ce_source", f"/carelead/{source}".encode()),
        ("ce_time", time.encode()),
        ("content-type", b"application/json"),
    )


@lru_cache(maxsize=32_768)
def _hash_of(key: bytes) -> int:
    # Written in Python, it costs as much as encoding a fact, and the same patients come again and again.
    return int(murmur2(key)) & 0x7FFFFFFF


def partition_of(key: bytes, partitions: Sequence[int], _: Sequence[int]) -> int:
    """Where Kafka's own clients would put a record with this key."""
    return partitions[_hash_of(key) % len(partitions)]


def wait_between_looks(client: Any) -> None:
    """Let a producer's client wait before it looks for a broker again.

    aiokafka's sender means to wait and does not: with a record in hand and no broker it asks ten thousand times a
    second, and logs each time (0.14.0).
    """
    look = client._metadata_update

    async def look_patiently(*about: object) -> bool:
        found: bool = await look(*about)
        if not found:
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
        return found

    client._metadata_update = look_patiently


class Publisher:
    """Publishes records in order and says where each was stored. One per process."""

    def __init__(self, settings: KafkaSettings, send_timeout: float = 30.0) -> None:
        """`send_timeout` in seconds bounds one call of `publish`; an idempotent producer itself never gives up."""
        self._settings = settings
        self._send_timeout = send_timeout
        self._producer: AIOKafkaProducer | None = None

    async def start(self) -> None:
        """Connect. Raises NotReadyError when no broker answers."""
        producer = AIOKafkaProducer(
            **connection_options(self._settings),
            enable_idempotence=True,
            acks="all",
            partitioner=partition_of,
            linger_ms=2,
            max_batch_size=256 * 1024,
        )
        wait_between_looks(producer.client)
        try:
            await producer.start()
        except KafkaConnectionError as error:
            await producer.stop()
            raise NotReadyError("no Kafka broker answers at CARE_KAFKA_BOOTSTRAP") from error
        self._producer = producer

    async def stop(self) -> None:
        """Flush and disconnect, within a bound: what is unsent stays in the outbox."""
        if self._producer is not None:
            producer, self._producer = self._producer, None
            await ended_within(STOP_SECONDS, producer.stop())

    async def publish(self, records: Sequence[Record]) -> list[Published]:
        """Store all records, in order per key. On NotReadyError some may be stored, and all may be sent again."""
        if self._producer is None:
            await self.start()
        producer = self._producer
        assert producer is not None
        try:
            futures = [
                await producer.send(record.topic, record.value, key=record.key, headers=list(record.headers))
                for record in records
            ]
            stored = await asyncio.wait_for(asyncio.gather(*futures), self._send_timeout)
        except (KafkaError, TimeoutError) as error:
            # An expired wait means «unknown». A fresh producer forgets half-sent batches; ids make repeats harmless.
            await self.stop()
            raise NotReadyError("Kafka did not confirm the records") from error
        return [Published(metadata.partition, metadata.offset) for metadata in stored]


async def records_behind(consumer: AIOKafkaConsumer, places: Iterable[TopicPartition]) -> int:
    """Records that the broker told us of and that were not handed to us yet; costs no request."""
    try:
        return sum([max(0, (consumer.highwater(one) or 0) - await consumer.position(one)) for one in places])
    except IllegalStateError:
        return 0  # just taken from us: whoever has them counts them


async def create_topics(settings: KafkaSettings, topics: Iterable[Topic], replication: int) -> list[str]:
    """Create what is missing; existing topics are left as they are. Returns the names created."""
    admin = AIOKafkaAdminClient(**connection_options(settings))
    try:
        await admin.start()
    except KafkaConnectionError as error:
        await admin.close()
        raise NotReadyError("no Kafka broker answers at CARE_KAFKA_BOOTSTRAP") from error
    try:
        existing = set(await admin.list_topics())
        created = []
        for topic in topics:
            if topic.name in existing:
                continue
            config = {"retention.ms": str(topic.retention_ms), "cleanup.policy": "delete"}
            response = await admin.create_topics(
                [NewTopic(topic.name, topic.partitions, replication, topic_configs=config)]
            )
            code = response.topic_errors[0][1]
            if code not in (0, TopicAlreadyExistsError.errno):
                raise NotReadyError(f"Kafka refused to create {topic.name} (error code {code})")
            created.append(topic.name)
        return created
    finally:
        await admin.close()


async def missing_topics(settings: KafkaSettings, names: Iterable[str]) -> list[str]:
    """Those of `names` that the cluster does not have: a service says so at start instead of waiting for ever."""
    admin = AIOKafkaAdminClient(**connection_options(settings))
    try:
        await admin.start()
        existing = set(await admin.list_topics())
    except KafkaConnectionError as error:
        raise NotReadyError("no Kafka broker answers at CARE_KAFKA_BOOTSTRAP") from error
    finally:
        await admin.close()
    return [name for name in names if name not in existing]
