"""Faust keeps group, assignment and agent; it hands over whole batches, and PostgreSQL says where to read on.

What we change in Faust 0.15.3, and why (tests/contract/test_faust_promises.py holds what this relies on):
one message per poll instead of one per record (stock Faust spends about 80 µs on each); positions come from the
database on every assignment; the offsets committed to Kafka are the database's, so acknowledgements, which
Faust counts wrongly in four known ways, are ignored.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, cast

import faust
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from faust.transport.consumer import Consumer as AnyConsumer
from faust.transport.drivers.aiokafka import Consumer, Transport
from faust.types import TP, AgentT, ConsumerMessage, Message
from faust.types.transports import ConsumerT

from care_scoring.inbox import Inbox
from care_scoring.ports import Slice
from care_shared.errors import NotReadyError
from care_shared.runtime.kafka import connection_options
from care_shared.runtime.logs import get_log
from care_shared.settings import KafkaSettings

log = get_log(__name__)

CLAIM_SECONDS = 50.0  # Faust gives a seek 90 s and then stops silently; we rather stop aloud
GATHER_SECONDS = 0.02  # while little comes at a time, let it gather: a poll and a turn have a price of their own
# A worker that dies while it joins holds the whole group up for so long (Kafka waits for newcomers, not by session);
# one that lives needs its turn in flight, ten seconds at most, before it joins again.
REJOIN_SECONDS = 20.0
NO_ERA_YET = -1


@dataclass(frozen=True, slots=True)
class Reading:
    """What to read, as whom, and where the records go."""

    topic: str
    group_id: str
    inbox: Inbox
    poll_records: int
    session_seconds: float


@dataclass(slots=True)
class Ownership:
    """What happens when partitions come and go; set before the app starts."""

    take_over: Callable[[Collection[int]], Awaitable[Mapping[int, int]]]
    give_up: Callable[[], Awaitable[Mapping[int, int]]]
    positions: Callable[[], Mapping[int, int]]


class BatchConsumer(Consumer):
    """One message per poll, in the name of its first partition; its value are the slices of all partitions."""

    app: "BatchApp"
    _gather = False
    # Not Faust's own record: after an assignment that holds the database's positions, as if Kafka knew them already.
    _told: Mapping[TP, int] = MappingProxyType({})

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Message]]:  # noqa: ASYNC109  # Faust's name
        """What Kafka has for us, once the inbox has room for it."""
        app = self.app
        await app.reading.inbox.room()
        if self._gather:
            await self.sleep(GATHER_SECONDS)
        eras = dict(app.eras)
        records, _ = await self._wait_next_records(timeout)
        generation = app.consumer_generation_id
        self._gather = 0 < sum(map(len, records.values())) < app.reading.poll_records // 2 if records else False
        if not records or self.should_stop or not self.flow_active:
            return
        slices = tuple(Slice(tp.partition, eras.get(tp.partition, NO_ERA_YET), batch) for tp, batch in records.items())
        yield _message(next(iter(records)), slices, generation)

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Faust asks on every assignment where to read on; the database knows."""
        app = self.app
        self._told = MappingProxyType({})
        tps = {tp.partition: tp for tp in self.assignment()}
        try:
            offsets = await asyncio.wait_for(app.ownership.take_over(list(tps)), CLAIM_SECONDS)
        except TimeoutError as error:
            raise NotReadyError("PostgreSQL did not answer while partitions were assigned") from error
        for partition, offset in offsets.items():
            await self.seek_anew(tps[partition], offset)
        return {tps[partition]: offset for partition, offset in offsets.items()}

    async def seek_anew(self, tp: TP, offset: int) -> None:
        """Go to `offset`, and tell what is read from now on apart from what was read before."""
        await self.seek(tp, offset)
        self.app.eras[tp.partition] = next(self.app.next_era)

    async def force_commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        """Tell Kafka how far the database is, for lag tools: to the end, also when nothing new comes."""
        return await self.tell_positions(self.app.ownership.positions())

    async def tell_positions(self, positions: Mapping[int, int]) -> bool:
        """Commit these positions where they are news; a refusal changes nothing that matters."""
        assigned = self.assignment()
        tps = {tp: positions[tp.partition] for tp in assigned if tp.partition in positions}
        news = {tp: offset for tp, offset in tps.items() if self._told.get(tp) != offset}
        if not news or not await self._thread.call_thread(self._commit_quietly, news):
            return False
        self._told = {**self._told, **news}
        return True

    async def _commit_quietly(self, offsets: Mapping[TP, int]) -> bool:
        # Faust's own way crashes the app when the broker is away for a moment.
        try:
            await self._thread._ensure_consumer().commit({_plain(tp): offset for tp, offset in offsets.items()})
        except KafkaError as error:
            log.warning("positions.not_told", error=type(error).__name__)
            return False
        return True

    def ack(self, message: Message) -> bool:
        """Handing over is all an acknowledgement means here."""
        message.acked = True
        self._unacked_messages.discard(message)
        return True

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Offsets between two batches are not a gap."""

    async def verify_all_partitions_active(self) -> None:
        """Whether we make progress is judged by our own /livez, from durable positions."""


class BatchTransport(Transport):
    """Kafka, read by batches."""

    Consumer: ClassVar[type[AnyConsumer]] = BatchConsumer


class BatchApp(faust.App):
    """The Faust app, and what the rounds need from it."""

    reading: Reading
    ownership: Ownership
    eras: dict[int, int]
    next_era: Iterator[int]

    def _new_transport(self) -> Transport:
        return BatchTransport(self.conf.broker_consumer, self, loop=self.loop)

    def _create_directories(self) -> None:
        """No tables, so no folders."""

    @property
    def batches(self) -> BatchConsumer:
        """Our consumer, under its own type."""
        assert isinstance(self.consumer, BatchConsumer)
        return self.consumer

    async def _on_agent_error(self, agent: AgentT[Any], exc: BaseException) -> None:
        """Faust would start the agent anew and go on behind the lost batch, for ever: stop aloud instead."""
        await self.crash(exc)

    async def _consumer_wait_empty(self, consumer: ConsumerT, logger: Any) -> None:
        """Partitions are being revoked: finish the turn in flight, tell Kafka how far we came, and let go."""
        positions = await self.ownership.give_up()
        if positions:
            await self.batches.tell_positions(positions)

    async def reread(self, partition: int, offset: int) -> None:
        """Go back to `offset`."""
        await self.batches.seek_anew(TP(self.reading.topic, partition), offset)

    def is_current(self, one: Slice) -> bool:
        """Whether the slice was read after the latest seek of its partition."""
        return one.era == self.eras.get(one.partition)

    def lag(self) -> int:
        """Records that the broker told us of and that are not folded yet; costs no request."""
        positions = self.ownership.positions()
        ends = {one: self.batches.highwater(TP(self.reading.topic, one)) or 0 for one in positions}
        return sum(max(0, ends[one] - position) for one, position in positions.items())


def build_batch_app(kafka: KafkaSettings, reading: Reading) -> BatchApp:
    """The app with its one agent, not started. Give it an `ownership` first."""
    app = BatchApp(
        reading.group_id,
        broker=[f"kafka://{address.strip()}" for address in kafka.bootstrap.split(",")],
        broker_credentials=_credentials(kafka),
        broker_commit_interval=1.0,
        broker_max_poll_records=reading.poll_records,
        broker_max_poll_interval=3600.0,
        broker_session_timeout=reading.session_seconds,
        broker_heartbeat_interval=min(3.0, reading.session_seconds / 3),
        broker_rebalance_timeout=max(REJOIN_SECONDS, reading.session_seconds),
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=4 * 1024 * 1024,
        stream_wait_empty=False,
        stream_recovery_delay=0.0,
        table_standby_replicas=0,
        topic_disable_leader=True,
        topic_allow_declare=False,
        web_enabled=False,
    )
    app.reading, app.eras, app.next_era = reading, {}, itertools.count()
    topic = app.topic(reading.topic, value_type=None, value_serializer="raw", key_serializer="raw")
    app.agent(topic, name="care-scoring", concurrency=1)(_handing_over(app))
    return app


def _handing_over(app: BatchApp) -> Callable[[Any], Awaitable[None]]:
    async def hand_over(stream: faust.StreamT[tuple[Slice, ...]]) -> None:
        async for event in stream.events():
            for one in event.value:
                app.reading.inbox.put(one)
        if not app.should_stop:
            # Faust restarts an agent that raises, but not one that returns: then nothing would be read any more.
            await app.crash(RuntimeError("the agent ended"))

    return hand_over


def _message(tp: TP, slices: tuple[Slice, ...], generation: int) -> tuple[TP, Message]:
    carried = cast(bytes, slices)  # Faust never looks inside: the codec is «raw»
    last = slices[0].records[-1].offset
    return tp, ConsumerMessage(
        tp.topic, tp.partition, last, 0.0, 0, None, None, carried, None, 0, 0, tp, generation_id=generation
    )  # fmt: skip


def _plain(tp: TP) -> TopicPartition:
    return TopicPartition(tp.topic, tp.partition)


def _credentials(kafka: KafkaSettings) -> faust.SSLCredentials | None:
    context = connection_options(kafka).get("ssl_context")
    return None if context is None else faust.SSLCredentials(context)
