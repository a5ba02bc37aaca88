"""How a rule with many small episodes speaks."""

from care_scoring.core.fold import new_state
from care_scoring.core.reasons.labs import LabReason
from care_scoring.core.state.gaps import Gap
from care_scoring.core.state.patient import PatientState
from care_scoring.core.told import worth_saying
from care_scoring.core.verdicts import Settled, Watching
from care_shared.vocabulary import CloseReason, Tier
from tests.builders import PATIENT, when

RULE = "LAB-ACK"
SEEN = Settled(episode="k", close_reason=CloseReason.EVIDENCE, reason=LabReason.RESULT_SEEN)
WAITS = Watching(episode="k", reason=LabReason.RESULT_AWAITS_READING, wake_at=when(3))


def open_gap(state: PatientState) -> PatientState:
    gap = Gap(1, Tier.P1, LabReason.CRITICAL_UNSEEN, when(0), when(0), "stamp")
    state.gaps[RULE] = {"k": gap}
    return state


def test_the_end_of_what_nobody_knew_of_is_not_said() -> None:
    assert list(worth_saying(new_state(PATIENT), RULE, [SEEN])) == []


def test_the_end_of_an_open_gap_is_said() -> None:
    assert list(worth_saying(open_gap(new_state(PATIENT)), RULE, [SEEN])) == [SEEN]


def test_the_end_of_what_was_waited_for_is_said_once() -> None:
    state = new_state(PATIENT)
    state.silences[RULE] = {"k": LabReason.RESULT_AWAITS_READING}
    assert list(worth_saying(state, RULE, [SEEN])) == [SEEN]

    state.silences[RULE] = {"k": LabReason.RESULT_SEEN}
    assert list(worth_saying(state, RULE, [SEEN])) == []


def test_an_open_gap_that_waits_again_closes_for_that_reason_and_keeps_its_next_deadline() -> None:
    closed = Settled(episode="k", close_reason=CloseReason.EVIDENCE, reason=LabReason.RESULT_AWAITS_READING)
    look = Watching(episode="", reason=LabReason.RESULT_AWAITS_READING, wake_at=when(3))

    assert list(worth_saying(open_gap(new_state(PATIENT)), RULE, [WAITS])) == [closed, look]
    assert list(worth_saying(new_state(PATIENT), RULE, [WAITS])) == [WAITS]
