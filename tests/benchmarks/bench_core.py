"""What one vitals event costs the core: fold with every rule, encode, decode, and the size of a typical patient (JSON).

Run: .venv/bin/python -m tests.benchmarks.bench_core
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter

from msgspec.msgpack import encode

from care_scoring.core.fold import fold, new_state
from care_scoring.core.state.encoding import decode_state, encode_state
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.resting import Resting
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import Discipline, VitalSign
from tests import builders as b
from tests import chart_builders as c

ROUNDS = 7


def micros(work: Callable[[], object], times: int) -> float:
    """The best of several rounds, per call, in microseconds: others use this machine too."""
    rounds = []
    for _ in range(ROUNDS):
        start = perf_counter()
        work()
        rounds.append((perf_counter() - start) * 1e6 / times)
    return round(min(rounds), 2)


@dataclass(frozen=True)
class Kind:
    """A kind of patient: the vital signs measured every day, and how they move."""

    name: str
    code: VitalSign
    level: float
    noise: float
    drift: float = 0.0


KINDS = (
    Kind("stable heart rate", VitalSign.HEART_RATE, 72, 4),
    Kind("stable systolic", VitalSign.SYSTOLIC, 128, 6),
    Kind("stable glucose", VitalSign.GLUCOSE, 150, 12),
    Kind("stable weight in heart failure", VitalSign.BODY_WEIGHT, 80, 0.3),
    Kind("rising systolic (gate opens)", VitalSign.SYSTOLIC, 110, 3, drift=1.2),
)


def typical_history(days: int = 60) -> list[AnyCareEvent]:
    """Heart failure, one stay, a weight every morning, an aide twice a week, a nurse every second week."""
    chance = random.Random(1)
    history: list[AnyCareEvent] = [
        b.lives_in(b.HOME, family_name="Doe", given_name="Jane", phone="555-0100"),
        b.assessed(),
        b.has_condition(),
        b.cared_for_by("care-manager-1", "agency-1"),
        b.discharged(0),
        b.contacted(1),
    ]
    for day in range(days):
        history.append(b.weight(round(80 + chance.gauss(0, 0.3), 1), day))
        if day % 7 in {1, 4}:
            history.append(b.Visit(day, visit_id=derived_id("aide", str(day))).delivered())
        if day % 14 == 3:
            nurse = b.Visit(day, "14:00", Discipline.SKILLED_NURSING, visit_id=derived_id("nurse", str(day)))
            history.append(nurse.delivered())
    return sorted(history, key=lambda event: event.recorded_at)


def rich_history() -> list[AnyCareEvent]:
    """A year of somebody with many diseases: six medicines filled monthly, results, forms, appointments, programmes."""
    names = ("apixaban", "furosemide", "carvedilol", "insulin glargine", "atorvastatin", "lisinopril")
    codes = ("I50.22", "E11.65", "N18.32", "I10", "I48.91", "J44.9", "F33.1", "E78.5")
    history = typical_history() + [b.has_condition(code, -30) for code in codes]
    history += [c.prescribed(name, -30) for name in names]
    history += [c.filled(name, month * 30 - 300) for name in names for month in range(12)]
    history += [
        c.resulted(code, 7.9, month * 90 - 300) for code in ("4548-4", "2823-3", "98979-8") for month in range(4)
    ]
    history += [c.answered("PHQ-9", {f"item{n}": 1 for n in range(1, 10)}, month * 90 - 300) for month in range(4)]
    history += [c.booked(f"appointment-{month}", month * 30 - 300, month * 30 - 290) for month in range(12)]
    history += [b.aligned("aco", "LEAD", -300), b.aligned("cma", "HealthHome", -200)]
    history += [b.contacted(month * 30 - 300) for month in range(12)]
    return sorted(history, key=lambda event: event.recorded_at)


def bytes_by_noun(state: PatientState) -> dict[str, int]:
    """What each noun takes of the stored state, the largest first; what is empty takes one byte and is left out."""
    sizes = {name: len(encode(getattr(state, name))) for name in state.__struct_fields__}
    return {name: size for name, size in sorted(sizes.items(), key=lambda item: -item[1]) if size > 1}


def played(history: list[AnyCareEvent]) -> PatientState:
    """The state after a history."""
    state = new_state(b.PATIENT)
    for event in history:
        fold(state, event, b.POLICY)
    return state


def bench_kind(kind: Kind, patients: int = 40, days: int = 45) -> dict[str, float]:
    """Warm up for three weeks, then time the folds of the days after."""
    chance = random.Random(7)
    warm, timed = [], []
    for _ in range(patients):
        values = [round(kind.level + kind.drift * day + chance.gauss(0, kind.noise), 1) for day in range(days)]
        history = [b.has_condition(), *(b.measured(kind.code, value, day) for day, value in enumerate(values))]
        warm.append(encode_state(played(history[:22])))
        timed.append(history[22:])
    rounds = []
    for _ in range(ROUNDS):
        states = [decode_state(data) for data in warm]
        start = perf_counter()
        for state, events in zip(states, timed, strict=True):
            for event in events:
                fold(state, event, b.POLICY)
        rounds.append((perf_counter() - start) * 1e6 / sum(map(len, timed)))
    return {"fold_us": round(min(rounds), 2)}


def main() -> None:
    """Print the figures."""
    typical = played(typical_history())
    resting = Resting()
    data = encode_state(typical, resting)
    rich = played(rich_history())
    next_weight = b.weight(80.1, 60)
    duplicate = b.weight(80.1, 59)
    fold(typical, duplicate, b.POLICY)
    visit = b.Visit(60)
    busy = decode_state(data)
    figures: dict[str, object] = {
        "typical_patient_bytes": len(data),
        "typical_patient_bytes_plain": len(data) + resting.spared,
        "typical_patient_bytes_by_noun": bytes_by_noun(typical),
        "rich_patient_bytes": len(encode_state(rich, Resting())),
        "rich_patient_bytes_by_noun": bytes_by_noun(rich),
        "encode_us": micros(lambda: [encode_state(typical, resting) for _ in range(2000)], 2000),
        "encode_with_what_rests_us": micros(lambda: [encode_state(typical, Resting()) for _ in range(500)], 500),
        "decode_us": micros(lambda: [decode_state(data) for _ in range(2000)], 2000),
        "fold_duplicate_reading_us": micros(lambda: [fold(typical, duplicate, b.POLICY) for _ in range(500)], 500),
        "fold_next_weight_with_decode_us": micros(
            lambda: [fold(decode_state(data), next_weight, b.POLICY) for _ in range(300)], 300
        ),
        "fold_visit_delivered_us": micros(
            lambda: [fold(busy, visit.delivered(b.Known(visit.ends + timedelta(seconds=1))), b.POLICY)], 1
        ),
        "vitals": {kind.name: bench_kind(kind) for kind in KINDS},
    }
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
