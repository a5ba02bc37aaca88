"""A long turn lets the others have a go: the commit before it does not wait until all of it is folded."""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta

import pytest

from care_scoring import handler
from care_scoring.breath import ROUNDS, Breath
from care_scoring.handler import Moments, Scorer, Terms
from care_scoring.patients import PatientsAtHand
from care_scoring.ports import DuePatient
from care_scoring.reading import sort_out
from care_shared.vocabulary import PatientId
from tests import builders as b
from tests.fakes.memory_log import MemoryLog
from tests.fakes.memory_store import MemoryStore

AT_ONCE, NEVER = 0.0, 3600.0
NOW = datetime(2027, 6, 1, tzinfo=UTC)
TERMS = Terms(b.POLICY, "care.events.v1", "care.alerts.v1", late_after=timedelta(minutes=5))
WARD = [PatientId(f"patient-{number}") for number in range(12)]


async def steps_of_another_during(work: Coroutine[object, object, object]) -> int:
    """How often somebody else has a go while the work is done."""
    task, steps = asyncio.create_task(work), 0
    while not task.done():
        await asyncio.sleep(0)
        steps += 1
    await task
    return steps


async def breathing(every_seconds: float, times: int) -> None:
    breath = Breath(every_seconds)
    for _ in range(times):
        await breath.take()


@pytest.mark.parametrize(
    ("every_seconds", "steps"),
    [
        pytest.param(AT_ONCE, 9 * ROUNDS + 1, id="after each of nine pieces of work, until an answer is through"),
        pytest.param(NEVER, 1, id="not before all is done while nobody has waited for long"),
    ],
)
async def test_the_others_have_a_go(every_seconds: float, steps: int) -> None:
    assert await steps_of_another_during(breathing(every_seconds, 9)) == steps


async def test_a_turn_of_facts_or_deadlines_lets_the_others_go_on_between_two_patients(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(handler, "Breath", lambda: Breath(AT_ONCE))
    log, store = MemoryLog(), MemoryStore()
    log.publish(*(b.discharged(1).model_copy(update={"patient_id": one}) for one in WARD))
    scorer = Scorer(store, TERMS, PatientsAtHand(100, 1 << 20), nothing_on_its_way)
    await store.claim({0: 0})
    reading = sort_out([log.slice(0)], store.claims)
    due = [DuePatient(one, 0, NOW) for one in WARD]

    assert await steps_of_another_during(scorer.read(reading, store.claims, NOW)) >= len(WARD) * ROUNDS
    assert await steps_of_another_during(scorer.wake(due, store.claims, Moments(NOW, {0: NOW}))) >= len(WARD) * ROUNDS


async def nothing_on_its_way() -> None:
    """Every turn is in the store before the next begins."""
