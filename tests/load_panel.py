"""A made-up panel under load: who has what, and facts of which a few patients send far more than most."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from care_shared.contracts.care_events import AnyCareEvent, VitalSignRecorded, encode_event
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import EventId, ObservationId, PatientId, SourceId, VitalSign
from tests.panel_facts import Notice

LOAD = SourceId("load")
# Where each vital sign starts, and how far it strays from one reading to the next.
READINGS = (
    (VitalSign.BODY_WEIGHT, 82.0, 0.25),
    (VitalSign.SYSTOLIC, 128.0, 4.0),
    (VitalSign.DIASTOLIC, 78.0, 3.0),
    (VitalSign.HEART_RATE, 74.0, 3.0),
    (VitalSign.OXYGEN_SATURATION, 96.0, 0.6),
    (VitalSign.GLUCOSE, 140.0, 8.0),
)


@dataclass(frozen=True, slots=True)
class LoadPanel:
    """`patients` people, of whom every third has heart failure, every third diabetes, and every eighth gets worse."""

    patients: int
    seed: int = 7
    skew: float = 0.8

    def patient_id(self, number: int) -> PatientId:
        """The id of one patient."""
        return PatientId(derived_id("load-patient", str(number)))

    def facts(self, count: int, start: datetime, end: datetime) -> Iterator[AnyCareEvent]:
        """About `count` facts in the order they were recorded, spread evenly over the period."""
        yield from self._histories(start)
        rng = random.Random(self.seed)
        people = range(self.patients)
        weights = list(accumulate(1 / (rank + 10) ** self.skew for rank in people))
        pace = (end - start) / max(1, count)
        for number in range(count):
            at = start + pace * number
            person = rng.choices(people, cum_weights=weights)[0]
            yield self.reading(number, person, at, (at - start) / timedelta(days=1), rng)

    def reading(self, number: int, person: int, at: datetime, day: float, rng: random.Random) -> VitalSignRecorded:
        """One measured value; those who get worse rise by half a percent a day."""
        code, base, spread = READINGS[rng.randrange(len(READINGS))]
        worse = base * 0.005 * day if person % 8 == 0 and code is not VitalSign.OXYGEN_SATURATION else 0.0
        return VitalSignRecorded(
            event_id=EventId(derived_id("load-fact", str(self.seed), str(number))),
            patient_id=self.patient_id(person),
            occurred_at=at,
            recorded_at=at,
            source=LOAD,
            observation_id=ObservationId(f"o-{number}"),
            code=code,
            value=round(base + person % 17 + worse + rng.gauss(0.0, spread), 1),
        )

    def _histories(self, start: datetime) -> Iterator[AnyCareEvent]:
        for person in range(self.patients):
            code = ("I50.9", "E11.9", "Z00.0")[person % 3]
            yield self._notice("load-condition", person).diagnosed(start, code)
            if person % 5 == 0:
                yield self._notice("load-discharge", person).came_home(start, person)

    def _notice(self, what: str, person: int) -> Notice:
        return Notice(EventId(derived_id(what, str(person))), self.patient_id(person), LOAD)


def as_records(facts: Iterator[AnyCareEvent]) -> Iterator[tuple[bytes, bytes]]:
    """Key and value as they travel."""
    return ((fact.patient_id.encode(), encode_event(fact)) for fact in facts)
