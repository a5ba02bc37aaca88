"""Notifications ends within its time when it is told to, also with neither a broker nor a database left."""

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import httpx2
import pytest

from care_local.addresses import free_ports
from care_local.kafka import KafkaPlace, start_kafka
from care_local.postgres import PostgresPlace, start_postgres
from care_shared.runtime.kafka import create_topics
from care_shared.settings import KafkaSettings
from care_shared.topics import all_topics
from tests.notifications_world import prepare
from tests.stack import FOLDER_PREFIX

pytestmark = [pytest.mark.stack, pytest.mark.faults]

# The run-book tells operators to give it 45 seconds.
WITHIN = 45.0


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


async def database_in(server_dsn: str) -> str:
    """One that ends with its server."""
    connection = await asyncpg.connect(server_dsn)
    await connection.execute("CREATE DATABASE test_ending TEMPLATE template0")
    await connection.close()
    return f"{server_dsn.rpartition('/')[0]}/test_ending"


async def ready(port: int) -> None:
    async with asyncio.timeout(60), httpx2.AsyncClient() as http:
        while True:
            try:
                if (await http.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200:
                    return
            except httpx2.HTTPError:
                pass
            await asyncio.sleep(0.1)


@pytest.mark.timeout(300)
async def test_a_service_whose_broker_and_database_went_away_ends_when_it_is_told_to(folder: Path) -> None:
    kafka = await start_kafka(KafkaPlace(folder / "kafka", folder / "logs"))
    postgres = await start_postgres(PostgresPlace(folder / "postgres", folder / "logs"))
    service = None
    try:
        await create_topics(KafkaSettings(bootstrap=kafka.bootstrap), all_topics(), 1)
        own, health = await prepare(await database_in(postgres.dsn)), free_ports(1)[0]
        plain = {name: value for name, value in os.environ.items() if not name.startswith("CARE_")}
        ours = {
            "CARE_KAFKA_BOOTSTRAP": kafka.bootstrap,
            "CARE_POSTGRES_DSN": own,
            "CARE_NOTIFICATIONS_WEB_PORT": str(free_ports(1)[0]),
            "CARE_NOTIFICATIONS_HEALTH_PORT": str(health),
        }
        with (folder / "notifications.log").open("wb") as log:
            service = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "care_notifications", env=plain | ours, stdout=log, stderr=log
            )
        await ready(health)
        await kafka.child.stop()
        await postgres.child.stop()
        await asyncio.sleep(2.0)  # it notices, and tries again
        service.terminate()
        async with asyncio.timeout(WITHIN):
            assert await service.wait() == 0
    finally:
        if service is not None and service.returncode is None:
            service.kill()
            await service.wait()
        await kafka.child.stop()
        await postgres.child.stop()
