"""Whether the running system is well: each service ready, schemas and topics in place, nobody behind."""

import asyncio
from collections.abc import AsyncIterator, Mapping

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from care_cli.running.addresses import HEALTH
from care_cli.running.backlog import backlog_findings
from care_cli.running.machine import Finding
from care_cli.running.schemas import SERVICES, package_of
from care_local.addresses import http_status
from care_local.folder import StackState
from care_shared.runtime.kafka import connection_options
from care_shared.runtime.postgres import migrations_of
from care_shared.settings import KafkaSettings
from care_shared.topics import all_topics

HTTP_OK = 200
APPLIED = {service: f"SELECT name FROM {service}.migrations" for service in SERVICES}  # noqa: S608  # three fixed names
LOOK_AT_LOG = "look at the end of its log in the folder of the stack"


async def system_findings(state: StackState) -> AsyncIterator[Finding]:
    """Everything about the running stack, in the order in which one thing needs another."""
    for service in SERVICES:
        yield await _ready(service, state.addresses)
    migrated = await _migrated(state.postgres_dsn)
    yield migrated
    topics = await _topics(KafkaSettings(bootstrap=state.kafka_bootstrap))
    yield topics
    if migrated.well and topics.well:
        async for finding in backlog_findings(state.postgres_dsn, KafkaSettings(bootstrap=state.kafka_bootstrap)):
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


async def _topics(settings: KafkaSettings) -> Finding:
    admin = AIOKafkaAdminClient(**connection_options(settings))
    try:
        await admin.start()
        existing = set(await admin.list_topics())
        missing = [topic.name for topic in all_topics() if topic.name not in existing]
        said = f"topics are missing: {', '.join(missing)}" if missing else "all topics exist"
        return Finding(said, not missing, "run carelead topics")
    except (KafkaError, OSError):
        return Finding("Kafka does not answer", well=False, fix="stop the demo and start it again")
    finally:
        await admin.close()


async def gathered(state: StackState) -> list[Finding]:
    """All findings about the running system."""
    async with asyncio.timeout(60):
        return [finding async for finding in system_findings(state)]
