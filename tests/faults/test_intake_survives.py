"""Intake loses its broker, its database and its own life under load; what was acknowledged is in the facts, once."""

import asyncio
import contextlib
import os
import random
import shutil
import signal
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx2
import pytest

from care_intake.adapters.mllp_client import MllpClient
from care_intake.core.feed import Feed
from care_local.addresses import free_ports, wait_for_port
from care_local.children import Child, start_child
from care_local.kafka import KafkaPlace, start_kafka, wait_for_group_coordinator
from care_local.postgres import PostgresPlace, start_postgres
from care_shared.vocabulary import SourceId
from tests.intake_builders import adt, facts, observation, raw
from tests.intake_world import PATIENCE, Hospital, IntakeWorld, intake_world, until
from tests.stack import FOLDER_PREFIX

pytestmark = [pytest.mark.stack, pytest.mark.faults]

LOCAL = Feed(SourceId("local"), ZoneInfo("America/New_York"))
# Small enough for every run of the tests; by hand: 600 seconds, 100,000 messages, 100 kills (README of the service).
OUTAGE_SECONDS = float(os.environ.get("CARE_TEST_KAFKA_OUTAGE_SECONDS", "20"))
MESSAGES = int(os.environ.get("CARE_TEST_INTAKE_MESSAGES", "4000"))
KILLS = int(os.environ.get("CARE_TEST_INTAKE_KILLS", "8"))
HOSPITALS, PATIENTS_EACH = 5, 40
ANSWERED_SECONDS = 5.0  # the end of patience for a no
ALLOWED = 900 + OUTAGE_SECONDS + MESSAGES / 50


def stays(hospital: int, count: int) -> list[bytes]:
    """Updates about the hospital's own patients in turn; each is another message."""
    return [
        adt(
            "A08",
            control_id=f"H{hospital}-{number}",
            pid3=f"{hospital}-{number % PATIENTS_EACH}^^^1.2.3&1.2.3&ISO^MR",
            pv1={19: f"V{hospital}-{number % PATIENTS_EACH}"},
        )
        for number in range(count)
    ]


def hospitals(world: IntakeWorld, count: int, **more: float) -> list[Hospital]:
    return [Hospital(world.mllp, stays(one, count // HOSPITALS), **more) for one in range(HOSPITALS)]


async def assert_said_once_and_in_order(world: IntakeWorld, messages: Sequence[bytes]) -> None:
    """Each message's facts stand once in the outbox, and on the topic in the order of the messages per patient."""
    expected = [(fact.patient_id.encode(), str(fact.event_id)) for one in messages for fact in facts(one, LOCAL)]
    kept = [row[0] for row in await world.query("SELECT event_id FROM outbox")]
    assert sorted(kept) == sorted(event_id for _, event_id in expected)
    by_patient: dict[bytes, list[str]] = defaultdict(list)
    for patient, event_id in expected:
        by_patient[patient].append(event_id)
    heard: dict[bytes, dict[str, None]] = defaultdict(dict)
    for patient, event_id in await world.records():
        # A relay that died between Kafka and its own note says it again, under the same id.
        heard[patient].setdefault(event_id)
    assert {patient: list(ids) for patient, ids in heard.items()} == dict(by_patient)


@pytest.fixture
def folder() -> Iterator[Path]:
    # Not pytest's: as root PostgreSQL runs as another user, who must be able to pass through.
    made = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@contextlib.asynccontextmanager
async def stopped_at_the_end(child: Child) -> AsyncIterator[list[Child]]:
    """The server that runs now is the last of the list."""
    alive = [child]
    try:
        yield alive
    finally:
        await alive[-1].stop()


@pytest.mark.timeout(ALLOWED)
async def test_without_a_broker_every_message_is_acknowledged_and_said_in_order_when_it_is_back(
    folder: Path, postgres_dsn: str, topic_prefix: str
) -> None:
    kafka = await start_kafka(KafkaPlace(folder / "kafka", folder / "logs"))
    port = int(kafka.bootstrap.rpartition(":")[2])
    async with (
        stopped_at_the_end(kafka.child) as broker,
        intake_world(kafka.bootstrap, postgres_dsn, topic_prefix) as world,
    ):
        await world.start()
        count = int(OUTAGE_SECONDS * 10) * HOSPITALS
        senders = hospitals(world, count, pause=0.1)
        sending = [asyncio.create_task(one.run()) for one in senders]
        await asyncio.sleep(OUTAGE_SECONDS / 10)
        await broker[-1].stop()
        before = sum(one.acknowledged for one in senders)
        await asyncio.sleep(OUTAGE_SECONDS)
        during = sum(one.acknowledged for one in senders) - before
        assert not await world.all_published(), "the broker was away"
        broker.append(start_child(kafka.child.spec))
        await wait_for_port(port, broker[-1], 60)
        await wait_for_group_coordinator(kafka.bootstrap, 60, broker[-1])
        await asyncio.gather(*sending)
        await until(world.all_published, "everything is published", within=300)

        assert during > count // 4, "hospitals were answered all the time"
        assert [(one.refused, one.broken) for one in senders] == [(0, 0)] * HOSPITALS
        await assert_said_once_and_in_order(world, [one for sender in senders for one in sender.messages])
        print(f"Kafka away for {OUTAGE_SECONDS:.0f} s: {during} of {count} messages acknowledged meanwhile, none lost")


async def test_without_a_database_the_answer_is_a_no_at_once_and_all_is_well_after_without_a_restart(
    folder: Path, kafka_bootstrap: str, topic_prefix: str
) -> None:
    postgres = await start_postgres(PostgresPlace(folder / "postgres", folder / "logs"))
    async with (
        stopped_at_the_end(postgres.child) as server,
        intake_world(kafka_bootstrap, postgres.dsn, topic_prefix, CARE_INTAKE_COMMIT_SECONDS="1") as world,
        httpx2.AsyncClient(base_url=(await world.start()).http, trust_env=False) as vendor,
    ):
        vendor.headers["authorization"] = "Bearer a-token-for-tests"
        senders = hospitals(world, 400, window=1)
        await asyncio.gather(*(one.run() for one in senders))
        await server[-1].stop()

        async with MllpClient("127.0.0.1", world.mllp, ANSWERED_SECONDS) as hospital:
            answers = [await hospital.send(adt("A03", control_id=f"AWAY{number}")) for number in range(5)]
        reading = raw(observation("8867-4", 72, "/min"))
        refused = await vendor.post(
            "/fhir/Observation", content=reading, headers={"content-type": "application/json"}, timeout=ANSWERED_SECONDS
        )
        more = [Hospital(world.mllp, [adt("A01", control_id=f"X{one}")], window=1) for one in range(HOSPITALS)]
        waiting = [asyncio.create_task(one.run()) for one in more]
        await until(_all_were_refused(more), "everybody was told no")
        assert [one.acknowledged for one in more] == [0] * HOSPITALS

        server.append(start_child(postgres.child.spec))
        await wait_for_port(postgres.port, server[-1], 60)
        await asyncio.gather(*waiting)

        assert [b"MSA|AE|" in one for one in answers] == [True] * 5
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        assert [one.acknowledged for one in more] == [1] * HOSPITALS
        await until(world.all_published, "everything is published")
        said = [message for one in (*senders, *more) for message in one.messages]
        kept = await world.query("SELECT count(*), count(DISTINCT event_id) FROM outbox")
        assert tuple(kept[0]) == (2 * len(said),) * 2


async def test_a_database_that_hangs_is_a_no_in_time_too_and_all_is_well_when_it_moves_again(
    folder: Path, kafka_bootstrap: str, topic_prefix: str
) -> None:
    postgres = await start_postgres(PostgresPlace(folder / "postgres", folder / "logs"))
    async with (
        stopped_at_the_end(postgres.child),
        intake_world(kafka_bootstrap, postgres.dsn, topic_prefix, CARE_INTAKE_COMMIT_SECONDS="1") as world,
    ):
        await world.start()
        await Hospital(world.mllp, [adt("A01")]).run()
        with frozen(family(postgres.child.pid)):
            async with MllpClient("127.0.0.1", world.mllp, ANSWERED_SECONDS) as hospital:
                answers = [await hospital.send(adt("A03", control_id=f"HANGS{number}")) for number in range(3)]
        assert [b"MSA|AE|" in one for one in answers] == [True] * 3
        again = Hospital(world.mllp, [adt("A03", control_id=f"HANGS{number}") for number in range(3)])
        await again.run()
        await until(world.all_published, "everything is published")
        assert (await world.query("SELECT count(DISTINCT event_id) FROM outbox"))[0][0] == 8


def family(pid: int) -> list[int]:
    """A server that we started, and its children."""
    stats = [one.read_text().rpartition(")") for one in Path("/proc").glob("[0-9]*/stat")]
    return [pid, *(int(head.split()[0]) for head, _, tail in stats if int(tail.split()[1]) == pid)]


@contextlib.contextmanager
def frozen(pids: Sequence[int]) -> Iterator[None]:
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def _all_were_refused(senders: Sequence[Hospital]):
    async def look() -> bool:
        return all(one.refused for one in senders)

    return look


@pytest.mark.timeout(ALLOWED)
async def test_killed_at_any_moment_every_acknowledged_message_is_in_the_facts_once(
    kafka_bootstrap: str, postgres_dsn: str, topic_prefix: str
) -> None:
    rng = random.Random(20261126)
    async with intake_world(kafka_bootstrap, postgres_dsn, topic_prefix) as world:
        await world.start()
        senders = hospitals(world, MESSAGES)
        sending = [asyncio.create_task(one.run()) for one in senders]
        for kill in range(1, KILLS + 1):
            await until(_acknowledged(senders, MESSAGES * kill // (KILLS + 1)), "hospitals go on", within=300)
            await asyncio.sleep(rng.random() * 0.1)
            yes = sum(one.acknowledged for one in senders)
            await world.kill()
            kept = (await world.query("SELECT count(*) FROM receipts"))[0][0]
            assert kept >= yes, "a yes was only said for what is kept"
            await world.start()
        await asyncio.gather(*sending)
        await until(world.all_published, "everything is published", within=300)

        await assert_said_once_and_in_order(world, [one for sender in senders for one in sender.messages])
        broken = sum(one.broken for one in senders)
        print(f"{MESSAGES} messages, {KILLS} kills, {broken} broken connections: every message in the facts once")


def _acknowledged(senders: Sequence[Hospital], count: int):
    async def look() -> bool:
        return sum(one.acknowledged for one in senders) >= count

    return look


async def test_12_without_a_broker_yes_means_kept_and_all_is_said_when_it_is_there(
    kafka_bootstrap: str, postgres_dsn: str, topic_prefix: str
) -> None:
    """Attack 12, without load: the broker has never been there."""
    async with intake_world(kafka_bootstrap, postgres_dsn, topic_prefix) as world:
        world.bootstrap = f"127.0.0.1:{free_ports(1)[0]}"
        await world.start()
        async with MllpClient("127.0.0.1", world.mllp, PATIENCE) as hospital:
            answers = [await hospital.send(adt("A08", control_id=f"K{number}")) for number in range(5)]
        assert [b"MSA|AA|" in one for one in answers] == [True] * 5
        assert not await world.all_published()
        await world.kill()

        world.bootstrap = kafka_bootstrap
        await world.start()
        await until(world.all_published, "everything is published")
        said = [row[0] for row in await world.query("SELECT event_id FROM outbox ORDER BY id")]
        assert [event_id for _, event_id in await world.records()] == said
        assert len(said) == 10
