"""A patient at hand: held at the size of the plain state, and stored again without deflating what did not change."""

from datetime import UTC, datetime, timedelta

import pytest

from care_scoring.core.state import resting
from care_scoring.core.state.encoding import encode_state
from care_scoring.core.state.resting import Resting
from care_scoring.handler import Scorer, Terms
from care_scoring.patients import Held, PatientsAtHand
from care_scoring.reading import sort_out
from care_shared.errors import UnusableMessageError
from tests import builders as b
from tests.benchmarks.bench_core import played, typical_history
from tests.fakes.memory_log import MemoryLog
from tests.fakes.memory_store import MemoryStore

NOW = datetime(2027, 6, 1, tzinfo=UTC)
TERMS = Terms(b.POLICY, "care.events.v1", "care.alerts.v1", late_after=timedelta(minutes=5))


def test_a_patient_read_from_the_store_is_held_at_the_size_of_the_plain_state() -> None:
    """The bound on memory is in these bytes: deflated ones would let a third more patients in."""
    state = played(typical_history())

    held = Held.read(encode_state(state, Resting()), NOW)

    assert (held.state, held.size, held.wake_at) == (state, len(encode_state(state)), NOW)


def test_bytes_that_are_no_patient_are_refused() -> None:
    with pytest.raises(UnusableMessageError):
        Held.read(b"\xff")


@pytest.mark.parametrize("at_hand", [0, 1], ids=["read again for the second reading", "still at hand"])
async def test_the_second_reading_of_a_day_is_stored_without_deflating_anything(
    monkeypatch: pytest.MonkeyPatch, at_hand: int
) -> None:
    log, store, patients = MemoryLog(), MemoryStore(), PatientsAtHand(at_hand, 1 << 20)
    log.publish(*typical_history(), b.weight(80.1, 60, "08:00"), b.weight(80.0, 60, "09:00"))
    scorer = Scorer(store, TERMS, patients, nothing_on_its_way)
    last = log.slice(0).records[-1].offset
    await store.claim({0: 0})
    await store.commit(await scorer.read(sort_out([log.slice(0, last)], store.claims), store.claims, NOW))
    patients.trim(())
    before = store.states[b.PATIENT].state
    monkeypatch.delattr(resting, "compressobj")

    await store.commit(await scorer.read(sort_out([log.slice(last)], store.claims), store.claims, NOW))

    after = store.states[b.PATIENT].state
    assert after != before
    assert after[-500:] == before[-500:]


async def nothing_on_its_way() -> None:
    """There is no commit to wait for."""
