"""Scoring is killed, frozen, cut off and fed poison; afterwards it says what the pure core says, once."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from care_scoring.adapters.postgres import request_release
from care_shared.runtime.clock import utc_now
from care_shared.vocabulary import PatientId
from tests.faults.poisoned_scoring import POISON
from tests.load_panel import LoadPanel, as_records
from tests.scoring_oracle import assert_like_oracle
from tests.scoring_world import Scoring, World, scoring_world, until

pytestmark = [pytest.mark.stack, pytest.mark.faults]

KILLS = 20
START = datetime(2026, 10, 10, tzinfo=UTC)
PERIOD = timedelta(days=20)
SMALL_TURNS = {"CARE_SCORING_BATCH_RECORDS": "200", "CARE_SCORING_INBOX_RECORDS": "800"}
OTHER_BACKENDS = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'carelead-scoring'
"""
OPEN_TRANSACTIONS = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'carelead-scoring'
AND state = 'idle in transaction' AND query ILIKE '%UPDATE%'
"""


@pytest_asyncio.fixture
async def world(kafka_bootstrap: str, postgres_dsn: str, topic_prefix: str, tmp_path: Path) -> AsyncIterator[World]:
    log = tmp_path / "scoring.log"
    async with scoring_world(kafka_bootstrap, postgres_dsn, topic_prefix, log, partitions=4) as made:
        made.extra.update(SMALL_TURNS)
        yield made


def unheard_of(world: World, number: int) -> dict[str, str]:
    """A group that Kafka does not know: nobody waits for a dead member, and only the database knows the position."""
    return {"CARE_SCORING_GROUP_ID": f"{world.group}.{number}"}


async def publish(world: World, count: int, patients: int = 500) -> None:
    await world.publish(as_records(LoadPanel(patients).facts(count, START, START + PERIOD)))


async def publish_news(world: World, count: int) -> None:
    """Facts recorded now; earlier ones would come behind deadlines that have been noticed."""
    now = utc_now()
    await world.publish(as_records(LoadPanel(500, seed=8).facts(count, now, now + timedelta(seconds=1))))


async def folded(world: World) -> int:
    return sum((await world.positions()).values())


async def folded_beyond(world: World, mark: int) -> None:
    async def beyond() -> bool:
        return await folded(world) > mark

    await until(beyond, "the next turns are committed")


async def quiet(world: World) -> None:
    """Everything folded, every deadline that passed noticed, everything published."""
    await world.drained(within=120)

    async def none_due() -> bool:
        due = await world.query("SELECT count(*) FROM patient_states WHERE next_wake_at <= now()")
        unsaid = await world.query("SELECT count(*) FROM outbox WHERE published_at IS NULL")
        return due[0][0] == 0 and unsaid[0][0] == 0

    await until(none_due, "every deadline that passed was noticed")


@pytest.mark.timeout(400)
async def test_killed_twenty_times_in_mid_batch_it_ends_like_the_oracle(world: World) -> None:
    rng = random.Random(20261122)
    await publish(world, 40_000)
    for number in range(KILLS):
        before = await folded(world)
        async with Scoring(world, unheard_of(world, number)) as scoring:
            await folded_beyond(world, before)
            await asyncio.sleep(rng.random() * 0.08)
            await scoring.kill()
    killed_at = await folded(world)
    assert killed_at < 40_000, "the last kill still came in the middle"

    async with Scoring(world, unheard_of(world, KILLS)):
        await quiet(world)

        oracle = await assert_like_oracle(world, utc_now())
    assert len(oracle.alerts) > 100, "a history worth comparing"


@pytest.mark.parametrize("moment", ["anywhere", "inside a transaction"])
async def test_complaint_18_a_frozen_worker_that_comes_back_fails_on_its_epoch(world: World, moment: str) -> None:
    await publish(world, 12_000)
    async with Scoring(world) as zombie:
        await folded_beyond(world, 0)
        zombie.freeze()
        if moment == "inside a transaction":
            await frozen_inside_a_transaction(world, zombie)
        held = {row[0]: row[1] for row in await world.query("SELECT partition, epoch FROM partitions")}
        async with Scoring(world):

            async def taken_over() -> bool:
                rows = await world.query("SELECT partition, epoch FROM partitions")
                return all(row[1] > held.get(row[0], 0) for row in rows)

            await until(taken_over, "the other worker has every partition")
            zombie.thaw()
            await quiet(world)

            await assert_like_oracle(world, utc_now())


async def frozen_inside_a_transaction(world: World, zombie: Scoring) -> None:
    """Thaw and freeze again until it holds the locks of an open transaction."""

    async def inside() -> bool:
        await asyncio.sleep(0.1)  # what was under way in the server has ended by now
        if (await world.query(OPEN_TRANSACTIONS))[0][0]:
            return True
        zombie.thaw()
        await asyncio.sleep(0.003)
        zombie.freeze()
        return False

    await until(inside, "the worker is frozen inside a transaction")


async def test_a_database_that_cuts_every_connection_is_retried_in_place(world: World) -> None:
    await publish(world, 12_000)
    async with Scoring(world) as scoring:
        await folded_beyond(world, 0)
        for _ in range(8):
            await cut_connections(world)
            await asyncio.sleep(0.15)
        await quiet(world)

        assert scoring.process.returncode is None, "the process never ended"
        await assert_like_oracle(world, utc_now())
    assert await world.records(world.dead_letters) == []


async def test_the_database_wins_when_kafka_forgets_the_group(world: World) -> None:
    await publish(world, 4_000)
    async with Scoring(world) as scoring:
        await quiet(world)
        assert await scoring.terminate() == 0

    async with Scoring(world, unheard_of(world, 1)):
        await publish_news(world, 1_000)
        await quiet(world)

        await assert_like_oracle(world, utc_now())
    again = await world.query("SELECT count(*), count(DISTINCT (partition, first_offset)) FROM batches")
    assert again[0][0] == again[0][1], "no offset was folded a second time"


async def test_a_patient_on_whom_a_rule_fails_waits_alone_and_catches_up_after_the_mend(world: World) -> None:
    unlucky = LoadPanel(500).patient_id(0)
    await publish(world, 4_000)
    async with Scoring(world, {POISON: unlucky}, module="tests.faults.poisoned_scoring") as scoring:
        await quiet(world)
        parked = await world.query("SELECT patient_id, error FROM parked_patients")
        assert [tuple(row) for row in parked] == [(unlucky, "ZeroDivisionError")]
        assert (await world.query("SELECT count(*) FROM parked_facts"))[0][0] > 0
        assert (await world.query("SELECT count(*) FROM patient_states"))[0][0] == 500, "all others went on"
        assert await scoring.terminate() == 0

    async with Scoring(world):  # the mended release
        await release(world, unlucky)

        async def released() -> bool:
            return not await world.query("SELECT 1 FROM parked_patients")

        await until(released, "the patient caught up")
        await quiet(world)
        await assert_like_oracle(world, utc_now())


async def test_a_deadline_that_passed_while_we_were_down_fires_once_and_late(world: World) -> None:
    patients = 40
    await publish(world, 0, patients=patients)  # conditions and discharges only, all long overdue
    async with Scoring(world) as scoring:
        await quiet(world)
        said = await world.alerts_said()
        await scoring.kill()
    async with Scoring(world):
        await quiet(world)
        await assert_like_oracle(world, utc_now())

        assert len(await world.alerts_said()) == len(said), "said once"
    overdue = [alert for alert in said if alert.rule_id == "TCM-CONTACT"]
    assert {alert.patient_id for alert in overdue} == {LoadPanel(patients).patient_id(n) for n in range(0, patients, 5)}
    assert all(alert.late_tick for alert in overdue)


async def release(world: World, patient_id: str) -> None:
    connection = await asyncpg.connect(world.dsn, server_settings={"search_path": "scoring"})
    try:
        assert await request_release(connection, [PatientId(patient_id)]) == [patient_id]
    finally:
        await connection.close()


async def cut_connections(world: World) -> None:
    connection = await asyncpg.connect(world.dsn)
    try:
        await connection.fetchval(OTHER_BACKENDS)
    finally:
        await connection.close()
