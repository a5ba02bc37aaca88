"""Scoring is killed, frozen, cut off and fed poison; afterwards it says what the pure core says, once."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from care_shared.runtime.clock import utc_now
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


@pytest_asyncio.fixture
async def world(kafka_bootstrap: str, postgres_dsn: str, topic_prefix: str, tmp_path: Path) -> AsyncIterator[World]:
    log = tmp_path / "scoring.log"
    async with scoring_world(kafka_bootstrap, postgres_dsn, topic_prefix, log, partitions=4) as made:
        made.extra.update(SMALL_TURNS)
        yield made


def unheard_of(world: World, number: int) -> dict[str, str]:
    """A group that Kafka does not know: nobody waits for a dead member, and only the database knows the position."""
    return {"CARE_SCORING_GROUP_ID": f"{world.group}.{number}"}


async def publish(world: World, count: int, patients: int = 500, seed: int = 7) -> None:
    await world.publish(as_records(LoadPanel(patients, seed=seed).facts(count, START, START + PERIOD)))


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


async def test_a_frozen_worker_that_comes_back_fails_on_its_epoch(world: World) -> None:
    await publish(world, 12_000)
    async with Scoring(world) as zombie:
        await folded_beyond(world, 0)
        zombie.freeze()
        held = {row[0]: row[1] for row in await world.query("SELECT partition, epoch FROM partitions")}
        async with Scoring(world):

            async def taken_over() -> bool:
                rows = await world.query("SELECT partition, epoch FROM partitions")
                return all(row[1] > held.get(row[0], 0) for row in rows)

            await until(taken_over, "the other worker has every partition")
            zombie.thaw()
            await quiet(world)

            await assert_like_oracle(world, utc_now())


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
        await publish(world, 1_000, seed=8)
        await quiet(world)

        await assert_like_oracle(world, utc_now())
    again = await world.query("SELECT count(*), count(DISTINCT (partition, first_offset)) FROM batches")
    assert again[0][0] == again[0][1], "no offset was folded a second time"


async def cut_connections(world: World) -> None:
    connection = await asyncpg.connect(world.dsn)
    try:
        await connection.fetchval(OTHER_BACKENDS)
    finally:
        await connection.close()
