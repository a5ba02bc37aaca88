"""What is stored can be read again; what cannot is refused by name."""

from pathlib import Path

import pytest
from msgspec import structs
from msgspec.msgpack import decode, encode
from msgspec.structs import replace

from care_scoring.core.effects import Effect, TellScore
from care_scoring.core.fold import fold, new_state
from care_scoring.core.state import encoding
from care_scoring.core.state.encoding import VERSION, decode_state, encode_state
from care_scoring.core.state.packed_ids import packed
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.resting import Resting
from care_shared.errors import UnusableMessageError
from tests.benchmarks.bench_core import played, typical_history
from tests.builders import PATIENT, POLICY, Visit, contacted, discharged, has_condition, play, tick, weight, when

A_UUID = "00112233-4455-6677-8899-aabbccddeeff"
STORED = Path(__file__).parent / "stored"


def busy() -> PatientState:
    history = [has_condition(), discharged(0), Visit(0).missed(), Visit(2).missed(), contacted(1)]
    return play([*history, *(weight(80 + day, day) for day in range(5)), tick(6)]).state


@pytest.mark.parametrize("state", [new_state(PATIENT), busy()], ids=["of somebody new", "with a history"])
def test_a_state_survives_storing_and_being_kept_inside(state: PatientState) -> None:
    assert decode_state(encode_state(state, Resting())) == state
    assert decode_state(encode_state(state)) == state


def test_storing_twice_gives_the_same_bytes() -> None:
    data = encode_state(busy(), Resting())

    assert encode_state(decode_state(data), Resting()) == data
    assert data[0] == VERSION


def test_a_reading_leaves_what_rests_as_it_was_stored() -> None:
    """Else every reading would pay for deflating what did not change."""
    today = weight(80.1, 60), weight(80.0, 60, "09:00")
    stored, resting = encode_state(played([*typical_history(), today[0]]), Resting()), Resting()
    state = decode_state(stored, resting)
    before = resting.stored
    fold(state, today[1], POLICY)

    again = encode_state(state, resting)

    assert resting.stored is before
    assert (stored.endswith(before), again.endswith(before)) == (True, True)
    assert decode_state(again) == state


def test_what_rests_is_stored_anew_when_it_changes() -> None:
    state, resting = busy(), Resting()
    encode_state(state, resting)
    fold(state, contacted(7), POLICY)

    assert decode_state(encode_state(state, resting)) == state


@pytest.mark.parametrize("share", range(10, 21))
def test_the_stored_state_of_a_typical_patient_takes_at_most_two_kilobytes(share: int) -> None:
    """After a month, after two, and between: what was told of the stay comes and goes."""
    history = typical_history()

    assert len(encode_state(played(history[: len(history) * share // 20]), Resting())) <= 2048


def test_a_rule_that_tells_of_a_stay_adds_some_forty_bytes_to_what_is_stored() -> None:
    whole = played(typical_history())
    believed = replace(whole, gaps={}, silences={}, wakes={})

    # Nine rules had something to say of it, or of the readings.
    assert len(encode_state(whole, Resting())) - len(encode_state(believed, Resting())) <= 9 * 40


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        pytest.param(b"", "patient state is empty", id="nothing"),
        pytest.param(b"\xff\x90", "version 255", id="newer than we are"),
        pytest.param(bytes([VERSION]) + b"\xc1", "cannot be read", id="garbage"),
        pytest.param(b"\x01\xc1", "cannot be read", id="garbage of an old version"),
        pytest.param(b"\x00\x90", "version 0", id="a version that never was"),
        pytest.param(bytes([VERSION, 0, 0]), "cannot be read", id="torn off in its head"),
        pytest.param(encode_state(busy(), Resting())[:-1], "cannot be read", id="torn off at its end"),
        pytest.param(encode_state(busy(), Resting()) + b"!", "cannot be read", id="more than was written"),
    ],
)
def test_what_is_not_ours_is_refused(data: bytes, problem: str) -> None:
    with pytest.raises(UnusableMessageError, match=problem):
        decode_state(data)


@pytest.mark.parametrize("name", ["typical", "busy"])
def test_a_state_that_version_1_stored_is_read_as_it_was_meant(name: str) -> None:
    """Bytes written by the release before; what it could not know yet is absent, and everything else is there."""
    state = decode_state((STORED / f"{name}-v1.bin").read_bytes())

    today = {"typical": lambda: played(typical_history()), "busy": busy}[name]()
    # Version 1 did not know when a reading came in.
    assert state.vitals == {code: structs.replace(one, heard_at=0) for code, one in today.vitals.items()}
    assert state.visits == today.visits
    assert state.person.summary("UTC") == today.person.summary("UTC")
    assert state.has("heart-failure")
    assert [stay.discharged_at for stay in state.encounters.values()] == [
        stay.discharged_at for stay in today.encounters.values()
    ]
    # Version 1 knew neither cards nor worst values.
    known_then = {
        rule: {episode: structs.replace(gap, card="", worst=None) for episode, gap in gaps.items()}
        for rule, gaps in today.gaps.items()
    }
    # It went on naming whom a closed gap had been for.
    known_now = {
        rule: {episode: gap if gap.is_open else structs.replace(gap, audience=()) for episode, gap in gaps.items()}
        for rule, gaps in state.gaps.items()
    }
    assert known_now == {rule: known_then[rule] for rule in state.gaps}
    assert decode_state(encode_state(state)) == state


@pytest.mark.parametrize("name", ["typical", "busy"])
def test_a_state_that_version_2_stored_is_the_one_that_the_same_facts_lead_to_today(name: str) -> None:
    state = decode_state((STORED / f"{name}-v2.bin").read_bytes())

    assert state == {"typical": lambda: played(typical_history()), "busy": busy}[name]()


@pytest.mark.parametrize("name", ["typical", "busy"])
def test_a_state_that_version_3_stored_is_the_one_that_the_same_facts_lead_to_today(name: str) -> None:
    state = decode_state((STORED / f"{name}-v3.bin").read_bytes())

    assert state == {"typical": lambda: played(typical_history()), "busy": busy}[name]()


def test_a_record_that_was_merged_under_version_3_keeps_its_own_beliefs() -> None:
    """What a patient with kin holds of each record is a stored state of its own, with a version of its own."""
    fields = decode((STORED / "busy-v3.bin").read_bytes()[1:])
    fields[37] = [(STORED / "typical-v3.bin").read_bytes()]

    kin = decode_state(b"\x03" + encode(fields)).kin

    assert kin is not None
    assert decode_state(kin.own) == played(typical_history())


@pytest.mark.parametrize("name", ["typical", "busy"])
def test_what_this_version_stored_is_read_for_as_long_as_there_is_this_version(name: str) -> None:
    """Fails when the words of `resting.py` change, or the order of the fields: both ask for another version."""
    stored = (STORED / f"{name}-v4.bin").read_bytes()

    assert decode_state(stored) == decode_state((STORED / f"{name}-v3.bin").read_bytes())


def test_which_event_told_of_a_reading_outlives_version_2_whatever_its_id_looks_like() -> None:
    fields = decode((STORED / "busy-v2.bin").read_bytes()[1:])
    [code], told = fields[6], {10: b"\0\0\0\x0b" + packed("a word"), 20: b"\0\0\0\x15" + packed(A_UUID)}
    fields[6][code][7] = told

    series = decode_state(b"\x02" + encode(fields)).vitals[code]

    assert [series.event_at(10), series.event_at(20), series.event_at(30)] == ["a word", A_UUID, None]


def test_a_state_of_version_1_goes_on_where_it_stopped() -> None:
    state = decode_state((STORED / "typical-v1.bin").read_bytes())
    today = played(typical_history())
    state.judged_under = POLICY.version  # version 1 did not know it, so every rule would be asked once more

    def said(by: PatientState) -> list[Effect]:
        """What the rules say; scores were told to nobody then, so all of them would be told now."""
        return [one for one in fold(by, weight(83.5, 60), POLICY) if not isinstance(one, TellScore)]

    assert said(state) == said(today)


def test_two_spellings_of_one_code_become_one_when_version_1_is_lifted() -> None:
    fields = decode((STORED / "busy-v1.bin").read_bytes()[1:])
    said, earlier = when(5), when(1)
    fields[7] = {"I50.22": [said, False, ["heart-failure"]], "I5022": [earlier, True, ["heart-failure"]]}

    state = decode_state(b"\x01" + encode(fields))

    assert {code: held.active for code, held in state.conditions.items()} == {"I5022": False}


def test_an_old_version_is_lifted_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encode_state(busy())
    monkeypatch.setattr(encoding, "VERSION", VERSION + 2)
    monkeypatch.setitem(encoding.UPCASTERS, VERSION, lambda body: body[::-1])
    monkeypatch.setitem(encoding.UPCASTERS, VERSION + 1, lambda body: body[::-1])

    assert decode_state(data) == busy()
