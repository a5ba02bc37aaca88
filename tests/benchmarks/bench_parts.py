"""What one fact costs a scoring process, part by part, without broker and database: processor time, in microseconds.

Run: .venv/bin/python -m tests.benchmarks.bench_parts
"""

import argparse
import asyncio
import gc
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from time import thread_time
from unittest import mock

from care_scoring import handler
from care_scoring.core.fold import fold, new_state
from care_scoring.core.state.encoding import encode_state
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.resting import Resting
from care_scoring.handler import Scorer, Terms
from care_scoring.patients import Held, PatientsAtHand
from care_scoring.ports import Claim, Slice
from care_scoring.reading import sort_out
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.contracts.envelope import derived_id
from care_shared.runtime.process import collect_garbage_rarely
from care_shared.vocabulary import PatientId
from tests.fakes.memory_log import Line
from tests.fakes.memory_store import MemoryStore
from tests.load_panel import LoadPanel, as_records
from tests.monitored_panel import MonitoredPanel, mostly_in_band
from tests.playing import POLICY

START, ROUNDS, PARTITIONS, AT_ONCE = datetime(2027, 1, 4, tzinfo=UTC), 5, 6, 1000
TERMS = Terms(POLICY, "care.events.v1", "care.alerts.v1", timedelta(minutes=5))
History = tuple[list[AnyCareEvent], list[AnyCareEvent]]  # folded before, and measured


def vitals(patients: int) -> History:
    """People known for three weeks, nearly all of them in range: readings of two more."""
    cut = START + timedelta(days=21)
    facts = list(mostly_in_band(patients).facts(START, 35))
    return [one for one in facts if one.recorded_at < cut], [one for one in facts if one.recorded_at >= cut]


def monitored(patients: int) -> History:
    """The calm panel of `bench_scoring`, from the first fact on."""
    return [], list(MonitoredPanel(patients).facts(START, 21))


def loud(patients: int) -> History:
    """The loud panel of `bench_scoring`."""
    return [], list(LoadPanel(patients).facts(patients * 30, START, START + timedelta(days=21)))


PANELS = {"vitals": vitals, "monitored": monitored, "loud": loud}


class Watch:
    """Processor time by part."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    def timed(self, part: str, work: Callable[..., object]) -> Callable[..., object]:
        """The same work, timed."""

        def measured(*arguments: object) -> object:
            began = thread_time()
            try:
                return work(*arguments)
            finally:
                self.seconds[part] += thread_time() - began

        return measured


def slices(facts: list[AnyCareEvent]) -> Iterator[Slice]:
    """As the broker hands them over: many records of one partition, then of the next."""
    lines: dict[int, list[Line]] = defaultdict(list)
    for key, value in as_records(iter(facts)):
        line = lines[int(derived_id(key.decode())[:8], 16) % PARTITIONS]
        line.append(Line(len(line), key, value))
    longest = max(map(len, lines.values()))
    for first in range(0, longest, AT_ONCE):
        for partition, line in sorted(lines.items()):
            if line[first : first + AT_ONCE]:
                yield Slice(partition, 0, line[first : first + AT_ONCE])


async def nothing_on_its_way() -> None:
    """There is no store to wait for."""


async def folded(known: dict[PatientId, bytes], coming: list[Slice], watch: Watch) -> dict[str, int]:
    """Every slice is a turn of its own; patients are at hand, as in a service that has run for a while."""
    patients = PatientsAtHand(1_000_000, 1 << 40)
    for patient_id, state in known.items():
        patients.keep(patient_id, Held.read(state))
    scorer = Scorer(MemoryStore(), TERMS, patients, nothing_on_its_way)
    ends = dict.fromkeys(range(PARTITIONS), 0)
    sizes = {"states": 0, "outbox": 0, "timeline": 0}
    for one in coming:
        claims = {partition: Claim(partition, 1, 0, end, 0) for partition, end in ends.items()}
        began = thread_time()
        reading = sort_out([one], claims)
        watch.seconds["decode"] += thread_time() - began
        began = thread_time()
        turn = await scorer.read(reading, claims, START)
        watch.seconds["turn"] += thread_time() - began
        ends[one.partition] += len(one.records)
        for name in sizes:
            sizes[name] += len(getattr(turn, name))
    return sizes


def parts(history: History) -> dict[str, object]:
    """The best of several rounds for each part: others use this machine too."""
    before, facts = history
    known = states_after(before)
    coming, rounds, sizes = list(slices(facts)), [], {}
    for _ in range(ROUNDS):
        watch = Watch()
        fold_timed, encode_timed = watch.timed("fold", fold), watch.timed("encode", encode_state)
        with mock.patch.object(handler, "fold", fold_timed), mock.patch.object(handler, "encode_state", encode_timed):
            sizes = asyncio.run(folded(known, coming, watch))
        rounds.append(_by_part(watch, len(facts)))
        gc.collect()
    best = {part: round(min(one[part] for one in rounds), 2) for part in rounds[0]}
    total = round(sum(best.values()), 1)
    return {"facts": len(facts), **sizes, "us_per_fact": best, "together": total, "per_core_second": round(1e6 / total)}


def states_after(facts: list[AnyCareEvent]) -> dict[PatientId, bytes]:
    """What was known before the part that is measured."""
    states: dict[PatientId, PatientState] = {}
    for fact in facts:
        fold(states.setdefault(fact.patient_id, new_state(fact.patient_id)), fact, POLICY)
    return {patient_id: encode_state(state, Resting()) for patient_id, state in states.items()}


def _by_part(watch: Watch, facts: int) -> dict[str, float]:
    seconds = dict(watch.seconds)
    seconds["turn"] -= seconds["fold"] + seconds["encode"]
    return {part: seconds[part] / facts * 1e6 for part in ("decode", "fold", "encode", "turn")}


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=300)
    parser.add_argument("--panels", nargs="+", choices=PANELS, default=list(PANELS))
    options = parser.parse_args()
    collect_garbage_rarely()
    figures = {name: parts(PANELS[name](options.patients)) for name in options.panels}
    sys.stdout.write(json.dumps({"benchmark": "parts", **figures}) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
