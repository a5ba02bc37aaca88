"""How many messages a second intake takes over MLLP and FHIR, each acknowledged only when it is durable.

Real PostgreSQL (fsync on) and real Kafka on this machine; senders, intake, database and broker share its cores.
`python -m tests.benchmarks.bench_intake [messages] [connections] [window]` prints one JSON object.
"""

import asyncio
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import asyncpg
import uvloop
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pydantic import SecretStr

from care_intake.adapters.mllp_client import MllpClient
from care_local.addresses import free_ports
from care_shared.runtime.postgres import migrate, migrations_of
from care_shared.topics import CARE_EVENTS
from tests.benchmarks.intake_http import TOKEN, device_batches, notifications, posted
from tests.conftest import fresh_database
from tests.intake_builders import adt
from tests.stack import shared_stack

TRIGGERS = ("A01", "A08", "A08", "A03")
PATIENTS = 2_000
DIAGNOSIS = "DG1|1||I50.23^Acute on chronic systolic heart failure^I10|||F"
STARTED_SECONDS = 20.0
VENDORS = 8
UNPUBLISHED = "SELECT count(*) FROM intake.outbox WHERE published_at IS NULL"


def messages(count: int) -> list[bytes]:
    """Stays of many patients: admission, two updates, discharge."""
    return [
        adt(
            TRIGGERS[number % 4],
            control_id=f"B{number}",
            pid3=f"{number // 4 % PATIENTS}^^^GH&1.2.3&ISO^MR~{number // 4 % PATIENTS}X^^^CMS^MC",
            pv1={19: f"V{number // 4}", 36: "01"},
            more=DIAGNOSIS,
        )
        for number in range(count)
    ]


async def hospital(port: int, mine: Sequence[bytes], window: int, latencies: list[float]) -> None:
    """One connection with at most `window` messages unanswered."""
    async with MllpClient("127.0.0.1", port, 60) as line:
        sent: list[float] = []
        answered = 0

        async def take_one() -> None:
            nonlocal answered
            if b"|AA|" not in await line.answer():
                sys.exit("a message was not accepted; the figures would be worthless")
            latencies.append(time.perf_counter() - sent[answered])
            answered += 1

        for message in mine:
            if len(sent) - answered >= window:
                await take_one()
            sent.append(time.perf_counter())
            await line.post(message)
        while answered < len(sent):
            await take_one()


async def measure(dsn: str, kafka: str, count: int, connections: int, window: int) -> dict[str, object]:
    """Intake as its own process, senders here."""
    topic_prefix = f"bench{os.getpid()}."
    await _make_topic(kafka, topic_prefix + CARE_EVENTS.name)
    connection = await asyncpg.connect(dsn)
    await connection.execute("CREATE SCHEMA intake")
    await migrate(dsn, "intake", migrations_of("care_intake"))
    http, mllp, health = free_ports(3)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "care_intake", stdout=asyncio.subprocess.DEVNULL,
        env=os.environ | {
            "CARE_KAFKA_BOOTSTRAP": kafka, "CARE_POSTGRES_DSN": SecretStr(dsn).get_secret_value(),
            "CARE_INTAKE_HTTP_PORT": str(http), "CARE_INTAKE_MLLP_PORT": str(mllp),
            "CARE_INTAKE_HEALTH_PORT": str(health), "CARE_INTAKE_TOPIC_PREFIX": topic_prefix,
            "CARE_INTAKE_TOKEN": TOKEN, "CARE_LOG_LEVEL": "WARNING",
        },
    )  # fmt: skip
    try:
        await _until_open(mllp)
        hospitals = await _hospitals(process.pid, mllp, connection, count, connections, window)
        bundles = await _vendors(process.pid, http, "/fhir/$process-message", notifications(max(count // 20, 20)))
        batches = await _vendors(process.pid, http, "/fhir", device_batches(max(count // 200, 20)))
    finally:
        process.terminate()
        await process.wait()
        await connection.close()
    return hospitals | {"fhir_notifications": bundles, "device_batches_of_100": batches}


async def _make_topic(kafka: str, name: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    await admin.create_topics([NewTopic(name, 12, 1)])
    await admin.close()


async def _hospitals(
    pid: int, mllp: int, connection: asyncpg.Connection, count: int, connections: int, window: int
) -> dict[str, object]:
    """ADT over MLLP."""
    await hospital(mllp, [one.replace(b"|B", b"|W") for one in messages(400)], 32, [])
    work = messages(count)
    latencies: list[float] = []
    spent = _cpu_seconds(pid)
    began = time.perf_counter()
    await asyncio.gather(
        *(hospital(mllp, work[number::connections], window, latencies) for number in range(connections))
    )
    seconds = time.perf_counter() - began
    cpu_seconds = _cpu_seconds(pid)
    kept = await connection.fetchval("SELECT count(*) FROM intake.receipts WHERE control_id LIKE 'B%'")
    facts = await connection.fetchval("SELECT count(*) FROM intake.outbox")
    async with asyncio.timeout(120):
        while await connection.fetchval(UNPUBLISHED):  # noqa: ASYNC110  # another process; its table tells
            await asyncio.sleep(0.1)
    return {
        "messages": count, "connections": connections, "unanswered_per_connection": window,
        "kept": kept, "facts": facts, "seconds": round(seconds, 2), "messages_per_second": round(count / seconds),
        "ack_ms": _milliseconds(latencies), "intake_cpu_us_per_message": round((cpu_seconds - spent) / count * 1e6),
        "all_published_after_seconds": round(time.perf_counter() - began, 2),
    }  # fmt: skip


async def _vendors(pid: int, port: int, path: str, bodies: Sequence[bytes]) -> dict[str, object]:
    """Bodies over HTTP."""
    spent, began = _cpu_seconds(pid), time.perf_counter()
    took = await posted(port, path, bodies, VENDORS)
    seconds = time.perf_counter() - began
    return {
        "requests": len(bodies), "connections": VENDORS, "bytes_each": len(bodies[-1]),
        "requests_per_second": round(len(bodies) / seconds, 1), "answer_ms": _milliseconds(took),
        "intake_cpu_us_per_request": round((_cpu_seconds(pid) - spent) / len(bodies) * 1e6),
    }  # fmt: skip


def _milliseconds(took: Sequence[float]) -> dict[str, float]:
    cuts = statistics.quantiles(took, n=1000)
    found = {"p50": cuts[499], "p99": cuts[989], "max": max(took)}
    return {name: round(value * 1000, 1) for name, value in found.items()}


def _cpu_seconds(pid: int) -> float:
    """What the process has used so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _until_open(port: int) -> None:
    async with asyncio.timeout(STARTED_SECONDS):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            return


async def main(dsn: str, kafka: str, count: int, connections: int, window: int) -> None:
    """A fresh database for one run."""
    async with fresh_database(dsn) as own:
        result = await measure(own, kafka, count, connections, window)
    machine = {"python": platform.python_version(), "machine": platform.machine(), "cores": os.cpu_count()}
    print(json.dumps(result | machine, indent=2))


if __name__ == "__main__":
    asked = [int(argument) for argument in sys.argv[1:]]
    sizes = [*asked, *(20_000, 20, 8)[len(asked) :]]
    with shared_stack() as stack:
        uvloop.run(main(stack.postgres_dsn, stack.kafka_bootstrap, *sizes))
