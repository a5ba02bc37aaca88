"""A made-up panel at home with devices: four or five values every morning, few stays in hospital, most followed.

Beside `load_panel.py`, in which a fifth of all people come home on one day and nobody calls any of them.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from care_shared.contracts.care_events import AnyCareEvent, ContactLogged, PatientUpdated, VitalSignRecorded
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import ContactChannel, ContactOutcome, EventId, PatientId, SourceId, VitalSign
from tests.panel_facts import Notice

DEVICES = SourceId("devices")
CONDITIONS = ("I50.9", "E11.9", "I10")
MEASURES = 0.9  # of all mornings
FACTS_A_DAY = 4.25  # by each person, on average
UNCALLED_EVERY = 5
BREACHES = 0.3  # of the mornings of somebody whose values leave their limits now and then


@dataclass(frozen=True, slots=True)
class Measure:
    """A vital sign: what is usual, how far people differ, how far days differ, and the drift of who gets worse."""

    code: VitalSign
    usual: float
    people: float
    days: float
    drift: float = 0.0
    breach: float = 0.0  # a value that asks for a look


HEART = (
    Measure(VitalSign.HEART_RATE, 74, 5, 3, breach=134),
    Measure(VitalSign.OXYGEN_SATURATION, 96, 0.6, 0.5, breach=86),
)
WEIGHT = Measure(VitalSign.BODY_WEIGHT, 82, 10, 0.3, 0.25)
GLUCOSE = Measure(VitalSign.GLUCOSE, 140, 10, 12, 3.0, breach=330)
BLOOD_PRESSURE = (Measure(VitalSign.SYSTOLIC, 126, 6, 5, 1.0), Measure(VitalSign.DIASTOLIC, 76, 4, 3))
# Treated, so that nearly everybody stays in range: what remote monitoring sees of people it has known for some time.
TREATED = (Measure(VitalSign.SYSTOLIC, 120, 4, 4, 1.0, 188), Measure(VitalSign.DIASTOLIC, 74, 3, 3, breach=122))


def by_condition(pressure: tuple[Measure, ...]) -> tuple[tuple[Measure, ...], ...]:
    """What each third of the people measures."""
    return (*pressure, *HEART, WEIGHT), (*pressure, *HEART, GLUCOSE), (*pressure, *HEART)


@dataclass(frozen=True, slots=True)
class MonitoredPanel:
    """`patients` people: a third each with heart failure, diabetes, high blood pressure; every twelfth gets worse."""

    patients: int
    seed: int = 7
    worse_every: int = 12
    breaching_every: int = 0  # 0: nobody
    discharged_every: int = 20
    measures: tuple[tuple[Measure, ...], ...] = by_condition(BLOOD_PRESSURE)

    def patient_id(self, number: int) -> PatientId:
        """The id of one patient."""
        return PatientId(derived_id("monitored-patient", str(number)))

    def facts(self, start: datetime, days: int) -> Iterator[AnyCareEvent]:
        """Everything that happens to them, in the order in which it was recorded."""
        rng = random.Random(self.seed)
        for person in range(self.patients):
            yield from self._known(person, start)
        wakes = [5.0 + rng.gauss(7, 1) for person in range(self.patients)]  # hours of UTC: they live five hours west
        facts: list[AnyCareEvent] = []
        for day in range(days):
            for person, hour in enumerate(wakes):
                at = start + timedelta(days=day, hours=hour, minutes=rng.uniform(0, 30))
                if rng.random() < MEASURES:
                    facts += self._morning(person, day, at, rng)
                if self._comes_home(person, day, days):
                    facts += self._stay(person, at)
        yield from sorted(facts, key=lambda fact: fact.recorded_at)

    def steady(self, count: int, start: datetime, end: datetime) -> Iterator[VitalSignRecorded]:
        """About `count` values at an even pace: one person after the other, in no order, sends those of a morning."""
        rng = random.Random(self.seed + 1)
        pace, sent = (end - start) / max(1, count), 0
        while sent < count:
            values = list(self._morning(rng.randrange(self.patients), -1 - sent, start, rng))
            for one in values:
                at = start + pace * sent
                yield one.model_copy(update={"occurred_at": at, "recorded_at": at})
                sent += 1

    def _morning(self, person: int, day: int, at: datetime, rng: random.Random) -> Iterator[VitalSignRecorded]:
        worse = max(day, 0) if person % self.worse_every == 0 else 0
        breaches = self.breaching_every and person % self.breaching_every == 1 and rng.random() < BREACHES
        for place, one in enumerate(self.measures[person % len(CONDITIONS)]):
            own = random.Random(f"{person} {one.code}").gauss(one.usual, one.people)
            measured = at + timedelta(minutes=place)
            value = round(own + worse * one.drift + rng.gauss(0, one.days), 1)
            value = one.breach if breaches and one.breach else value
            yield self._notice(f"{one.code}-{day}", person).of(
                VitalSignRecorded,
                measured,
                recorded_at=measured + timedelta(seconds=20),
                observation_id=f"o-{person}-{day}-{place}",
                code=one.code,
                value=min(value, 100.0) if one.code is VitalSign.OXYGEN_SATURATION else value,
                device_id=f"{one.code}-of-{person}",
            )

    def _comes_home(self, person: int, day: int, days: int) -> bool:
        every = self.discharged_every
        return bool(every) and person % (every * days) == every * day

    def _stay(self, person: int, at: datetime) -> Iterator[AnyCareEvent]:
        """Home from hospital; four of five are called the next day."""
        yield self._notice("discharge", person).came_home(at, person)
        if person // self.discharged_every % UNCALLED_EVERY:
            yield self._notice("contact", person).of(
                ContactLogged,
                at + timedelta(hours=20),
                contact_id=f"contact-{person}",
                channel=ContactChannel.PHONE,
                outcome=ContactOutcome.REACHED,
            )

    def _known(self, person: int, at: datetime) -> Iterator[AnyCareEvent]:
        """Who they are and what they suffer from."""
        born = date(1935 + person % 30, 1 + person % 12, 15)
        yield self._notice("person", person).of(PatientUpdated, at, birth_date=born, home_zone="America/New_York")
        yield self._notice("condition", person).diagnosed(at, CONDITIONS[person % len(CONDITIONS)])

    def _notice(self, what: str, person: int) -> Notice:
        event_id = EventId(derived_id("monitored", str(self.seed), what, str(person)))
        return Notice(event_id, self.patient_id(person), DEVICES)


def mostly_in_band(patients: int) -> MonitoredPanel:
    """Treated and known for a while: 95 of 100 stay in range, three get worse, two leave their limits at times."""
    return MonitoredPanel(
        patients, worse_every=33, breaching_every=50, discharged_every=0, measures=by_condition(TREATED)
    )
