"""What is stored can be read again; what cannot is refused by name."""

import pytest

from care_scoring.core.fold import new_state
from care_scoring.core.state import encoding
from care_scoring.core.state.encoding import VERSION, decode_state, encode_state
from care_scoring.core.state.patient import PatientState
from care_shared.errors import UnusableMessageError
from tests.benchmarks.bench_core import played, typical_history
from tests.builders import PATIENT, Visit, contacted, discharged, has_condition, play, tick, weight


def busy() -> PatientState:
    history = [has_condition(), discharged(0), Visit(0).missed(), Visit(2).missed(), contacted(1)]
    return play([*history, *(weight(80 + day, day) for day in range(5)), tick(6)]).state


def test_a_state_survives_storing() -> None:
    for state in (new_state(PATIENT), busy()):
        assert decode_state(encode_state(state)) == state


def test_storing_twice_gives_the_same_bytes() -> None:
    data = encode_state(busy())

    assert encode_state(decode_state(data)) == data
    assert data[0] == VERSION


def test_a_typical_patient_takes_at_most_two_kilobytes() -> None:
    assert len(encode_state(played(typical_history()))) <= 2048


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        pytest.param(b"", "patient state is empty", id="nothing"),
        pytest.param(b"\xff\x90", "version 255", id="newer than we are"),
        pytest.param(bytes([VERSION]) + b"\xc1", "cannot be read", id="garbage"),
    ],
)
def test_what_is_not_ours_is_refused(data: bytes, problem: str) -> None:
    with pytest.raises(UnusableMessageError, match=problem):
        decode_state(data)


def test_an_old_version_is_lifted_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encode_state(busy())
    monkeypatch.setattr(encoding, "VERSION", VERSION + 2)
    monkeypatch.setitem(encoding.UPCASTERS, VERSION, lambda body: body[::-1])
    monkeypatch.setitem(encoding.UPCASTERS, VERSION + 1, lambda body: body[::-1])

    assert decode_state(data) == busy()
