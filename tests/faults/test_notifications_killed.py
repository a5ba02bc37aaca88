"""Notifications is killed again and again while a partner is being told: nothing is lost, and a repeat can be seen."""

import asyncio
import os
import signal
import sys
from collections import Counter

import pytest
from aiokafka import AIOKafkaProducer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from care_local.addresses import free_ports
from care_shared.runtime.clock import utc_now
from care_shared.runtime.health import serving
from care_shared.runtime.kafka import create_topics
from care_shared.settings import KafkaSettings
from care_shared.topics import CARE_ALERTS, all_topics
from tests.care_alerts import BOTH, care_alert
from tests.e2e.browser.test_worklist_page import begin_at_the_end
from tests.notifications_world import world

pytestmark = [pytest.mark.stack, pytest.mark.faults]

ALERTS, KILLS = 120, 4
UNLEASED = "SELECT count(*) FROM deliveries WHERE channel = 'webhook' AND state = 'waiting' AND leased_until IS NULL"
DELIVERED = "SELECT count(*) FROM deliveries WHERE channel = 'webhook' AND state = 'delivered'"
# What sixty seconds would do: the leases of the dead end.
LEASES_END = "UPDATE deliveries SET leased_until = now() WHERE state = 'waiting' AND leased_until IS NOT NULL"


class Partner:
    """Takes each webhook, slowly."""

    def __init__(self):
        self.port = free_ports(1)[0]
        self.got = []
        self.app = Starlette(routes=[Route("/hook", self.take, methods=["POST"])])

    def has_got(self, count):
        async def look():
            return len(self.got) >= count

        return look

    async def take(self, request: Request):
        self.got.append((request.headers["webhook-id"], (await request.json())["data"]["gap_id"]))
        await asyncio.sleep(0.01)
        return Response(status_code=204)


async def start(there, bootstrap, partner):
    plain = {name: value for name, value in os.environ.items() if not name.startswith("CARE_")}
    environment = {
        "CARE_KAFKA_BOOTSTRAP": bootstrap,
        "CARE_POSTGRES_DSN": there.dsn,
        "CARE_NOTIFICATIONS_WEB_PORT": str(free_ports(1)[0]),
        "CARE_NOTIFICATIONS_HEALTH_PORT": str(free_ports(1)[0]),
        "CARE_NOTIFICATIONS_CONSUMER_GROUP": f"killed-{partner.port}-{len(partner.got)}",
        "CARE_NOTIFICATIONS_WEBHOOK_PRIVATE_ALLOW": f"127.0.0.1:{partner.port}",
    }
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "care_notifications", env=plain | environment, stdout=asyncio.subprocess.DEVNULL
    )


async def until(condition, seconds=60):
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110  # another process and a database: nobody here rings
            await asyncio.sleep(0.05)


async def test_killed_while_telling(postgres_dsn, kafka_bootstrap):
    await create_topics(KafkaSettings(bootstrap=kafka_bootstrap), all_topics(), 1)
    partner = Partner()
    async with (
        world(postgres_dsn, f"http://127.0.0.1:{partner.port}/hook") as there,
        serving(partner.app, "127.0.0.1", partner.port, drain_seconds=1),
    ):
        await begin_at_the_end(there, kafka_bootstrap)
        gaps = [f"killed-{partner.port}-{number}" for number in range(ALERTS)]
        await write(kafka_bootstrap, gaps)
        for kill in range(1, KILLS + 1):
            service = await start(there, kafka_bootstrap, partner)
            await until(partner.has_got(ALERTS * kill // (KILLS + 2)))
            service.send_signal(signal.SIGKILL)
            await service.wait()
        service = await start(there, kafka_bootstrap, partner)
        await until(all_delivered(there))
        service.terminate()
        assert await service.wait() == 0

    told = Counter(partner.got)
    print(f"{KILLS} kills, {sum(told.values()) - ALERTS} repeats")
    assert {gap for _, gap in told} == set(gaps)
    assert len(told) == ALERTS, "a repeat comes under the same webhook-id"
    assert sum(told.values()) - ALERTS <= KILLS, "one in flight per kill at most"


def all_delivered(there):
    async def look():
        # The lane holds one at a time: when nothing else waits, a lease that is left is a dead one's.
        if await there.pool.fetchval(UNLEASED) == 0:
            await there.pool.execute(LEASES_END)
        return await there.pool.fetchval(DELIVERED) == ALERTS

    return look


async def write(bootstrap, gaps):
    now = utc_now()
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    for gap in gaps:
        alert = care_alert(gap, audience=BOTH, opened_at=now, changed_at=now)
        await producer.send_and_wait(CARE_ALERTS.name, alert.model_dump_json().encode(), key=b"patient-1")
    await producer.stop()
