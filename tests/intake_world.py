"""The real intake process in a database and topics of its own, and hospitals that send again whatever got no yes."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import asyncpg
import httpx2
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from care_intake.adapters.mllp_client import MllpClient
from care_local.addresses import free_ports
from care_shared.errors import NotReadyError, UnusableMessageError
from care_shared.runtime.postgres import migrate, migrations_of
from care_shared.topics import CARE_EVENTS

PATIENCE = 60.0
LOOK_EVERY = 0.05
RETRY_SECONDS = 0.1
YES, NOT_NOW = b"MSA|AA|", b"MSA|AE|"
UNPUBLISHED = "SELECT count(*) FROM outbox WHERE published_at IS NULL"


@dataclass
class Hospital:
    """One connection: messages in order, a few unanswered; after a break or a no it begins again where yes ended."""

    port: int
    messages: Sequence[bytes]
    window: int = 8
    pause: float = 0.0
    timeout: float = PATIENCE
    acknowledged: int = 0  # from the front: what the hospital will never send again
    refused: int = 0
    broken: int = 0

    async def run(self) -> None:
        """Until every message has its yes."""
        while self.acknowledged < len(self.messages):
            try:
                async with MllpClient("127.0.0.1", self.port, self.timeout) as line:
                    await self._talk(line)
            except (NotReadyError, UnusableMessageError):
                self.broken += 1
                await asyncio.sleep(RETRY_SECONDS)

    async def _talk(self, line: MllpClient) -> None:
        sent = self.acknowledged
        while self.acknowledged < len(self.messages):
            while sent < len(self.messages) and sent - self.acknowledged < self.window:
                await line.post(self.messages[sent])
                sent += 1
            answer = await line.answer()
            if YES not in answer:
                assert NOT_NOW in answer, "a good message is never refused for good"
                self.refused += 1
                await asyncio.sleep(RETRY_SECONDS)
                return
            self.acknowledged += 1
            if self.pause:
                await asyncio.sleep(self.pause)


@dataclass
class IntakeWorld:
    """Addresses and names of one test, and the process while it runs."""

    bootstrap: str
    dsn: str
    prefix: str
    partitions: int = 4
    extra: dict[str, str] = field(default_factory=dict)
    ports: list[int] = field(default_factory=lambda: free_ports(3))
    process: asyncio.subprocess.Process | None = None
    log: Path = Path(os.devnull)

    @property
    def topic(self) -> str:
        """The topic of facts."""
        return self.prefix + CARE_EVENTS.name

    @property
    def mllp(self) -> int:
        """Where hospitals call."""
        return self.ports[1]

    @property
    def http(self) -> str:
        """Where everybody else calls."""
        return f"http://127.0.0.1:{self.ports[0]}"

    async def start(self) -> Self:
        """The process; returns when a hospital could call."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith("CARE_")}
        ours = {
            "CARE_KAFKA_BOOTSTRAP": self.bootstrap, "CARE_POSTGRES_DSN": self.dsn, "CARE_LOG_LEVEL": "WARNING",
            "CARE_INTAKE_HTTP_PORT": str(self.ports[0]), "CARE_INTAKE_MLLP_PORT": str(self.ports[1]),
            "CARE_INTAKE_HEALTH_PORT": str(self.ports[2]), "CARE_INTAKE_TOPIC_PREFIX": self.prefix,
            "CARE_INTAKE_TOKEN": "a-token-for-tests",
        }  # fmt: skip
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "care_intake", env=plain | ours | self.extra, stdout=log
            )
        await until(self.is_open, "intake listens")
        return self

    def memory(self) -> int:
        """Bytes of real memory that the process holds."""
        assert self.process is not None
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    async def metrics(self) -> str:
        """What operators see."""
        async with httpx2.AsyncClient(trust_env=False) as client:
            return (await client.get(f"http://127.0.0.1:{self.ports[2]}/metrics")).text

    def lines(self) -> list[dict[str, object]]:
        """Its log, one JSON object per line; anything else in it is a failure."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    async def is_open(self) -> bool:
        """Whether somebody listens; fails when the process is gone."""
        assert self.process is not None
        assert self.process.returncode is None, "intake ended by itself"
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.mllp)
        except OSError:
            return False
        writer.close()
        return True

    async def kill(self) -> None:
        """As the operating system does it when memory runs out."""
        assert self.process is not None
        self.process.kill()
        await self.process.wait()
        self.process = None

    async def end(self) -> None:
        """As a deployment does it."""
        if self.process is not None and self.process.returncode is None:
            self.process.terminate()
            await self.process.wait()

    async def query(self, sql: str, *arguments: object) -> list[asyncpg.Record]:
        """Look into intake's schema."""
        connection = await asyncpg.connect(self.dsn, server_settings={"search_path": "intake"})
        try:
            return await connection.fetch(sql, *arguments)
        finally:
            await connection.close()

    async def all_published(self) -> bool:
        """Whether Kafka has confirmed everything that was decided."""
        return (await self.query(UNPUBLISHED))[0][0] == 0

    async def records(self) -> list[tuple[bytes, str]]:
        """Patient and event id of everything on the topic, in order per partition."""
        async with AIOKafkaConsumer(bootstrap_servers=self.bootstrap, enable_auto_commit=False) as consumer:
            places = [TopicPartition(self.topic, one) for one in range(self.partitions)]
            consumer.assign(places)
            await consumer.seek_to_beginning(*places)
            ends = await consumer.end_offsets(places)
            found = []
            while any([await consumer.position(place) < ends[place] for place in places]):
                for batch in (await consumer.getmany(timeout_ms=500)).values():
                    found += [(record.key, dict(record.headers)["ce_id"].decode()) for record in batch]
        return found


async def until(condition: Callable[[], Awaitable[bool]], what: str, within: float = PATIENCE) -> None:
    """Wait for something in another process; the end of patience is a failure that says what did not come."""
    try:
        async with asyncio.timeout(within):
            while not await condition():  # noqa: ASYNC110  # another process: nobody here rings
                await asyncio.sleep(LOOK_EVERY)
    except TimeoutError:
        raise AssertionError(f"in vain: {what}") from None


@asynccontextmanager
async def intake_world(bootstrap: str, dsn: str, prefix: str, **extra: str) -> AsyncIterator[IntakeWorld]:
    """A world whose topic and schema exist; the process is started by the test, and ended after it."""
    world = IntakeWorld(bootstrap, dsn, f"{prefix}.", extra=extra)
    connection = await asyncpg.connect(dsn)
    await connection.execute("CREATE SCHEMA intake")
    await connection.close()
    await migrate(dsn, "intake", migrations_of("care_intake"))
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(world.topic, world.partitions, 1)])
    await admin.close()
    try:
        yield world
    finally:
        await world.end()
