"""Whether the running system is well: each service ready, schemas and topics in place, nobody behind."""

import asyncio
from collections.abc import AsyncIterator, Mapping

import asyncpg
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from care_cli.running.addresses import HEALTH
from care_cli.running.machine import Finding
from care_cli.running.schemas import SERVICES, package_of
from care_local.addresses import http_status
from care_local.folder import StackState
from care_shared.runtime.kafka import connection_options
from care_shared.runtime.postgres import migrations_of
from care_shared.settings import KafkaSettings
from care_shared.topics import CARE_ALERTS, CARE_EVENTS, all_topics

HTTP_OK = 200
APPLIED = {service: f"SELECT name FROM {service}.migrations" for service in SERVICES}  # noqa: S608  # three fixed names
# Both services keep their own positions; what Kafka knows of them is a hint for such a look.
READERS = {"care-scoring": CARE_EVENTS.name, "care-notifications": CARE_ALERTS.name}
LAG_LIMIT = 1000
LOOK_AT_LOG = "look at the end of its log in the folder of the stack"


async def system_findings(state: StackState) -> AsyncIterator[Finding]:
    """Everything about the running stack, in the order in which one thing needs another."""
    for service in SERVICES:
        yield await _ready(service, state.addresses)
    yield await _migrated(state.postgres_dsn)
    async for finding in _kafka(KafkaSettings(bootstrap=state.kafka_bootstrap)):
        yield finding


async def _ready(service: str, addresses: Mapping[str, str]) -> Finding:
    url = addresses.get(HEALTH[service], "")
    status = await http_status(url) if url else None
    return Finding(f"{service} is {'ready' if status == HTTP_OK else 'not ready'}", status == HTTP_OK, LOOK_AT_LOG)


async def _migrated(dsn: str) -> Finding:
    try:
        connection = await asyncpg.connect(dsn, timeout=5)
    except (OSError, asyncpg.PostgresError, TimeoutError):
        return Finding("PostgreSQL does not answer", well=False, fix="stop the demo and start it again")
    try:
        missing = [
            f"{service}/{migration.name}"
            for service in SERVICES
            for applied in [{row["name"] for row in await connection.fetch(APPLIED[service])}]
            for migration in migrations_of(package_of(service))
            if migration.name not in applied
        ]
    except asyncpg.UndefinedTableError:
        return Finding("the schemas are not made yet", well=False, fix="run carelead migrate, or start the demo again")
    finally:
        await connection.close()
    said = f"migrations are missing: {', '.join(missing)}" if missing else "all migrations are applied"
    return Finding(said, not missing, "run carelead migrate, or start the demo again")


async def _kafka(settings: KafkaSettings) -> AsyncIterator[Finding]:
    admin = AIOKafkaAdminClient(**connection_options(settings))
    try:
        await admin.start()
        existing = set(await admin.list_topics())
        missing = [topic.name for topic in all_topics() if topic.name not in existing]
        said = f"topics are missing: {', '.join(missing)}" if missing else "all topics exist"
        yield Finding(said, not missing, "run carelead topics")
        for group, topic in READERS.items():
            if topic in existing:
                yield await _lag(admin, settings, group, topic)
    except (KafkaError, OSError):
        yield Finding("Kafka does not answer", well=False, fix="stop the demo and start it again")
    finally:
        await admin.close()


async def _lag(admin: AIOKafkaAdminClient, settings: KafkaSettings, group: str, topic: str) -> Finding:
    positions = await admin.list_consumer_group_offsets(group)
    consumer = AIOKafkaConsumer(**connection_options(settings))
    await consumer.start()
    try:
        places = [place for place in positions if place.topic == topic]
        ends = await consumer.end_offsets(places)
    finally:
        await consumer.stop()
    behind = sum(max(0, ends[place] - positions[place].offset) for place in places)
    return Finding(
        f"{group} is {behind} messages behind on {topic}", behind < LAG_LIMIT, "wait, or look at its log", blocks=False
    )


async def gathered(state: StackState) -> list[Finding]:
    """All findings about the running system."""
    async with asyncio.timeout(60):
        return [finding async for finding in system_findings(state)]
