"""Facts per second through the real scoring process, durable, beside stock Faust; then latency at half load."""

import argparse
import asyncio
import contextlib
import json
import os
import platform
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.partitioner import DefaultPartitioner

from care_local.addresses import split_address
from care_shared.contracts.care_alerts import decode_alert
from care_shared.contracts.care_events import AnyCareEvent, VisitMissed, encode_event
from care_shared.contracts.envelope import derived_id
from care_shared.runtime.clock import utc_now
from care_shared.vocabulary import Discipline, EventId, MissedVisitReason, PatientId, VisitId
from tests.benchmarks.cpu import cpu_seconds, family_listening_on
from tests.conftest import fresh_database
from tests.load_panel import LOAD, LoadPanel, as_records
from tests.monitored_panel import FACTS_A_DAY, MonitoredPanel, mostly_in_band
from tests.scoring_world import Scoring, World, scoring_world, until
from tests.stack import shared_stack

HISTORY, KNOWN_FOR = timedelta(days=21), timedelta(days=14)
TICK = 0.01  # the generator sends a hundred times a second
ALERT_EVERY = 200  # in the latency part: each so many facts, one that must raise an alert at once

TAKEN = """
WITH measured AS (SELECT * FROM batches WHERE committed_at > $1)
SELECT extract(epoch FROM max(committed_at) - min(committed_at))::float8,
    (SELECT next_offset - first_offset FROM measured ORDER BY committed_at LIMIT 1), count(*) FROM measured
"""
TOLD = """
SELECT (SELECT count(*) FROM timeline WHERE kind = 'gap') AS alerts, (SELECT count(*) FROM scores) AS score_changes,
    (SELECT count(*) FROM timeline WHERE kind = 'silence') AS silences
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What is sent: a history all at once, then a steady stream of readings of the same people.

    What they told in the days `before` is folded first and not measured. Then the facts speak of a time `ahead` of the
    clock: between the two parts everybody would else have been silent for days, and the silence be told.
    """

    patients: int
    patient_id: Callable[[int], PatientId]
    history: Callable[[datetime, datetime], Iterable[AnyCareEvent]]
    steady: Callable[[int, datetime, datetime], Iterable[AnyCareEvent]]
    before: timedelta = timedelta()
    ahead: timedelta = timedelta()


def vitals(facts: int) -> Load:
    """People known for two weeks and more, most of them in range: nothing but readings, as remote monitoring sends."""
    measured = HISTORY - KNOWN_FOR
    panel = mostly_in_band(round(facts / measured.days / FACTS_A_DAY))
    return Load(
        panel.patients,
        panel.patient_id,
        lambda start, end: panel.facts(start, (end - start).days),
        panel.steady,
        before=KNOWN_FOR,
        ahead=measured,
    )


def monitored(facts: int) -> Load:
    """People who measure every morning: what «vitals events» are."""
    panel = MonitoredPanel(round(facts / HISTORY.days / FACTS_A_DAY))
    return Load(
        panel.patients, panel.patient_id, lambda start, end: panel.facts(start, (end - start).days), panel.steady
    )


def loud(facts: int) -> Load:
    """Thirty readings each, at any hour, and a fifth of the people come home on one day with nobody to call them."""
    panel = LoadPanel(facts // 30)
    later = LoadPanel(panel.patients, seed=panel.seed + 1)

    def steady(count: int, start: datetime, end: datetime) -> Iterable[AnyCareEvent]:
        return (fact for fact in later.facts(count, start, end) if fact.type == "vital-sign-recorded")

    return Load(panel.patients, panel.patient_id, lambda start, end: panel.facts(facts, start, end), steady)


LOADS = {"vitals": vitals, "monitored": monitored, "loud": loud}


async def bench(options: argparse.Namespace, bootstrap: str, server_dsn: str) -> dict[str, object]:
    """Each load in a world of its own, on the same broker and database server."""
    machine = f"{os.cpu_count()} cores, {platform.machine()}"
    result: dict[str, object] = {"machine": machine, "python": sys.version.replace("\n", "")}
    result |= {"partitions": options.partitions, "workers": options.workers}
    for name in options.loads:
        result[name] = await one_load(options, LOADS[name](options.facts), bootstrap, server_dsn)
    return result


async def one_load(options: argparse.Namespace, load: Load, bootstrap: str, server_dsn: str) -> dict[str, object]:
    """All parts of one load."""
    prefix = f"bench{secrets.token_hex(3)}"
    log = Path(tempfile.gettempdir()) / f"{prefix}.log"
    async with (
        fresh_database(server_dsn) as dsn,
        scoring_world(bootstrap, dsn, prefix, log, partitions=options.partitions) as world,
    ):
        now = utc_now()
        start, end = now - HISTORY + load.ahead, now + load.ahead
        known_since, history = start + load.before, list(load.history(start, end))
        before = list(as_records(fact for fact in history if load.before and fact.recorded_at < known_since))
        facts = list(as_records(fact for fact in history if not load.before or fact.recorded_at >= known_since))
        async with contextlib.AsyncExitStack() as stack:
            workers = [await stack.enter_async_context(Scoring(world)) for _ in range(options.workers)]
            await shared_evenly(world, workers)
            if before:
                await flood(world, before)
                await world.drained(within=600)
                await no_deadline_left(world)
            ours = await throughput(world, workers, facts)
            await no_deadline_left(world)
            rate = options.rate or ours["facts_per_second"] / 2
            late = await latency(world, load, rate, options.seconds) if options.seconds else {}
        stock = await stock_faust(world, len(facts)) if options.stock else {}
    result: dict[str, object] = {"facts": len(facts), "patients": load.patients, "scoring": ours}
    if stock:
        ratio = round(ours["facts_per_second"] / stock["facts_per_second"], 2)
        by_core = round(ours["facts_per_core_second_scoring"] / stock["facts_per_core_second"], 2)
        result |= {"stock_faust_json_only": stock, "times_stock_faust": ratio, "times_stock_faust_by_core": by_core}
    log.unlink()
    return result | ({"latency_at_half_load": late} if late else {})


async def shared_evenly(world: World, workers: list[Scoring]) -> None:
    """Every worker owns its share of the partitions before the first fact comes."""

    async def settled() -> bool:
        owners = await world.owners()
        return len(owners) == len(workers) and sum(map(len, owners)) == world.partitions

    await until(settled, "the partitions are shared among the workers")


async def throughput(world: World, workers: list[Scoring], facts: list[tuple[bytes, bytes]]) -> dict[str, float]:
    """All facts at once; from the first committed batch to the last."""

    def families() -> dict[str, list[int]]:
        return {
            "scoring": [worker.process.pid for worker in workers],
            "postgres": family_listening_on(split_address(world.dsn.rpartition("@")[2].partition("/")[0])[1]),
            "kafka": family_listening_on(split_address(world.bootstrap)[1]),
        }

    began = (await world.query("SELECT clock_timestamp()"))[0][0]
    told_before = await told(world)
    before = {name: cpu_seconds(pids) for name, pids in families().items()}
    await flood(world, facts)
    await world.drained(within=600)
    used = {name: cpu_seconds(pids) - before[name] for name, pids in families().items()}
    row = (await world.query(TAKEN, began))[0]
    return {
        "facts_per_second": round((len(facts) - row[1]) / row[0]),
        "seconds": round(row[0], 2),
        "batches": row[2],
        "facts_per_core_second_scoring": round(len(facts) / max(0.01, used["scoring"])),
        "facts_per_core_second_all": round(len(facts) / max(0.01, sum(used.values()))),
        **{f"cpu_seconds_{name}": round(seconds, 2) for name, seconds in used.items()},
        **{name: count - told_before[name] for name, count in (await told(world)).items()},
        "bytes_per_state": round((await world.query("SELECT avg(length(state))::float8 FROM patient_states"))[0][0]),
    }


async def told(world: World) -> dict[str, int]:
    """An alert is a change of a care gap; that a score became another is told too, but asks nothing of anybody."""
    return dict((await world.query(TOLD))[0])


async def flood(world: World, facts: list[tuple[bytes, bytes]]) -> None:
    """Send everything as fast as the broker takes it, packed beforehand: the sender shares the machine."""
    partition_of, everywhere = DefaultPartitioner(), list(range(world.partitions))
    async with AIOKafkaProducer(bootstrap_servers=world.bootstrap, linger_ms=0, max_batch_size=1 << 17) as producer:
        open_ones: dict[int, Any] = {}
        closed: list[tuple[int, Any]] = []
        for key, value in facts:
            place = partition_of(key, everywhere, everywhere)
            batch = open_ones.setdefault(place, producer.create_batch())
            if batch.append(timestamp=None, key=key, value=value) is None:
                closed.append((place, batch))
                batch = open_ones[place] = producer.create_batch()
                batch.append(timestamp=None, key=key, value=value)
        for place, batch in [*closed, *open_ones.items()]:
            batch.close()
            await producer.send_batch(batch, world.events, partition=place)
        await producer.flush()


async def no_deadline_left(world: World) -> None:
    """The history's last deadlines are folded, so that the next part measures what it says."""

    async def none() -> bool:
        return not await world.query("SELECT 1 FROM patient_states WHERE next_wake_at <= now() LIMIT 1")

    await until(none, "every deadline that passed was noticed")


async def stock_faust(world: World, published: int) -> dict[str, float]:
    """The same topic through stock Faust, which only decodes JSON."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {"BOOTSTRAP": world.bootstrap, "TOPIC": world.events, "GROUP": f"{world.prefix}stock"}
        environment |= {"EXPECTED": str(published), "DATADIR": folder}
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.benchmarks.stock_faust",
            env={**os.environ, **environment}, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            assert child.stdout is not None
            async with asyncio.timeout(600):
                async for line in child.stdout:
                    if line.startswith(b"{"):
                        said = json.loads(line)
                        return {
                            "facts_per_second": round(published / said["seconds"]),
                            "facts_per_core_second": round(published / said["cpu_seconds"]),
                            "seconds": round(said["seconds"], 2),
                        }
        finally:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()
    raise RuntimeError("stock Faust said nothing")


async def latency(world: World, load: Load, rate: float, seconds: float) -> dict[str, float]:
    """From the moment a fact *should* have been sent to its alert in a consumer's hands, at a steady rate."""
    begin = utc_now() + timedelta(seconds=3 + rate * seconds / 30_000)
    facts = list(steady(load, rate, seconds, begin))
    expected = {event_id: at for at, _, _, event_id in facts if event_id}
    seen: dict[str, float] = {}
    async with listening(world, expected, seen):
        behind = await send(world, facts)
        async with asyncio.timeout(30):
            while len(seen) < len(expected):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    waits = sorted((seen[event_id] - at) * 1000 for event_id, at in expected.items())
    return {
        "facts_per_second": round(rate),
        "alerts": len(waits),
        "p50_ms": round(statistics.median(waits), 1),
        "p99_ms": round(waits[int(len(waits) * 0.99)], 1),
        "worst_ms": round(waits[-1], 1),
        "sender_behind_ms": round(behind * 1000, 1),
    }


Sending = tuple[float, bytes, bytes, str]


def steady(load: Load, rate: float, seconds: float, begin: datetime) -> Iterator[Sending]:
    """Each fact with its intended moment; one in `ALERT_EVERY` is a critical visit that did not take place."""
    start = begin + load.ahead
    for number, reading in enumerate(load.steady(int(rate * seconds), start, start + timedelta(seconds=seconds))):
        at = reading.recorded_at
        fact: Any = reading
        if number % ALERT_EVERY == 0:
            fact = VisitMissed(
                event_id=EventId(derived_id("load-visit", str(number))),
                patient_id=load.patient_id(number * 7 % load.patients),
                occurred_at=at - timedelta(minutes=30),
                recorded_at=at,
                source=LOAD,
                visit_id=VisitId(f"visit-{number}"),
                discipline=Discipline.SKILLED_NURSING,
                scheduled_start=at - timedelta(hours=1),
                scheduled_end=at,
                critical=True,
                reason=MissedVisitReason.AGENCY_NO_SHOW,
            )
        expects = fact.event_id if fact is not reading else ""
        yield (at - load.ahead).timestamp(), fact.patient_id.encode(), encode_event(fact), expects


async def send(world: World, facts: list[Sending]) -> float:
    """Open loop: what is due is sent, whether or not anybody keeps up. Returns the most we were late ourselves.

    Everything is packed beforehand, tick by tick: the generator shares the machine and should cost little.
    """
    worst = 0.0
    async with AIOKafkaProducer(bootstrap_servers=world.bootstrap, linger_ms=0, max_batch_size=1 << 17) as producer:
        for due_at, partition, batch in packed(producer, facts, world.partitions):
            wait = due_at - time.time()
            if wait > 0:
                await asyncio.sleep(wait)
            worst = max(worst, time.time() - due_at)
            await producer.send_batch(batch, world.events, partition=partition)
        await producer.flush()
    return worst


def packed(producer: AIOKafkaProducer, facts: list[Sending], partitions: int) -> list[tuple[float, int, Any]]:
    """The facts of each tick and partition in one closed batch, with the moment it is due: the end of its tick."""
    partition_of, everywhere = DefaultPartitioner(), list(range(partitions))
    ticks: dict[tuple[int, int], Any] = {}
    for at, key, value, _ in facts:
        place = int(at / TICK) + 1, partition_of(key, everywhere, everywhere)
        if place not in ticks:
            ticks[place] = producer.create_batch()
        ticks[place].append(timestamp=int(at * 1000), key=key, value=value)
    for batch in ticks.values():
        batch.close()
    return [(tick * TICK, partition, ticks[tick, partition]) for tick, partition in sorted(ticks)]


@contextlib.asynccontextmanager
async def listening(world: World, expected: dict[str, float], seen: dict[str, float]) -> AsyncIterator[None]:
    """Note when the first alert that each of the expected facts caused is in our hands."""
    consumer = AIOKafkaConsumer(
        world.alerts, bootstrap_servers=world.bootstrap, auto_offset_reset="latest", fetch_max_wait_ms=50
    )

    async def listen() -> None:
        async for record in consumer:
            cause = decode_alert(record.value).caused_by
            if cause in expected:
                seen.setdefault(cause, time.time())

    async with consumer:
        await consumer.seek_to_end()
        task = asyncio.create_task(listen())
        try:
            yield
        finally:
            task.cancel()


def main() -> int:
    """Run once and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facts", type=int, default=300_000)
    parser.add_argument("--loads", nargs="+", choices=LOADS, default=list(LOADS))
    parser.add_argument("--partitions", type=int, default=12)
    parser.add_argument(
        "--workers", type=int, default=2, help="scoring processes, each with its share of the partitions"
    )
    parser.add_argument("--seconds", type=float, default=20.0, help="length of the latency part; 0: none")
    parser.add_argument(
        "--rate", type=float, default=0.0, help="facts per second of the latency part; 0: half of the throughput"
    )
    parser.add_argument("--no-stock", dest="stock", action="store_false", help="leave stock Faust out")
    options = parser.parse_args()
    with shared_stack() as stack:
        result = asyncio.run(bench(options, stack.kafka_bootstrap, stack.postgres_dsn))
    sys.stdout.write(json.dumps({"benchmark": "scoring", "at": utc_now().isoformat(), **result}) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
