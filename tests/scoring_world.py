"""A world for the real scoring process: its own topics, an empty database, hands to start, kill and freeze it."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment

from care_shared.contracts.care_alerts import AnyCareAlert, CareAlert, decode_alert
from care_shared.runtime.postgres import migrate, migrations_of
from care_shared.topics import CARE_ALERTS, CARE_EVENTS

PATIENCE = 60.0
LOOK_EVERY = 0.05


async def migrate_scoring(dsn: str) -> None:
    """The schema `scoring` in an empty database."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("CREATE SCHEMA IF NOT EXISTS scoring")
    finally:
        await connection.close()
    await migrate(dsn, "scoring", migrations_of("care_scoring"))


@dataclass
class World:
    """Addresses and names of one test."""

    bootstrap: str
    dsn: str
    prefix: str
    partitions: int
    log: Path
    extra: dict[str, str] = field(default_factory=dict)
    running: list["Scoring"] = field(default_factory=list)

    @property
    def events(self) -> str:
        """The topic of facts."""
        return self.prefix + CARE_EVENTS.name

    @property
    def alerts(self) -> str:
        """The topic of alerts."""
        return self.prefix + CARE_ALERTS.name

    @property
    def dead_letters(self) -> str:
        """The topic of records nobody can use."""
        return self.prefix + CARE_EVENTS.dead_letters.name

    @property
    def group(self) -> str:
        """The consumer group of scoring."""
        return f"{self.prefix}care-scoring"

    def environment(self) -> dict[str, str]:
        """What the process is told."""
        ours = {
            "CARE_KAFKA_BOOTSTRAP": self.bootstrap,
            "CARE_POSTGRES_DSN": self.dsn,
            "CARE_SCORING_TOPIC_PREFIX": self.prefix,
            "CARE_SCORING_GROUP_ID": self.group,
            "CARE_SCORING_HEALTH_PORT": "0",
            "CARE_SCORING_SESSION_SECONDS": "6",
        }
        return {**os.environ, **ours, **self.extra}

    async def query(self, sql: str, *arguments: object) -> list[asyncpg.Record]:
        """Look into the service's schema."""
        connection = await asyncpg.connect(self.dsn, server_settings={"search_path": "scoring"})
        try:
            return await connection.fetch(sql, *arguments)
        finally:
            await connection.close()

    # ------------------------------------------------------------ the topics

    async def publish(self, records: Iterable[tuple[bytes | None, bytes]], partition: int | None = None) -> int:
        """Store records in order; returns how many."""
        count = 0
        async with AIOKafkaProducer(bootstrap_servers=self.bootstrap, linger_ms=5, max_batch_size=1 << 18) as producer:
            for key, value in records:
                await producer.send(self.events, value, key=key, partition=partition)
                count += 1
            await producer.flush()
        return count

    async def records(self, topic: str) -> list[Any]:
        """Everything on a topic, from the beginning to its present end, partition by partition."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap, enable_auto_commit=False)
        async with consumer:
            tps = [TopicPartition(topic, one) for one in range(1 if topic == self.dead_letters else self.partitions)]
            consumer.assign(tps)
            await consumer.seek_to_beginning(*tps)
            ends = await consumer.end_offsets(tps)
            found: list[Any] = []
            while any([await consumer.position(tp) < ends[tp] for tp in tps]):
                for batch in (await consumer.getmany(timeout_ms=500)).values():
                    found += batch
        return found

    async def alerts_said(self) -> list[CareAlert]:
        """Every alert on the topic, in order per patient."""
        return [one for one in await self.told() if isinstance(one, CareAlert)]

    async def told(self) -> list[AnyCareAlert]:
        """Everything on the topic of alerts: care gaps and scores, in order per patient."""
        return [decode_alert(record.value) for record in await self.records(self.alerts)]

    async def ends(self) -> dict[int, int]:
        """Where the topic of facts ends."""
        async with AIOKafkaConsumer(bootstrap_servers=self.bootstrap, enable_auto_commit=False) as consumer:
            tps = [TopicPartition(self.events, one) for one in range(self.partitions)]
            return {tp.partition: end for tp, end in (await consumer.end_offsets(tps)).items()}

    async def positions(self) -> dict[int, int]:
        """How far scoring is, durably."""
        return {row[0]: row[1] for row in await self.query("SELECT partition, next_offset FROM partitions")}

    async def group_offsets(self, group: str = "") -> dict[int, int]:
        """How far Kafka believes scoring is, or a group of another name."""
        async with _admin(self.bootstrap) as admin:
            offsets = await admin.list_consumer_group_offsets(group or self.group)
        return {tp.partition: place.offset for tp, place in offsets.items() if tp.topic == self.events}

    async def owners(self) -> list[list[int]]:
        """Which partitions of the facts each member of scoring's group has, as Kafka sees it."""
        async with _admin(self.bootstrap) as admin:
            [answer] = await admin.describe_consumer_groups([self.group])
        members = answer.groups[0][5]
        shares = [_share(assignment, self.events) for *_, assignment in members]
        return [share for share in shares if share]

    # ------------------------------------------------------------ waiting

    async def drained(self, within: float = PATIENCE) -> None:
        """Return when every fact is folded and everything decided is published."""
        ends = await self.ends()
        wanted = {partition: end for partition, end in ends.items() if end}

        async def all_read() -> bool:
            assert not self.running or any(one.process.returncode is None for one in self.running), "scoring ended"
            positions = await self.positions()
            return all(positions.get(partition, 0) >= end for partition, end in wanted.items())

        async def all_said() -> bool:
            return (await self.query("SELECT count(*) FROM outbox WHERE published_at IS NULL"))[0][0] == 0

        await until(all_read, "every fact is folded", within)
        await until(all_said, "everything decided is published", within)


async def until(condition: Callable[[], Awaitable[bool]], what: str, within: float = PATIENCE) -> None:
    """Wait for something to become true; fail with a sentence when it does not."""
    try:
        async with asyncio.timeout(within):
            while not await condition():  # noqa: ASYNC110  # the truth is in another process
                await asyncio.sleep(LOOK_EVERY)
    except TimeoutError:
        raise AssertionError(f"not within {within:.0f} s: {what}") from None


@asynccontextmanager
async def scoring_world(bootstrap: str, dsn: str, prefix: str, log: Path, partitions: int = 3) -> AsyncIterator[World]:
    """Topics and schema made, and the topics removed at the end."""
    world = World(bootstrap, dsn, f"{prefix}.", partitions, log)
    await migrate_scoring(dsn)
    topics = [
        NewTopic(world.events, partitions, 1),
        NewTopic(world.alerts, partitions, 1),
        NewTopic(world.dead_letters, 1, 1),
    ]
    async with _admin(bootstrap) as admin:
        answer = await admin.create_topics(topics)
        assert all(error[1] == 0 for error in answer.topic_errors), answer
        try:
            yield world
        finally:
            await admin.delete_topics([topic.name for topic in topics])


class Scoring:
    """One real scoring process; `async with` starts it and makes sure that it is gone afterwards."""

    def __init__(self, world: World, extra: Mapping[str, str] | None = None, module: str = "care_scoring") -> None:
        self._world = world
        self._extra = dict(extra or {})
        self._module = module
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> "Scoring":
        await self.start()
        self._world.running.append(self)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._world.running.remove(self)
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            await self._process.wait()

    async def start(self) -> None:
        """Start it; does not wait until it works."""
        with self._world.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", self._module,
                env={**self._world.environment(), **self._extra}, stdout=log, stderr=log,
            )  # fmt: skip

    @property
    def process(self) -> asyncio.subprocess.Process:
        """The process of the latest start."""
        assert self._process is not None
        return self._process

    async def kill(self) -> None:
        """SIGKILL, and gone."""
        self.process.kill()
        await self.process.wait()

    async def terminate(self) -> int:
        """SIGTERM; the exit code."""
        self.process.terminate()
        return await self.ended()

    async def ended(self, within: float = 40.0) -> int:
        """Wait for its end; the exit code."""
        return await asyncio.wait_for(self.process.wait(), within)

    def freeze(self) -> None:
        """Stop it in its tracks."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self.process.send_signal(signal.SIGCONT)


def _share(assignment: bytes, topic: str) -> list[int]:
    """The partitions of one topic in a member's assignment."""
    if not assignment:
        return []
    return [
        one
        for name, ones in ConsumerProtocolMemberAssignment.decode(assignment).assignment
        if name == topic
        for one in ones
    ]


@asynccontextmanager
async def _admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()
