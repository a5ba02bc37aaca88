"""How long a scoring worker stands still while PostgreSQL writes, with the pauses in its turns and without (JSON).

Run: .venv/bin/python -m tests.benchmarks.bench_overlap (Linux)
"""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from time import perf_counter
from unittest import mock

from care_scoring import handler
from care_scoring.breath import EVERY_SECONDS, Breath
from care_scoring.commits import Commits
from care_scoring.handler import Scorer
from care_scoring.patients import Held, PatientsAtHand
from care_scoring.ports import Claim, Slice, Turn
from care_scoring.reading import sort_out
from care_shared.vocabulary import PatientId
from tests.benchmarks.bench_parts import PARTITIONS, START, TERMS, nothing_on_its_way, slices, states_after, vitals
from tests.fakes.memory_store import MemoryStore

QUESTIONS, ANSWER_SECONDS = 9, 0.0015  # of one commit; each waits for the answer before
NEVER = 3600.0
ROUNDS = 5


class DistantStore(MemoryStore):
    """Answers as late as PostgreSQL does, and keeps nothing."""

    async def commit(self, turn: Turn) -> None:
        for _ in range(QUESTIONS):
            await asyncio.sleep(ANSWER_SECONDS)


async def still_seconds(known: Mapping[PatientId, bytes], coming: list[Slice], pause_every: float) -> float:
    """How long nothing was done although facts waited: the clock, less work, less waiting for a processor."""
    patients = PatientsAtHand(1_000_000, 1 << 40)
    for patient_id, state in known.items():
        patients.keep(patient_id, Held.read(state))
    store = DistantStore()
    scorer, commits = Scorer(store, TERMS, patients, nothing_on_its_way), Commits(store, lambda _: None)
    ends = dict.fromkeys(range(PARTITIONS), 0)
    began, busy = perf_counter(), _busy_or_queued()
    with mock.patch.object(handler, "Breath", partial(Breath, pause_every)):
        for one in coming:
            claims = {partition: Claim(partition, 1, 0, end, 0) for partition, end in ends.items()}
            await commits.begin(await scorer.read(sort_out([one], claims), claims, START))
            ends[one.partition] += len(one.records)
        await commits.settle()
    return perf_counter() - began - (_busy_or_queued() - busy)


def _busy_or_queued() -> float:
    """Seconds of this thread on a core, and in line for one."""
    ran, waited, _ = Path(f"/proc/self/task/{os.getpid()}/schedstat").read_text().split()
    return (int(ran) + int(waited)) / 1e9


def main() -> int:
    """Print the figures, the best of several rounds each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=200)
    before, facts = vitals(parser.parse_args().patients)
    known, coming = states_after(before), list(slices(facts))
    still = {
        name: min(asyncio.run(still_seconds(known, coming, every)) for _ in range(ROUNDS)) * 1000 / len(coming)
        for name, every in (("without_pauses", NEVER), ("with_pauses", EVERY_SECONDS))
    }
    figures = {f"still_ms_per_turn_{name}": round(one, 1) for name, one in still.items()}
    sizes = {"turns": len(coming), "facts_per_turn": len(facts) // len(coming)}
    commit = {"commit_ms": round(QUESTIONS * ANSWER_SECONDS * 1000, 1)}
    sys.stdout.write(json.dumps({"benchmark": "overlap", **sizes, **commit, **figures}) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
