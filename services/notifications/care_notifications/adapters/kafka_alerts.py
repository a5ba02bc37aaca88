"""Alert messages are read from Kafka at the position that PostgreSQL holds; Kafka's own offsets are only a hint."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaConnectionError, KafkaError
from aiokafka.structs import ConsumerRecord

from care_notifications.ports import Poll, Positions, RawAlert, Slot
from care_shared.errors import ConfigurationError, NotReadyError, OwnershipLostError
from care_shared.runtime.clock import Clock
from care_shared.runtime.kafka import connection_options, records_behind
from care_shared.runtime.logs import get_log
from care_shared.settings import KafkaSettings

log = get_log(__name__)

POLL_MS = 200
BATCH = 200
RETRY_SECONDS = 1.0
HINT_SECONDS = 1.0
STALE = timedelta(seconds=30)

Handle = Callable[[Poll], Awaitable[Mapping[Slot, int]]]
Offsets = dict[TopicPartition, int]
Batches = Mapping[TopicPartition, Sequence[ConsumerRecord]]


class AlertReader:
    """One consumer. Nothing in its loop waits for a partner: what is stored is delivered elsewhere.

    `lag` counts the records that the broker told us of and that are not stored yet.
    """

    def __init__(
        self, settings: KafkaSettings, topics: tuple[str, ...], group: str, store: Positions, clock: Clock
    ) -> None:
        self._settings = settings
        self._topics = topics
        self._group = group
        self._store = store
        self._clock = clock
        self._looked_at = clock()
        self._current_at: datetime | None = None
        self.lag = 0

    @property
    def behind(self) -> timedelta:
        """For how long something has waited unread; nothing before it began to read."""
        return self._clock() - self._current_at if self._current_at is not None else timedelta()

    async def alive(self) -> str | None:
        """Whether the loop still turns; it also turns while Kafka or PostgreSQL is away."""
        return None if self._clock() - self._looked_at < STALE else "the alert reader stands still"

    async def run(self, handle: Handle) -> None:
        """Until cancelled. Trouble with Kafka or PostgreSQL: start again from the stored position."""
        self._current_at = self._clock()
        while True:
            try:
                await self._read(handle)
            except (NotReadyError, KafkaError) as error:
                log.warning("alerts.waiting", error=type(error).__name__)
            self._looked_at = self._clock()
            await asyncio.sleep(RETRY_SECONDS)

    async def _read(self, handle: Handle) -> None:
        consumer = await self._started()
        try:
            consumer.subscribe(self._topics)
            held: frozenset[TopicPartition] = frozenset()
            hints = Hints(consumer)
            while True:
                self._looked_at = self._clock()
                # Not in a rebalance listener: aiokafka swallows what a listener raises. A batch that slips through
                # before this seek does not follow the stored position, and is refused there.
                assigned = frozenset(consumer.assignment())
                await seek_to_stored(consumer, self._store, sorted(assigned - held))
                held = assigned
                batches = await consumer.getmany(timeout_ms=POLL_MS)
                if batches:
                    hints.note(await self._fold(consumer, batches, handle))
                else:
                    self._current_at = self._clock()
                self.lag = await records_behind(consumer, held & consumer.assignment())
                await hints.tell(at_once=not batches)
        finally:
            await consumer.stop()

    async def _started(self) -> AIOKafkaConsumer:
        consumer = AIOKafkaConsumer(
            **connection_options(self._settings),
            group_id=self._group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_poll_records=BATCH,
            isolation_level="read_committed",
        )
        try:
            await consumer.start()
        except KafkaConnectionError as error:
            await consumer.stop()
            raise NotReadyError("no Kafka broker answers") from error
        return consumer

    async def _fold(self, consumer: AIOKafkaConsumer, batches: Batches, handle: Handle) -> Offsets:
        """The next offsets to read; none when we read again."""
        poll = {Slot(place.topic, place.partition): _raws(records) for place, records in batches.items()}
        try:
            read = await handle(poll)
        except OwnershipLostError:
            log.warning("alerts.reread", topic=next(iter(poll)).topic, count=len(poll))
            await seek_to_stored(consumer, self._store, sorted(batches))
            return {}
        return {place: read[Slot(place.topic, place.partition)] for place in batches}


class Hints:
    """How far we have read, told to Kafka for tools that show lag: now and then, and when there is nothing to do."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self._untold: Offsets = {}
        self._told_at = 0.0

    def note(self, offsets: Offsets) -> None:
        """To be told."""
        self._untold.update(offsets)

    async def tell(self, at_once: bool) -> None:
        """Tell what is untold, if it is time."""
        now = asyncio.get_running_loop().time()
        if self._untold and (at_once or now - self._told_at >= HINT_SECONDS):
            offsets, self._untold, self._told_at = self._untold, {}, now
            await _hint(self._consumer, offsets)


def slot_by_slot(handle: Callable[[Slot, Sequence[RawAlert]], Awaitable[int]]) -> Handle:
    """For who keeps each slot in a transaction of its own."""

    async def handle_all(poll: Poll) -> Mapping[Slot, int]:
        return {slot: await handle(slot, batch) for slot, batch in poll.items()}

    return handle_all


def _raws(records: Sequence[ConsumerRecord]) -> list[RawAlert]:
    return [RawAlert(one.offset, one.key, one.value if one.value is not None else b"") for one in records]


async def seek_to_stored(consumer: AIOKafkaConsumer, store: Positions, places: Sequence[TopicPartition]) -> None:
    """Go to the stored positions. Records that retention removed unread are skipped, and that is said.

    Raises ConfigurationError when the topic ends before our position: it is not the topic we read before.
    """
    if not places:
        return
    begins = await consumer.beginning_offsets(places)
    ends = await consumer.end_offsets(places)
    positions = {}
    for place in places:
        slot = Slot(place.topic, place.partition)
        position = await store.position(slot)
        if position > ends[place]:
            raise ConfigurationError(
                f"{place.topic} ends before the position that the database holds: another Kafka, or one that lost data"
            )
        if position < begins[place] and await store.skip_to(slot, begins[place]):
            log.error("alerts.lost", topic=place.topic, partition=place.partition, first_offset=begins[place])
            position = begins[place]
        consumer.seek(place, position)
        positions[place] = position
    await _hint(consumer, positions)


async def _hint(consumer: AIOKafkaConsumer, positions: Offsets) -> None:
    """Tell Kafka, for tools that show lag. A rebalance may refuse it; nothing depends on it."""
    try:
        await consumer.commit(positions)
    except (CommitFailedError, IllegalStateError):
        log.info("alerts.hint-refused", count=len(positions))
