"""A patient page filled as on an ordinary day: a story in facts, three months of readings, scores and their history."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from care_notifications.adapters.patient_facts import PatientFacts
from care_notifications.ports import RawAlert, Slot
from care_shared.contracts.care_events import AnyCareEvent, encode_event
from care_shared.contracts.envelope import derived_id
from care_shared.contracts.score_changes import ScoreChanged, ScoreFactor
from care_shared.topics import CARE_EVENTS
from care_shared.vocabulary import EventId, PatientId, VitalSign
from tests.notifications_world import World
from tests.patient_story import labelled, story, told

FACTS = Slot(CARE_EVENTS.name, 0)


def reading(patient: str, at: datetime, code: VitalSign, value: float, **more: Any) -> AnyCareEvent:
    """One measurement."""
    number = derived_id("reading", patient, code, at.isoformat())
    return told("vital-sign-recorded", at, patient, observation_id=number, code=code, value=round(value, 1), **more)


def mornings(patient: str, now: datetime, days: int = 90) -> Iterator[AnyCareEvent]:
    """Weight creeps up, pressure wavers, saturation is steady; some mornings nobody measured."""
    chance = random.Random(7)
    for ago in range(days, -1, -1):
        at = now - timedelta(days=ago, hours=1, minutes=chance.randrange(50))
        if chance.random() < 0.14 or 40 < ago < 46:
            continue
        creep = max(0, 9 - ago) * 0.3
        yield reading(patient, at, VitalSign.BODY_WEIGHT, 78.0 + creep + chance.gauss(0, 0.25))
        yield reading(patient, at, VitalSign.SYSTOLIC, 138 + chance.gauss(0, 7), automatic=ago % 9 != 0)
        yield reading(patient, at, VitalSign.DIASTOLIC, 82 + chance.gauss(0, 5))
        yield reading(patient, at, VitalSign.HEART_RATE, 74 + chance.gauss(0, 4) + creep)
        quality = "artifact" if ago == 5 else "valid"
        yield reading(patient, at, VitalSign.OXYGEN_SATURATION, min(98, 95 + chance.gauss(0, 1)), quality=quality)


def scores(patient: PatientId, now: datetime) -> Iterator[ScoreChanged]:
    """Outreach priority over a month, LACE of the last stay, and a HOSPITAL score that lacks two values."""
    factors = (
        ScoreFactor(factor="discharged in the last 7 days", points=22, at=now - timedelta(days=3),
                    lowered_by="an interactive contact"),
        ScoreFactor(factor="weight rises", points=18, at=now - timedelta(days=1), lowered_by="a stable week"),
        ScoreFactor(factor="missed nursing visit", points=12, at=now - timedelta(days=4),
                    lowered_by="a delivered visit"),
        ScoreFactor(factor="lives alone", points=6),
    )  # fmt: skip
    for revision, (ago, value) in enumerate(((30, 24), (22, 31), (15, 28), (9, 44), (4, 61), (3, 70), (0, 58)), 1):
        at = now - timedelta(days=ago, minutes=20)
        yield score(patient, "outreach-priority", revision, at, value=value, band="high" if value > 50 else "moderate",
                    label="outreach priority", queue="outreach", factors=factors)  # fmt: skip
    yield score(patient, "lace", 1, now - timedelta(days=3), subject="s-1", value=12, band="high", label="LACE",
                factors=(ScoreFactor(factor="emergency admission", points=3),
                         ScoreFactor(factor="comorbidity", points=5),
                         ScoreFactor(factor="length of stay", points=4)))  # fmt: skip
    yield score(patient, "hospital", 1, now - timedelta(days=3), subject="s-1", label="HOSPITAL",
                missing=("haemoglobin at discharge", "sodium at discharge"))  # fmt: skip


def score(patient: PatientId, name: str, revision: int, at: datetime, **other: Any) -> ScoreChanged:
    """One change of a score."""
    ident = EventId(derived_id("score", patient, name, str(revision)))
    return ScoreChanged.model_validate(
        {"event_id": ident, "patient_id": patient, "score": name, "revision": revision, "model_version": f"{name}-1",
         "computed_at": at} | other
    )  # fmt: skip


async def tell_facts(facts: PatientFacts, events: list[AnyCareEvent]) -> None:
    """These facts come next on the topic."""
    begin = await facts.position(FACTS)
    for place in range(0, len(events), 500):
        batch = events[place : place + 500]
        await facts.handle(
            FACTS,
            [
                RawAlert(begin + place + count, one.patient_id.encode(), encode_event(one))
                for count, one in enumerate(batch)
            ],
        )


async def fill(
    there: World,
    facts: PatientFacts,
    patient: PatientId,
    now: datetime,
    name: tuple[str, str] = ("Juniper", "1948-03-02"),
) -> None:
    """All of it, for one patient of this family name and birth date."""
    goal = told("goal-stated", now - timedelta(days=60), patient, goal_id="g-w", high=79.0, low=76.0, unit="kg",
                goal={"code": "dry-weight", "display": "Keep the dry weight"},
                measure={"code": VitalSign.BODY_WEIGHT.value})  # fmt: skip
    named = told("patient-updated", now - timedelta(days=200), patient, family_name=name[0], birth_date=name[1])
    events = [one.model_copy(update={"patient_id": patient}) for one in (*story(), labelled(), named)]
    await tell_facts(facts, [*events, goal, *mornings(patient, now)])
    await there.hear(*scores(patient, now), now=now)
