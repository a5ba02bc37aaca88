"""The real scoring process on a real Kafka and a real PostgreSQL: facts in, alerts out, once."""

import itertools
import json
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import pytest_asyncio

from care_shared.contracts.care_events import encode_event
from care_shared.runtime.clock import utc_now
from tests.load_panel import LoadPanel, as_records
from tests.scoring_oracle import assert_like_oracle, oracle_of
from tests.scoring_world import Scoring, World, scoring_world, until

pytestmark = pytest.mark.stack

LONG_AGO = datetime(2026, 10, 1, tzinfo=UTC)
TWENTY_DAYS = timedelta(days=20)


@pytest_asyncio.fixture
async def world(kafka_bootstrap: str, postgres_dsn: str, topic_prefix: str, tmp_path: Path) -> AsyncIterator[World]:
    async with scoring_world(kafka_bootstrap, postgres_dsn, topic_prefix, tmp_path / "scoring.log") as made:
        yield made


def history(count: int = 3000, patients: int = 60) -> list[tuple[bytes, bytes]]:
    return list(as_records(LoadPanel(patients).facts(count, LONG_AGO, LONG_AGO + TWENTY_DAYS)))


async def test_facts_become_alerts_and_states_as_the_pure_core_says(world: World) -> None:
    await world.publish(history())

    async with Scoring(world):
        await world.drained()
        await no_deadline_left(world)

        oracle = await assert_like_oracle(world, utc_now())
    assert len(oracle.alerts) > 20, "a history worth comparing"


async def test_kafka_is_told_the_position_to_the_very_end(world: World) -> None:
    await world.publish(history(500))

    async with Scoring(world):
        await world.drained()
        ends = await world.ends()

        async def told() -> bool:
            return await world.group_offsets() == ends

        await until(told, "the group's offsets are those of the log's end", within=10)


async def test_kafka_is_told_the_position_by_whoever_takes_over_though_nothing_new_comes(world: World) -> None:
    """A worker that was killed told Kafka less than it had written; on a quiet partition its heir must tell.

    Here Kafka knows nothing at all of the heir's group.
    """
    await world.publish(history(500))
    async with Scoring(world) as scoring:
        await world.drained()
        assert await scoring.terminate() == 0
    ends, unheard_of = await world.ends(), f"{world.group}.heir"

    async with Scoring(world, {"CARE_SCORING_GROUP_ID": unheard_of}):

        async def told() -> bool:
            return await world.group_offsets(unheard_of) == ends

        await until(told, "the group's offsets are those of the log's end")


async def test_replaying_the_whole_topic_twice_changes_nothing(world: World) -> None:
    records = history()
    await world.publish(records)
    async with Scoring(world):
        await world.drained()
        await no_deadline_left(world)
        said = sorted(alert.event_id for alert in await world.alerts_said())
        for _ in range(2):
            await world.publish(records)
            await world.drained()
            await no_deadline_left(world)

        assert sorted(alert.event_id for alert in await world.alerts_said()) == said


async def test_arriving_shuffled_within_a_day_it_opens_the_same_gaps(world: World) -> None:
    facts = list(LoadPanel(60).facts(3000, LONG_AGO, LONG_AGO + TWENTY_DAYS))
    rng = random.Random(1)
    shuffled = sorted(facts, key=lambda fact: fact.recorded_at + rng.random() * timedelta(hours=24))
    await world.publish(as_records(iter(shuffled)))
    async with Scoring(world):
        await world.drained()
        await no_deadline_left(world)
        opened = {alert.gap_id for alert in await world.alerts_said()}

    in_order = [SimpleNamespace(value=encode_event(fact)) for fact in facts]
    assert opened == {alert.gap_id for alert in oracle_of(in_order, utc_now()).alerts}


async def test_alerts_of_one_patient_are_told_in_the_order_they_were_decided(world: World) -> None:
    await world.publish(history())
    async with Scoring(world):
        await world.drained()

        revisions: dict[str, list[int]] = {}
        for alert in await world.alerts_said():
            revisions.setdefault(alert.gap_id, []).append(alert.revision)
    assert all(told == list(range(1, len(told) + 1)) for told in revisions.values())


async def test_a_batch_can_be_found_by_offset(world: World) -> None:
    """What `carelead trace` asks: when was this offset folded?"""
    await world.publish(history(300))
    async with Scoring(world):
        await world.drained()

        ends = await world.ends()
        for partition, end in ends.items():
            rows = await world.query(
                "SELECT first_offset, next_offset FROM batches WHERE partition = $1 ORDER BY first_offset", partition
            )
            assert rows[0][0] == 0
            assert rows[-1][1] == end
            assert all(before[1] == after[0] for before, after in itertools.pairwise(rows))


async def test_a_term_signal_ends_it_with_zero_and_nothing_is_folded_twice(world: World) -> None:
    await world.publish(history(4000, patients=200))
    async with Scoring(world) as scoring:
        await folded_some(world)
        assert await scoring.terminate() == 0
    async with Scoring(world):
        await world.drained()
        await no_deadline_left(world)

        await assert_like_oracle(world, utc_now())


async def test_poison_goes_to_the_dead_letters_and_the_partition_goes_on(world: World) -> None:
    good = history(200, patients=5)
    stranger = json.loads(good[0][1])
    poison = [
        (b"ada", b"\xff\xfe not json"),
        (b"ada", b'{"type": "moon-landed"}'),
        (b"ada", json.dumps({**stranger, "occurred_at": "yesterday"}).encode()),
        (b"another key", good[0][1]),
        (None, good[0][1]),
    ]
    await world.publish([*good[:100], *poison, *good[100:]])
    async with Scoring(world):
        await world.drained()
        letters = [json.loads(record.value) for record in await world.records(world.dead_letters)]

    assert sorted(letter["field"] for letter in letters) == ["key", "key", "occurred_at", "value", "value"]
    assert "yesterday" not in world.log.read_text(), "a log never quotes a message"


async def test_the_first_start_says_what_is_missing_in_one_line(world: World) -> None:
    async with Scoring(world, {"CARE_SCORING_TOPIC_PREFIX": "nowhere."}) as scoring:
        assert await scoring.ended() == 78
    last = world.log.read_text().strip().splitlines()[-1]
    assert last.startswith("scoring: Kafka lacks nowhere.care.events.v1")


async def folded_some(world: World) -> None:
    async def some() -> bool:
        return sum((await world.positions()).values()) > 0

    await until(some, "something is folded")


async def no_deadline_left(world: World) -> None:
    async def none_due() -> bool:
        due = await world.query("SELECT count(*) FROM patient_states WHERE next_wake_at <= now()")
        unsaid = await world.query("SELECT count(*) FROM outbox WHERE published_at IS NULL")
        return due[0][0] == 0 and unsaid[0][0] == 0

    await until(none_due, "every deadline that passed was noticed")
