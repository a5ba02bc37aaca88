"""The service as operators run it: it starts, says it is well, ends on SIGTERM, and explains why it cannot start."""

import asyncio
import os
import signal
import sys

import httpx2
import pytest

from care_local.addresses import free_ports
from tests.conftest import fresh_database
from tests.notifications_world import world

pytestmark = pytest.mark.stack


async def start(**environment):
    plain = {name: value for name, value in os.environ.items() if not name.startswith("CARE_")}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "care_notifications",
        env=plain | environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def test_it_starts_and_ends_when_told(postgres_dsn, kafka_bootstrap):
    web, health = free_ports(2)
    async with world(postgres_dsn) as there:
        process = await start(
            CARE_KAFKA_BOOTSTRAP=kafka_bootstrap,
            CARE_POSTGRES_DSN=there.dsn,
            CARE_NOTIFICATIONS_WEB_PORT=str(web),
            CARE_NOTIFICATIONS_HEALTH_PORT=str(health),
        )
        assert process.stdout is not None
        async with asyncio.timeout(30):
            async for line in process.stdout:
                if b"service.started" in line:
                    break
        async with httpx2.AsyncClient(trust_env=False) as client:
            assert (await client.get(f"http://127.0.0.1:{health}/livez")).status_code == 200
            assert (await client.get(f"http://127.0.0.1:{health}/readyz")).status_code == 200
            assert (await client.get(f"http://127.0.0.1:{web}/")).status_code == 303
            assert (await client.get(f"http://127.0.0.1:{web}/metrics")).status_code == 303

        process.send_signal(signal.SIGTERM)
        _, errors = await asyncio.wait_for(process.communicate(), 20)

    assert process.returncode == 0
    assert errors == b""


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        pytest.param({}, b"CARE_", id="nothing is set"),
        pytest.param(
            {"CARE_NOTIFICATIONS_SMTP_TLS": "maybe"}, b"CARE_NOTIFICATIONS_SMTP_TLS", id="a setting has no such value"
        ),
        pytest.param(
            {"CARE_NOTIFICATIONS_SESSION_SECRET": "hunter2"},
            b"CARE_NOTIFICATIONS_SESSION_SECRET",
            id="a secret is too short, and is not shown",
        ),
    ],
)
async def test_a_wrong_installation_is_explained_in_one_line(environment, sentence):
    process = await start(**environment)
    _, errors = await asyncio.wait_for(process.communicate(), 30)

    assert process.returncode == 78
    assert sentence in errors
    assert b"Traceback" not in errors
    assert b"hunter2" not in errors
    assert len(errors.splitlines()) == 1


async def test_a_schema_that_was_not_migrated_is_said(stack, kafka_bootstrap):
    async with fresh_database(stack.postgres_dsn) as empty:
        process = await start(CARE_KAFKA_BOOTSTRAP=kafka_bootstrap, CARE_POSTGRES_DSN=empty)
        _, errors = await asyncio.wait_for(process.communicate(), 30)

    assert process.returncode == 78
    assert b"run: carelead migrate" in errors
