"""How long from an alert on the topic until a mail server has accepted the notice, at 200 alerts a second.

The real process on real Kafka and PostgreSQL (fsync on) and a mail sink over SMTP; all share this machine's cores.
`python -m tests.benchmarks.bench_notices [alerts] [per second] [people]` prints one JSON object. Open loop: each alert
has its intended moment, and waiting is counted from there.
"""

import asyncio
import json
import os
import platform
import re
import statistics
import sys
import time
from datetime import timedelta

import uvloop
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiosmtpd.smtp import SMTP

from care_local.addresses import free_ports
from care_notifications.adapters.postgres_directory import NamedPerson, ensure_directory
from care_shared.contracts.care_alerts import CareAlert, CareTeam
from care_shared.runtime.clock import utc_now
from care_shared.topics import CARE_ALERTS
from care_shared.vocabulary import PersonId, Tier
from tests.benchmarks.cpu import cpu_seconds
from tests.care_alerts import care_alert
from tests.conftest import fresh_database
from tests.notifications_world import World, world
from tests.stack import shared_stack

ALERT_IN_MAIL = re.compile(rb"/alerts/([A-Za-z0-9-]+)")
WARM_UP = 200
SETTLE_SECONDS = 120.0
STARTED_SECONDS = 40.0


class Sink:
    """A mail server that accepts everything and remembers when it did."""

    def __init__(self) -> None:
        self.accepted: dict[str, float] = {}
        self.mails = 0

    async def handle_DATA(self, _server: object, _session: object, envelope: object) -> str:  # noqa: N802
        """The name is aiosmtpd's."""
        now = time.perf_counter()
        self.mails += 1
        for gap in ALERT_IN_MAIL.findall(getattr(envelope, "original_content", b"") or b""):
            self.accepted.setdefault(gap.decode(), now)
        return "250 accepted"


def noon_somewhere() -> str:
    """A zone in which it is about midday now: nobody sleeps there."""
    ahead = 12 - utc_now().hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def alert(number: int, people: int) -> CareAlert:
    """One alert of a patient of its own; the people take turns."""
    now = utc_now()
    return care_alert(
        f"bench-{number}",
        patient_id=f"patient-{number}",
        care_team=CareTeam(lead_care_manager=PersonId(f"cm-{number % people}")),
        tier=Tier.P1 if number % 10 == 0 else Tier.P2,
        due_at=now + timedelta(hours=6),
        opened_at=now,
        changed_at=now,
    )


async def send(kafka: str, numbers: range, rate: float, people: int) -> tuple[dict[str, float], float]:
    """Publish at the rate; the intended moment of each, and how far the sender fell behind."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", linger_ms=0)
    await producer.start()
    meant: dict[str, float] = {}
    behind = 0.0
    began = time.perf_counter()
    pending = []
    for count, number in enumerate(numbers):
        moment = began + count / rate
        await asyncio.sleep(max(0.0, moment - time.perf_counter()))
        behind = max(behind, time.perf_counter() - moment)
        one = alert(number, people)
        meant[one.gap_id] = moment
        value = one.model_dump_json(exclude_none=True).encode()
        pending.append(await producer.send(CARE_ALERTS.name, value, one.patient_id.encode()))
    await asyncio.gather(*pending)
    await producer.stop()
    return meant, behind


async def until_all(sink: Sink, gaps: set[str]) -> None:
    """Every one of them was accepted; ends the run when that does not come."""
    async with asyncio.timeout(SETTLE_SECONDS):
        while not gaps <= sink.accepted.keys():  # noqa: ASYNC110  # aiosmtpd fills it in the same loop
            await asyncio.sleep(0.05)


async def measure(there: World, kafka: str, alerts: int, rate: float, people: int) -> dict[str, object]:
    """The service as its own process."""
    named = [NamedPerson(PersonId(f"cm-{n}"), f"Manager {n}", f"cm-{n}@lead.example") for n in range(people)]
    await ensure_directory(there.pool, named)
    sink, loop = Sink(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(sink, hostname="sink", loop=loop), "127.0.0.1", 0)
    process = await started(there, kafka, server.sockets[0].getsockname()[1])
    try:
        warm, _ = await send(kafka, range(WARM_UP), 50, people)
        await until_all(sink, set(warm))
        spent, mails = cpu_seconds([process.pid]), sink.mails
        meant, behind = await send(kafka, range(WARM_UP, WARM_UP + alerts), rate, people)
        await until_all(sink, set(meant))
        cpu = cpu_seconds([process.pid]) - spent
    finally:
        process.terminate()
        await process.wait()
        server.close()
    took = [sink.accepted[gap] - moment for gap, moment in meant.items()]
    return {
        "alerts": alerts, "per_second": rate, "people": people, "mails": sink.mails - mails,
        "topic_to_accepted_ms": milliseconds(took), "within_500_ms": round(sum(t <= 0.5 for t in took) / len(took), 4),
        "sender_behind_ms": round(behind * 1000, 1), "service_cpu_ms_per_alert": round(cpu / alerts * 1000, 2),
    }  # fmt: skip


async def started(there: World, kafka: str, smtp: int) -> asyncio.subprocess.Process:
    """The service, reading."""
    web, health = free_ports(2)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "care_notifications", stdout=asyncio.subprocess.DEVNULL,
        env=os.environ | {
            "CARE_KAFKA_BOOTSTRAP": kafka, "CARE_POSTGRES_DSN": there.dsn, "CARE_LOG_LEVEL": "WARNING",
            "CARE_NOTIFICATIONS_WEB_PORT": str(web), "CARE_NOTIFICATIONS_HEALTH_PORT": str(health),
            "CARE_NOTIFICATIONS_SMTP_HOST": "127.0.0.1", "CARE_NOTIFICATIONS_SMTP_PORT": str(smtp),
            "CARE_NOTIFICATIONS_SMTP_TLS": "none", "CARE_NOTIFICATIONS_DEFAULT_ZONE": noon_somewhere(),
        },
    )  # fmt: skip
    async with asyncio.timeout(STARTED_SECONDS):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", web)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            return process


def milliseconds(took: list[float]) -> dict[str, float]:
    """The middle, the tail and the worst."""
    cuts = statistics.quantiles(took, n=1000)
    found = {"p50": cuts[499], "p95": cuts[949], "p99": cuts[989], "max": max(took)}
    return {name: round(value * 1000, 1) for name, value in found.items()}


async def main(server_dsn: str, kafka: str, alerts: int, rate: float, people: int) -> None:
    """A fresh database for one run."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    await admin.create_topics([NewTopic(CARE_ALERTS.name, CARE_ALERTS.partitions, 1)])
    await admin.close()
    async with fresh_database(server_dsn) as dsn, world(dsn) as there:
        result = await measure(there, kafka, alerts, rate, people)
    machine = {"python": platform.python_version(), "machine": platform.machine(), "cores": os.cpu_count()}
    print(json.dumps({"benchmark": "notices"} | result | machine))


if __name__ == "__main__":
    asked = [int(argument) for argument in sys.argv[1:]]
    counts = [*asked, *(6_000, 200, 3_000)[len(asked) :]]
    with shared_stack() as stack:
        uvloop.run(main(stack.postgres_dsn, stack.kafka_bootstrap, *counts))
