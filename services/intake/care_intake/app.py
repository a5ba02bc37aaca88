"""Where intake is put together: doors, decisions, database, relay; nothing is decided here."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import asyncpg

from care_intake.adapters.desk import SET_ASIDE_VERDICTS
from care_intake.adapters.feed_board import FeedBoard
from care_intake.adapters.feed_watch import FeedWatch
from care_intake.adapters.folders import FolderDoor
from care_intake.adapters.grouping import Alone, CommitGroups, GroupLimits
from care_intake.adapters.hl7_door import Hl7Door
from care_intake.adapters.http import http_app
from care_intake.adapters.kafka_inbound import InboundTopic, KafkaDoor, KafkaInbound
from care_intake.adapters.mllp import MllpServer
from care_intake.adapters.mllp_terms import MllpEndpoint
from care_intake.adapters.mllp_tls import server_tls
from care_intake.adapters.numbers import WAITING_FOR_PERSON, CountingKeeper, CountingStore
from care_intake.adapters.operations import Operations
from care_intake.adapters.postgres import PostgresIntakeStore
from care_intake.adapters.postgres_inbound import InboundStore
from care_intake.adapters.seen_kinds import seen_kinds
from care_intake.adapters.sources import Sources, sources_of
from care_intake.adapters.workbench import workbench
from care_intake.handler import Intake
from care_intake.settings import IntakeSettings, Settings
from care_shared.runtime.backlog import Backlog, CountedByLabel
from care_shared.runtime.clock import Clock, utc_now
from care_shared.runtime.health import Check, health_app, serving
from care_shared.runtime.kafka import Publisher
from care_shared.runtime.logs import get_log
from care_shared.runtime.outbox import OutboxRelay
from care_shared.runtime.postgres import TRANSIENT_ERRORS, check_migrated, migrations_of, open_pool
from care_shared.topics import CARE_EVENTS, CARE_INBOUND

log = get_log(__name__)

Work = asyncio.Task[None]

SCHEMA = "intake"
PING_SECONDS = 2.0
SEEN_SINCE = timedelta(days=30)
# Spelled out as in the index of what is to be looked at, so that it is used.
SET_ASIDE = """
SELECT verdict, count(*) FROM receipts
WHERE verdict IN ('quarantined', 'rejected', 'conflict', 'held') AND mended_by = '' GROUP BY verdict
"""


@dataclass(frozen=True, slots=True)
class App:
    """A running intake: where its doors are, and its database."""

    http_port: int
    mllp_port: int
    pool: asyncpg.Pool


async def serve(settings: Settings, stopping: asyncio.Event) -> None:
    """Serve until told to stop; messages in hand are answered first."""
    async with build_app(settings):
        await stopping.wait()
        log.info("service.stopping")


@contextlib.asynccontextmanager
async def build_app(settings: Settings, clock: Clock = utc_now) -> AsyncIterator[App]:
    """Intake while the block runs. Stops in this order: doors, writer, relay, so that no answer is without a commit."""
    own = settings.intake
    sources = sources_of(own)
    pool = await open_pool(settings.postgres, SCHEMA)
    try:
        await check_migrated(pool, SCHEMA, migrations_of("care_intake"))
        publisher = Publisher(settings.kafka)
        relay = OutboxRelay(pool, publisher)
        database = PostgresIntakeStore(pool, own.topic_prefix + CARE_EVENTS.name)
        store = CountingStore(database)
        limits = GroupLimits(own.group_messages, max_waiting=own.waiting_messages, commit_seconds=own.commit_seconds)
        groups = CommitGroups(store, relay.wake, limits)
        tables = CountingKeeper(Alone(store, relay.wake))
        intake = Intake(CountingKeeper(groups), clock, tables, database)
        async with _running(relay.run(), publisher.stop), _running(groups.run()) as writer:
            waits = Backlog(pool, CountedByLabel(SET_ASIDE, WAITING_FOR_PERSON, SET_ASIDE_VERDICTS))
            health = health_app({"writer": _alive(writer)}, {"postgres": _answers(pool)}, waits.measure)
            async with (
                serving(health, own.health_host, own.health_port),
                _running(_watch(own, pool, sources, clock).run()),
                _running(FolderDoor(sources.folders, intake).run()),
                _inbound(settings, KafkaDoor(intake, sources, clock), pool, relay),
                _doors(own, intake, sources, clock, pool) as ports,
            ):
                log.info("service.ready", port=ports[0])
                yield App(*ports, pool)
    finally:
        await pool.close()


def _watch(own: IntakeSettings, pool: asyncpg.Pool, sources: Sources, clock: Clock) -> FeedWatch:
    settle = timedelta(minutes=own.feed_settle_minutes)
    return FeedWatch(pool, sources, clock, own.topic_prefix + CARE_EVENTS.name, settle)


@contextlib.asynccontextmanager
async def _inbound(settings: Settings, door: KafkaDoor, pool: asyncpg.Pool, relay: OutboxRelay) -> AsyncIterator[None]:
    """Read care.inbound.v1 while the block runs, unless it is switched off."""
    own = settings.intake
    if not own.kafka_inbound:
        yield
        return
    topic = InboundTopic(settings.kafka, own.topic_prefix + CARE_INBOUND.name, own.topic_prefix + own.kafka_group)
    store = InboundStore(pool, own.topic_prefix + CARE_EVENTS.name)
    async with _running(KafkaInbound(topic, door, store, relay.wake).run()):
        yield


@contextlib.asynccontextmanager
async def _doors(
    own: IntakeSettings, intake: Intake, sources: Sources, clock: Clock, pool: asyncpg.Pool
) -> AsyncIterator[tuple[int, int]]:
    door = Hl7Door(intake, sources, clock)
    tls = None
    if own.mllp_certificate_file:
        authority = Path(own.mllp_client_ca_file) if own.mllp_client_ca_file else None
        tls = server_tls(Path(own.mllp_certificate_file), Path(own.mllp_key_file), authority)
    endpoint = MllpEndpoint(own.mllp_host, own.mllp_port, tls)
    mllp = MllpServer(
        endpoint, door.receive, fallback=door.fallback, observe=door.observe, limits_of=sources.mllp_limits
    )
    bench = workbench(pool, sources, clock, own.topic_prefix + CARE_EVENTS.name)
    operations = Operations(
        own.operator_token,
        FeedBoard(pool, sources, clock).look,
        bench,
        lambda source: seen_kinds(pool, source, clock() - SEEN_SINCE),
    )
    async with mllp, serving(http_app(intake, sources, operations, clock), own.http_host, own.http_port):
        yield own.http_port, mllp.port


@contextlib.asynccontextmanager
async def _running(
    work: Coroutine[object, object, None], *endings: Callable[[], Awaitable[None]]
) -> AsyncIterator[Work]:
    """Work beside the block; cancelled when the block ends. A bug in it ends the block."""
    owner = asyncio.current_task()
    task = asyncio.create_task(work)

    def crash(done: Work) -> None:
        if not done.cancelled() and done.exception() is not None and owner is not None:
            log.error("service.broken", exc_info=done.exception())
            owner.cancel()

    task.add_done_callback(crash)
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        for ending in endings:
            await ending()


def _alive(writer: Work) -> Check:
    async def check() -> str | None:
        return "the writer has stopped" if writer.done() else None

    return check


def _answers(pool: asyncpg.Pool) -> Check:
    async def check() -> str | None:
        try:
            await pool.fetchval("SELECT 1", timeout=PING_SECONDS)
        except TRANSIENT_ERRORS:
            return "PostgreSQL does not answer"
        return None

    return check
