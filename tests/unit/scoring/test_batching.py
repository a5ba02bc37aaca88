"""Batching invariance: however the log is cut into turns, the same states, the same words to people, in one order."""

import asyncio
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from care_scoring.handler import Scorer, Terms
from care_scoring.patients import PatientsAtHand
from care_scoring.reading import sort_out
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.vocabulary import PatientId
from tests import builders as b
from tests.fakes.memory_log import MemoryLog
from tests.fakes.memory_store import MemoryStore
from tests.unit.scoring.core.test_properties import everything, in_order

PEOPLE = (b.PATIENT, PatientId("patient-2"), PatientId("patient-3"))
NOW = datetime(2027, 6, 1, tzinfo=UTC)
TERMS = Terms(b.POLICY, "care.events.v1", "care.alerts.v1", late_after=timedelta(minutes=5))
histories_of_people = st.tuples(everything, everything, everything).map(
    lambda histories: in_order(
        [
            fact.model_copy(update={"patient_id": one})
            for one, history in zip(PEOPLE, histories, strict=True)
            for fact in history
        ]
    )
)


async def nothing_on_its_way() -> None:
    """Every turn is in the store before the next begins."""


async def turns(facts: list[AnyCareEvent], cuts: list[int], at_hand: int) -> MemoryStore:
    """Fold the log in slices that end at these places; `at_hand` patients stay decoded in between."""
    log, store = MemoryLog(), MemoryStore()
    log.publish(*facts)
    patients = PatientsAtHand(at_hand, 1 << 20)
    scorer = Scorer(store, TERMS, patients, nothing_on_its_way)
    await store.claim({0: 0})
    places = sorted({*cuts, len(facts)})
    for start, end in zip([0, *places], places, strict=False):
        if end > start:
            await store.commit(await scorer.read(sort_out([log.slice(start, end)], store.claims), store.claims, NOW))
            patients.trim(())
    return store


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(facts=histories_of_people, cuts=st.lists(st.integers(0, 60), max_size=10), at_hand=st.sampled_from([1, 100]))
def test_turns_of_any_size_lead_to_the_same_states_and_the_same_words(
    facts: list[AnyCareEvent], cuts: list[int], at_hand: int
) -> None:
    at_once = asyncio.run(turns(facts, [], 100))
    cut = asyncio.run(turns(facts, [one for one in cuts if one < len(facts)], at_hand))

    assert {one: row.state for one, row in cut.states.items()} == {
        one: row.state for one, row in at_once.states.items()
    }
    assert cut.firings == at_once.firings
    for one in PEOPLE:
        assert said_to(cut, one) == said_to(at_once, one)


def said_to(store: MemoryStore, patient_id: PatientId) -> list[str]:
    """The messages about one patient, in order."""
    return [row.event_id for row in store.outbox if row.record.key == patient_id.encode()]
