"""Several couriers on one database, killed and slowed down: every notice ends, and a repeat carries the same id.

By hand with more: `CARE_TEST_NOTICES=20000 pytest tests/faults/test_three_couriers.py -k replicas -s --timeout 1800`.
"""

import asyncio
import os
import sys
import time
from collections import Counter

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from care_local.addresses import free_ports
from care_notifications.adapters.channels.webhook.channel import WebhookChannel
from care_notifications.adapters.channels.webhook.connector import Connector
from care_notifications.adapters.postgres_agreements import put_agreements
from care_notifications.adapters.postgres_deliveries import PostgresDeliveryStore
from care_notifications.adapters.postgres_directory import NamedEndpoint, NamedOrganization, ensure_directory
from care_notifications.core.agreements import Agreement
from care_notifications.core.state import Channel
from care_notifications.courier import Courier
from care_shared.runtime.clock import utc_now
from care_shared.runtime.health import serving
from care_shared.vocabulary import OrganizationId
from tests.care_alerts import AGREEMENT, BOTH, TEAM, care_alert
from tests.notifications_world import SECRET, World, world

pytestmark = [pytest.mark.stack, pytest.mark.faults]

NOTICES = int(os.environ.get("CARE_TEST_NOTICES", "300"))
AGENCIES = 6
REPLICAS = 3
KILLS = 3
LEFT = "SELECT count(*) FROM deliveries WHERE channel = 'webhook' AND state = 'waiting'"
LEASED = LEFT + " AND leased_until > now()"
LEASES_END = "UPDATE deliveries SET leased_until = now() WHERE state = 'waiting' AND leased_until IS NOT NULL"
ENDS = "SELECT state, reason, count(*) FROM deliveries WHERE channel = 'webhook' GROUP BY 1, 2"


class Partners:
    """Web servers of several agencies in one; `hanging` never answers within anybody's patience."""

    def __init__(self, hanging: str = "") -> None:
        self.port = free_ports(1)[0]
        self.got: list[tuple[str, str, float]] = []
        self.hung = asyncio.Event()
        self._hanging = hanging
        self.app = Starlette(routes=[Route("/{agency}", self.take, methods=["POST"])])

    async def take(self, request: Request) -> Response:
        agency = request.path_params["agency"]
        if agency == self._hanging:
            self.hung.set()
            while not await request.is_disconnected():  # noqa: ASYNC110  # it has no event to wait for
                await asyncio.sleep(0.1)
            return Response()
        body = await request.json()
        self.got.append((request.headers["webhook-id"], body["data"]["gap_id"], time.monotonic()))
        return Response(status_code=204)

    @property
    def allowed(self) -> str:
        return f"127.0.0.1:{self.port}"


def agency(number: int) -> OrganizationId:
    return OrganizationId(f"agency-{number}")


async def enter(there: World, partners: Partners) -> None:
    organizations = [NamedOrganization(agency(number), f"Agency {number}") for number in range(AGENCIES)]
    endpoints = [
        NamedEndpoint(f"endpoint-{number}", agency(number), f"http://{partners.allowed}/agency-{number}", (SECRET,))
        for number in range(AGENCIES)
    ]
    await ensure_directory(there.pool, [], organizations, endpoints)
    agreements = [Agreement(f"a-{number}", agency(number), AGREEMENT.begin) for number in range(AGENCIES)]
    await put_agreements(there.pool, agreements, "test", utc_now())
    await there.pool.execute("UPDATE endpoints SET verified_at = now()")


async def tell(there: World, first: int, count: int) -> None:
    """So many alerts, spread over the agencies, each about a patient of its own."""
    now = utc_now()
    for begin in range(first, first + count, 200):
        await there.hear(
            *(
                care_alert(
                    f"gap-{number}", audience=BOTH, patient_id=f"patient-{number}", opened_at=now, changed_at=now,
                    care_team=TEAM.model_copy(update={"agency": agency(number % AGENCIES)}), due_at=None,
                )
                for number in range(begin, min(begin + 200, first + count))
            ),
            now=now,
        )  # fmt: skip


async def replica(there: World, partners: Partners) -> asyncio.subprocess.Process:
    environment = dict(os.environ) | {"REPLICA_DSN": there.dsn, "REPLICA_ALLOWED": partners.allowed}
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.faults.courier_replica", env=environment)


async def until_all_ended(there: World, seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while await there.pool.fetchval(LEFT):  # noqa: ASYNC110  # other processes: nobody here rings
            await asyncio.sleep(0.1)


async def test_complaint_05_three_replicas_send_each_notice_once(postgres_dsn):
    partners = Partners()
    async with world(postgres_dsn) as there, serving(partners.app, "127.0.0.1", partners.port, drain_seconds=1):
        await enter(there, partners)
        await tell(there, 0, NOTICES)
        begun = time.monotonic()
        replicas = [await replica(there, partners) for _ in range(REPLICAS)]
        try:
            await until_all_ended(there, 60 + NOTICES / 20)
        finally:
            for one in replicas:
                one.kill()
                await one.wait()
        took = time.monotonic() - begun
        ends = [tuple(row) for row in await there.pool.fetch(ENDS)]
        numbers = await there.pool.fetch(
            "SELECT recipient, count(*), min(sequence), max(sequence), count(DISTINCT sequence) FROM deliveries "
            "WHERE channel = 'webhook' GROUP BY 1"
        )

    told = Counter((webhook_id, gap) for webhook_id, gap, _ in partners.got)
    repeats = sum(told.values()) - len(told)
    print(f"{NOTICES} notices by {REPLICAS} replicas in {took:.1f} s, {repeats} repeats")
    assert ends == [("delivered", None, NOTICES)], "the ledger: every notice has ended"
    assert len(told) == NOTICES
    assert repeats <= NOTICES / 100_000
    assert all(count == highest == different and lowest == 1 for _, count, lowest, highest, different in numbers)


async def test_replicas_that_are_killed_between_send_and_record_repeat_under_the_same_id(postgres_dsn):
    partners = Partners()
    async with world(postgres_dsn) as there, serving(partners.app, "127.0.0.1", partners.port, drain_seconds=1):
        await enter(there, partners)
        await tell(there, 0, NOTICES)
        steady = await replica(there, partners)
        try:
            for kill in range(KILLS):
                doomed = await replica(there, partners)
                async with asyncio.timeout(60):
                    while len(partners.got) < NOTICES * (kill + 1) // (KILLS + 2):  # noqa: ASYNC110
                        await asyncio.sleep(0.01)
                doomed.kill()
                await doomed.wait()
            async with asyncio.timeout(60):
                while await there.pool.fetchval(LEFT) > await there.pool.fetchval(LEASED):  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
            await there.pool.execute(LEASES_END)  # what sixty seconds would do
            await until_all_ended(there, 60)
        finally:
            steady.kill()
            await steady.wait()
        ends = [tuple(row) for row in await there.pool.fetch(ENDS)]

    told = Counter((webhook_id, gap) for webhook_id, gap, _ in partners.got)
    repeats = sum(told.values()) - len(told)
    print(f"{KILLS} kills, {repeats} repeats under the same id")
    assert ends == [("delivered", None, NOTICES)]
    assert len(told) == NOTICES, "a repeat is the same id about the same gap"
    assert repeats <= KILLS * AGENCIES, "one in flight per lane and kill at most"


async def test_complaint_07_a_partner_that_hangs_holds_up_nobody_else(postgres_dsn):
    """Mirth Connect #4144: its lane stands still; the others are told as if it were not there."""
    partners = Partners(hanging="agency-0")
    async with world(postgres_dsn) as there, serving(partners.app, "127.0.0.1", partners.port, drain_seconds=1):
        await enter(there, partners)
        await there.pool.execute("UPDATE endpoints SET paused_at = now() WHERE endpoint_id = 'endpoint-0'")
        rings: list = []
        store = PostgresDeliveryStore(there.pool, lambda: [ring() for ring in rings])
        channel = WebhookChannel("https://care.example", Connector(frozenset((partners.allowed,))))
        courier = Courier(store, {Channel.WEBHOOK: channel}, utc_now)
        rings.append(courier.wake)
        running = asyncio.create_task(courier.run())
        try:
            calm = await latencies(there, courier, partners, 0)
            await there.pool.execute("UPDATE endpoints SET paused_at = NULL")
            courier.wake()
            async with asyncio.timeout(10):
                await partners.hung.wait()
            beside = await latencies(there, courier, partners, 1000)
            still_hanging = await there.pool.fetchval(f"{LEASED} AND recipient = 'endpoint-0'")
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    print(f"p99 of the others: {calm * 1000:.0f} ms without, {beside * 1000:.0f} ms beside a partner that hangs")
    assert still_hanging == 1, "all others were told while it still hung"


async def latencies(there: World, courier: Courier, partners: Partners, first: int) -> float:
    """Seconds from the alert's commit to the partner, p99 of 60 alerts; every one to the five that answer arrives."""
    waits = []
    for number in range(first, first + 72):
        known, begun = len(partners.got), time.monotonic()
        await tell(there, number, 1)
        courier.wake()
        if number % AGENCIES == 0:
            continue
        async with asyncio.timeout(10):
            while len(partners.got) == known:  # noqa: ASYNC110  # the server notes, it does not ring
                await asyncio.sleep(0.001)
        waits.append(partners.got[-1][2] - begun)
    return sorted(waits)[int(len(waits) * 0.99)]
