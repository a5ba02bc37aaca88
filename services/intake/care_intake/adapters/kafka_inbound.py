"""Producers that speak Kafka hand us CloudEvents on care.inbound.v1: the same path, the same receipts as every door."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from aiokafka.structs import ConsumerRecord

from care_intake.adapters.numbers import LAG, MESSAGES, SET_ASIDE
from care_intake.adapters.postgres_inbound import Inbound, InboundStore, Slot
from care_intake.adapters.sources import Sources
from care_intake.core.cloud_events import read
from care_intake.handler import Intake
from care_shared.errors import NotReadyError, UnsupportedMessageError, UnusableMessageError
from care_shared.runtime.clock import Clock
from care_shared.runtime.dead_letters import Place, Whole, dead_letter
from care_shared.runtime.kafka import connection_options, records_behind
from care_shared.runtime.logs import get_log
from care_shared.runtime.outbox import Row
from care_shared.settings import KafkaSettings

log = get_log(__name__)

POLL_MS = 250
BATCH = 100
STOP_SECONDS = 5.0
RETRY_SECONDS = 1.0
METADATA_MS = 30_000  # how soon a topic that is made later is noticed


@dataclass(frozen=True, slots=True)
class InboundTopic:
    """What to read, as whom."""

    kafka: KafkaSettings
    name: str
    group: str


class KafkaDoor:
    """Turns a record into a message with its verdict, or into a letter about why it holds none."""

    def __init__(self, intake: Intake, sources: Sources, clock: Clock) -> None:
        self._intake = intake
        self._sources = sources
        self._clock = clock

    async def open(self, record: ConsumerRecord) -> Inbound:
        """Never raises for what a producer may have written."""
        try:
            event = read(record.headers, record.value)
            feed = self._sources.by_kafka_source(event.source)
            if feed is None:
                raise UnsupportedMessageError("ce_source", "is not a source we have an agreement with")
            return Inbound(record.offset, await self._intake.judge(event.body, event.format, feed))
        except UnusableMessageError as error:
            return Inbound(record.offset, self.letter(record, error))

    def letter(self, record: ConsumerRecord, error: UnusableMessageError) -> Row:
        """The record, whole, for the dead letters."""
        place = Place(record.topic, record.partition, record.offset)
        log.warning("record.set-aside", partition=place.partition, offset=place.offset, field=error.field)
        SET_ASIDE.inc()
        message = Whole(record.key, record.value or b"", record.headers)
        return dead_letter(place, message, error, self._clock())


class KafkaInbound:
    """One consumer. Kafka or PostgreSQL away: it waits, and the other doors stay open."""

    def __init__(
        self, topic: InboundTopic, door: KafkaDoor, store: InboundStore, committed: Callable[[], None]
    ) -> None:
        """`committed` is called after each commit, for whoever publishes."""
        self._topic = topic
        self._door = door
        self._store = store
        self._committed = committed

    async def run(self) -> None:
        """Until cancelled; after any trouble from the stored position again."""
        while True:
            try:
                await self._read()
            except (NotReadyError, KafkaError, OSError) as error:
                log.warning("inbound.waiting", error=type(error).__name__)
            except Exception as error:
                # A bulkhead: a fault of this door must not shut those of the hospitals. Nothing was skipped.
                log.error("inbound.failed", exc_info=error)  # noqa: TRY400  # our logs drop the text of exceptions
            await asyncio.sleep(RETRY_SECONDS)

    async def _read(self) -> None:
        consumer = AIOKafkaConsumer(
            **connection_options(self._topic.kafka),
            group_id=self._topic.group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_poll_records=BATCH,
            metadata_max_age_ms=METADATA_MS,
            isolation_level="read_committed",
        )
        try:
            await consumer.start()
            consumer.subscribe([self._topic.name])
            held: frozenset[TopicPartition] = frozenset()
            while True:
                assigned = frozenset(consumer.assignment())
                await self._go_to_stored(consumer, sorted(assigned - held))
                held = assigned
                for place, records in (await consumer.getmany(timeout_ms=POLL_MS)).items():
                    # Assigned while we waited: not at our position yet, so read again from there.
                    if place in held:
                        await self._take(consumer, place, records)
                LAG.set(await records_behind(consumer, held & consumer.assignment()))
        finally:
            with contextlib.suppress(TimeoutError, KafkaError, OSError):
                await asyncio.wait_for(consumer.stop(), STOP_SECONDS)

    async def _take(self, consumer: AIOKafkaConsumer, place: TopicPartition, records: list[ConsumerRecord]) -> None:
        slot = Slot(place.topic, place.partition)
        opened = [await self._opened(record) for record in records]
        try:
            await self._keep(slot, opened)
        except NotReadyError:
            raise
        except Exception as error:
            log.warning("inbound.one-by-one", error=type(error).__name__, count=len(records))
            for record, one in zip(records, opened, strict=True):
                await self._keep_alone(slot, record, one)
        await _hint(consumer, place, records[-1].offset + 1)

    async def _opened(self, record: ConsumerRecord) -> Inbound:
        try:
            return await self._door.open(record)
        except Exception as error:
            log.error("message.failed", exc_info=error)  # noqa: TRY400
            return self._broken(record)

    async def _keep_alone(self, slot: Slot, record: ConsumerRecord, one: Inbound) -> None:
        try:
            await self._keep(slot, [one])
        except NotReadyError:
            raise
        except Exception as error:
            log.error("message.failed", exc_info=error)  # noqa: TRY400
            await self._keep(slot, [self._broken(record)])

    def _broken(self, record: ConsumerRecord) -> Inbound:
        """A record that a fault of ours cannot keep is set aside whole: those behind it must not wait for a release."""
        return Inbound(record.offset, self._door.letter(record, UnusableMessageError("value", "could not be kept")))

    async def _keep(self, slot: Slot, records: Sequence[Inbound]) -> None:
        for judged, kept in await self._store.keep(slot, records):
            MESSAGES.labels(judged.source, judged.message.format, kept.receipt.verdict).inc()
        self._committed()

    async def _go_to_stored(self, consumer: AIOKafkaConsumer, places: Sequence[TopicPartition]) -> None:
        """Start where the database says; when the topic does not reach there, at its beginning."""
        if not places:
            return
        begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        for place in places:
            slot = Slot(place.topic, place.partition)
            position = await self._store.position(slot)
            if position is None or not begins[place] <= position <= ends[place]:
                if position is not None:
                    log.error("inbound.position-gone", partition=place.partition, first_offset=position)
                # Records that come a second time are recognised by their receipts.
                position = begins[place]
                await self._store.begin_at(slot, position)
            consumer.seek(place, position)


async def _hint(consumer: AIOKafkaConsumer, place: TopicPartition, next_offset: int) -> None:
    """Tell Kafka, for tools that show lag. A rebalance may refuse it; nothing depends on it."""
    with contextlib.suppress(CommitFailedError, IllegalStateError):
        await consumer.commit({place: next_offset})
