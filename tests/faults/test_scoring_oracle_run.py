"""Killed, frozen, moved about, without a database, without a broker: afterwards it says what the pure core says.

Small enough for every run of the tests; by hand, with a table of figures at the end:

    CARE_TEST_ORACLE_FACTS=1000000 CARE_TEST_ORACLE_PATIENTS=10000 pytest -s tests/faults/test_scoring_oracle_run.py
"""

import asyncio
import contextlib
import os
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

import asyncpg
import pytest

from care_local.addresses import wait_for_port
from care_local.children import Child, start_child
from care_local.kafka import KafkaPlace, start_kafka, wait_for_group_coordinator
from care_local.postgres import PostgresPlace, start_postgres
from care_shared.contracts.care_events import AnyCareEvent, decode_event
from care_shared.runtime.clock import utc_now
from tests.faults.early_scoring import THAT_DAY
from tests.load_mix import Mix
from tests.load_panel import LoadPanel, as_records
from tests.scoring_oracle import assert_like_oracle
from tests.scoring_world import Scoring, World, scoring_world, until
from tests.stack import FOLDER_PREFIX

pytestmark = [pytest.mark.stack, pytest.mark.faults]

FACTS = int(os.environ.get("CARE_TEST_ORACLE_FACTS", "20000"))
PATIENTS = int(os.environ.get("CARE_TEST_ORACLE_PATIENTS", "600"))
FULL = FACTS >= 100_000
KILL_EVERY = 5.0
MOVE_EVERY = 10.0
SESSION_SECONDS = 6
ZOMBIE_SECONDS, ZOMBIE_TRIES = SESSION_SECONDS + 2.0, 4
# The faults that come once, by how much of the history is folded; the small history would be over too soon otherwise.
ZOMBIE_AT, DATABASE_AT, BROKER_AT = 0.25, 0.4, 0.55
MERGED_SHARE = 0.02
# Merges come within the first 3 % of the time, the last record is parted at 4 %.
WHO_IS_WHO_SHARE = 0.05
START = datetime(2026, 10, 10, tzinfo=UTC)
PERIOD = timedelta(days=20)
# Turns so small that a quick machine has not folded the small history before the last fault comes.
BATCH, INBOX = ("1000", "4000") if FULL else ("5", "10")
TURNS = {
    "CARE_SCORING_BATCH_RECORDS": BATCH,
    "CARE_SCORING_INBOX_RECORDS": INBOX,
    "CARE_SCORING_SILENCE_GRACE_SECONDS": "0",
}
ALLOWED = 240 + FACTS / 400


@pytest.fixture
def folder() -> Iterator[Path]:
    # Not pytest's: as root PostgreSQL runs as another user, who must be able to pass through.
    made = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@dataclass
class Crew:
    """Two workers that are started again whenever they end, as a supervisor would; and what was done to them."""

    world: World
    rng: random.Random
    slots: list[Scoring] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    spared: set[int] = field(default_factory=set)  # places of the frozen, whom nobody kills

    async def watch(self) -> None:
        """Whoever ended by itself or was killed is started again."""
        while True:
            for place, one in enumerate(self.slots):
                if one.process.returncode is not None:
                    self.done[f"ended with {one.process.returncode}"] += 1
                    await one.start()
                    self.spared.discard(place)
            await asyncio.sleep(0.2)

    async def kill_now_and_then(self) -> None:
        """`kill -9` of one of them every five seconds, as long as there was progress since the one before."""
        while True:
            before = await folded(self.world)
            await asyncio.sleep(KILL_EVERY)
            while await folded(self.world) <= before:  # noqa: ASYNC110  # a busy machine may need longer to start one
                await asyncio.sleep(0.2)
            place = self.rng.choice([one for one in range(len(self.slots)) if one not in self.spared])
            if self.slots[place].process.returncode is None:
                self.slots[place].process.kill()
                self.done["kill -9"] += 1

    async def move_about(self) -> None:
        """A third worker comes, and goes again in good order: partitions move both times."""
        while True:
            await asyncio.sleep(MOVE_EVERY)
            async with Scoring(self.world) as third:
                self.done["worker added"] += 1
                await asyncio.sleep(MOVE_EVERY)
                if third.process.returncode is None:
                    await third.terminate()
                    self.done["worker removed"] += 1

    async def freeze_one(self, most: float) -> None:
        """A zombie: stopped until its partitions have another owner, then let go on; again if it held nothing."""
        place = 0
        self.spared.add(place)
        while True:
            zombie = self.slots[place]
            with contextlib.suppress(AssertionError):  # on a busy machine nobody may be at work for a while
                await until(self._works(zombie), "the zombie-to-be has work in hand", ZOMBIE_SECONDS)
            zombie.freeze()
            await asyncio.sleep(ZOMBIE_SECONDS)
            zombie.thaw()
            self.done["zombie"] += 1
            await asyncio.sleep(ZOMBIE_SECONDS / 4)
            if self.rejected() or self.done["zombie"] == ZOMBIE_TRIES or await folded(self.world) >= most:
                break
        self.spared.discard(place)

    def rejected(self) -> int:
        """How often a worker was told that its epoch is over."""
        return self.world.log.read_text("utf-8", "replace").count('"partitions.lost"')

    def _works(self, one: Scoring) -> Callable[[], Awaitable[bool]]:
        async def look() -> bool:
            before = await folded(self.world)
            await asyncio.sleep(0.2)
            return one.process.returncode is None and await folded(self.world) > before

        return look


@contextlib.asynccontextmanager
async def in_the_background(*works: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Until the end of the block; what fails in the background fails the test."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome


async def folded(world: World) -> int:
    with contextlib.suppress(OSError, asyncpg.PostgresError):  # the database is away for a moment
        return sum((await world.positions()).values())
    return 0


async def beyond(world: World, share: float, total: int) -> None:
    async def reached() -> bool:
        return await folded(world) >= share * total

    await until(reached, f"{share:.0%} of the history is folded", ALLOWED)


def parted(facts: Iterator[AnyCareEvent], moment: datetime) -> tuple[list[AnyCareEvent], Iterator[AnyCareEvent]]:
    """What was told before that moment, and all that comes after."""
    early = []
    for fact in facts:
        if fact.recorded_at >= moment:
            return early, chain([fact], facts)
        early.append(fact)
    return early, iter(())


async def handed_over_all(world: World) -> None:
    """Merges and partings are folded, and so is what they hand over: on a day on which no deadline has passed yet.

    What is handed over is a fact that scoring sends itself. Behind a deadline noticed already it is late, as any fact
    may be; the pure core reads the topic in its order and asks no clock, so the two could not be compared.
    """
    extra = {THAT_DAY: START.isoformat()}
    async with Scoring(world, extra, "tests.faults.early_scoring") as early:
        ends: dict[int, int] = {}
        while ends != (now := await world.ends()):  # what is handed over may hand over more
            ends = now
            await world.drained(within=ALLOWED)
        assert await early.terminate() == 0


async def restart(child: Child, port: int) -> Child:
    await child.stop()
    again = start_child(child.spec)
    await wait_for_port(port, again, 60)
    return again


async def calm(world: World) -> datetime:
    """Everything folded, said and noticed, nobody at work any more; returns the moment up to which that holds."""

    async def nothing_left() -> bool:
        unsaid = await world.query("SELECT count(*) FROM outbox WHERE published_at IS NULL")
        due = await world.query("SELECT count(*) FROM patient_states WHERE next_wake_at <= now()")
        return unsaid[0][0] == 0 and due[0][0] == 0

    async def taken_over() -> bool:
        return await claims(world) > before

    while True:
        before = await claims(world)
        async with Scoring(world) as last:
            await until(taken_over, "one worker is at work", 90)
            await world.drained(within=ALLOWED)
            await until(nothing_left, "every deadline that passed was noticed", 120)
            await until(_told(world), "Kafka knows how far we are", 90)
            assert await last.terminate() == 0
        ended_at = utc_now()
        if await nothing_left():  # no deadline passed while it was ending
            return ended_at


async def claims(world: World) -> int:
    """How often a partition was taken over."""
    return int((await world.query("SELECT sum(epoch)::bigint FROM partitions"))[0][0])


def _told(world: World) -> Callable[[], Awaitable[bool]]:
    async def lag_is_none() -> bool:
        ends, told = await world.ends(), await world.group_offsets()
        return all(told.get(partition) == end for partition, end in ends.items() if end)

    return lag_is_none


@pytest.mark.timeout(ALLOWED * 2)
async def test_whatever_is_done_to_it_states_and_alerts_are_those_of_the_pure_core(
    folder: Path, topic_prefix: str
) -> None:
    kafka = await start_kafka(KafkaPlace(folder / "kafka", folder / "logs"))
    postgres = await start_postgres(PostgresPlace(folder / "postgres", folder / "logs"))
    kafka_port = int(kafka.bootstrap.rpartition(":")[2])
    servers = {"broker": kafka.child, "database": postgres.child}
    log = folder / "scoring.log"
    began = utc_now()
    try:
        async with scoring_world(kafka.bootstrap, postgres.dsn, topic_prefix, log, partitions=12) as world:
            world.extra.update(TURNS)
            facts = Mix(LoadPanel(PATIENTS), FACTS, START, START + PERIOD, MERGED_SHARE).facts()
            early, later = parted(facts, START + PERIOD * WHO_IS_WHO_SHARE)
            await world.publish(as_records(early))
            await handed_over_all(world)
            await world.publish(as_records(later))
            total = sum((await world.ends()).values())
            crew = Crew(world, random.Random(20261126))
            async with Scoring(world) as first, Scoring(world) as second:
                crew.slots += [first, second]
                async with in_the_background(crew.watch(), crew.kill_now_and_then(), crew.move_about()):
                    await beyond(world, ZOMBIE_AT, total)
                    await crew.freeze_one(DATABASE_AT * total)
                    await beyond(world, DATABASE_AT, total)
                    servers["database"] = await restart(servers["database"], postgres.port)
                    await beyond(world, BROKER_AT, total)
                    servers["broker"] = await restart(servers["broker"], kafka_port)
                    await wait_for_group_coordinator(kafka.bootstrap, 60, servers["broker"])
                    still_to_fold = total - await folded(world)
                    await beyond(world, 1.0, total)
            until_then = await calm(world)
            worked = utc_now() - began
            oracle = await assert_like_oracle(world, until_then)
            handed_over = {
                fact.event_id
                for fact in (decode_event(record.value) for record in await world.records(world.events))
                if fact.type == "patient-state-handed-over"
            }
            skipped = await world.query("SELECT * FROM skipped_offsets")
            parked = await world.query("SELECT * FROM parked_patients")
            epochs = await claims(world)
        rejected = crew.rejected()
        print(
            f"\n{total} facts of {PATIENTS} patients in {worked.total_seconds():.0f} s; {dict(crew.done)}; "
            f"{epochs} claims, {rejected} epochs rejected; {len(oracle.alerts)} alerts, {len(oracle.states)} states, "
            f"{len(handed_over)} hand-overs: all like the pure core, lag 0"
        )
        assert still_to_fold > 0, "the broker went while there was work"
        assert crew.done["zombie"] >= 1
        assert crew.done["kill -9"] >= 2
        assert crew.done["worker added"] >= 1
        # In the small history the frozen one may have had nothing in hand (test_scoring_survives sees that it has).
        assert rejected >= 1 or not FULL, "the zombie was told that it is one"
        assert handed_over, "records of one person moved to one place"
        assert (skipped, parked) == ([], [])
    finally:
        for server in servers.values():
            await server.stop()
