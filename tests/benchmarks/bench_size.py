"""What a patient takes: in the database at 1 k to 1 M patients, and in the memory of a worker that has them at hand.

Run: .venv/bin/python -m tests.benchmarks.bench_size (JSON; --most 1000000 for the last line of the table, some minutes)
"""

import argparse
import asyncio
import json
import os
import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

import asyncpg

from care_scoring.adapters.postgres import DUE
from care_scoring.core.state.encoding import encode_state
from care_scoring.core.state.resting import Resting
from care_scoring.patients import Held, PatientsAtHand
from care_scoring.settings import ScoringGroup
from care_shared.vocabulary import PatientId
from tests.benchmarks.bench_core import played, rich_history, typical_history
from tests.conftest import fresh_database
from tests.scoring_world import migrate_scoring
from tests.stack import shared_stack

SIZES = (1_000, 10_000, 100_000, 1_000_000)
RICH_SHARE = 0.1
PARTITIONS = 12
NOW = datetime(2027, 3, 1, tzinfo=UTC)
COLUMNS = ("patient_id", "partition", "state", "next_wake_at")
TAKEN = """
SELECT pg_table_size('patient_states') AS rows_, pg_relation_size('patient_states_pkey') AS by_id,
    pg_relation_size('patient_states_due') AS by_deadline
"""
TABLES = "SELECT avg(length(state))::int FROM patient_states"


def states() -> list[bytes]:
    """Histories of two months and more: typical ones cut at different days, and one in ten with many diseases."""
    typical = typical_history()
    days = [typical[: len(typical) * part // 20] for part in range(10, 21)]
    return [encode_state(played(history), Resting()) for history in [*days, rich_history()]]


def people(count: int) -> Iterator[tuple[str, int, bytes, datetime | None]]:
    """Everybody has a deadline within a year; none is due."""
    rng, stored = random.Random(3), states()
    for number in range(count):
        state = stored[-1] if rng.random() < RICH_SHARE else stored[rng.randrange(len(stored) - 1)]
        wake_at = NOW + timedelta(minutes=1 + rng.randrange(365 * 24 * 60))
        yield f"patient-{number:012d}-{number:016x}", number % PARTITIONS, state, wake_at


async def in_database(dsn: str, count: int) -> dict[str, object]:
    """Bytes per patient, and what it costs to ask who is due."""
    await migrate_scoring(dsn)
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "scoring"})
    try:
        await connection.copy_records_to_table("patient_states", records=people(count), columns=COLUMNS)
        await connection.execute("VACUUM ANALYZE patient_states")
        taken = await connection.fetchrow(TAKEN)
        began = perf_counter()
        for _ in range(20):
            await connection.fetch(DUE, list(range(PARTITIONS)), NOW, 500)
        asked = (perf_counter() - began) / 20
        state = await connection.fetchval(TABLES)
    finally:
        await connection.close()
    each = {f"{name.rstrip('_')}_bytes_per_patient": round(size / count) for name, size in taken.items()}
    return {"state_bytes": state, **each, "mib": round(sum(taken) / 2**20, 1), "who_is_due_ms": round(asked * 1000, 2)}


def in_memory(count: int) -> dict[str, object]:
    """A worker's memory with as many patients at hand as its settings allow, in a process of its own."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.write(writing, json.dumps(_held(count)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading) as said:
        found: dict[str, object] = json.load(said)
    return found


def _held(count: int) -> dict[str, object]:
    limits = ScoringGroup()
    at_hand = PatientsAtHand(limits.patients_at_hand, limits.patients_at_hand_mib << 20)
    before = _resident()
    for patient_id, _, state, wake_at in people(count):
        at_hand.keep(PatientId(patient_id), Held.read(state, wake_at))
        at_hand.trim(())
    grown = _resident() - before
    return {"at_hand": len(at_hand), "mib": round(grown / 2**20, 1), "bytes_each": round(grown / len(at_hand))}


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def in_bytes() -> dict[str, object]:
    """What is stored of one patient: a typical one between the first month and the second, and one in ten."""
    *typical, rich = map(len, states())
    return {"typical": typical[-1], "typical_least_and_most": [min(typical), max(typical)], "rich": rich}


async def bench(most: int, server_dsn: str) -> dict[str, object]:
    """Each size in a database of its own."""
    table: dict[str, object] = {}
    for count in [size for size in SIZES if size <= most]:
        async with fresh_database(server_dsn) as dsn:
            table[f"{count:_}"] = {"database": await in_database(dsn, count), "memory": in_memory(count)}
    return table


def main() -> int:
    """Run once and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=100_000)
    options = parser.parse_args()
    with shared_stack() as stack:
        table = asyncio.run(bench(options.most, stack.postgres_dsn))
    sys.stdout.write(json.dumps({"benchmark": "size", "state_bytes": in_bytes(), "patients": table}) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
