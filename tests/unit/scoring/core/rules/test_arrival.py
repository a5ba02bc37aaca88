"""ARRIVAL: what scenarios cannot say: one name whatever comes first, labels, evidence, alignment."""

from itertools import permutations

import pytest

from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.vocabulary import SensitivityLabel
from tests.builders import AT_ONCE, Known, admitted, aligned, play, policy_with, tick, when
from tests.chart_builders import fact

RULE = "ARRIVAL"


def arrived(day: int = 0, clock: str = "21:40", known: Known = AT_ONCE, **body: object) -> AnyCareEvent:
    return fact(facts.EmergencyArrived, day, clock, known, encounter_id="ed-1", **body)


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_whatever_notice_comes_first_one_gap_of_one_name_is_open_at_the_end(order: tuple[int, ...]) -> None:
    learnt = Known(when(1, "12:00"))
    notices = [arrived(known=learnt), admitted(1, "02:00", stay="bed-1"), admitted(1, "02:10", stay="hie-9")]

    assert play([notices[place] for place in order], RULE).open_gaps[RULE, "bed-1"] == ("P2", "admitted")
    assert len([key for key in play([notices[place] for place in order], RULE).open_gaps if key[0] == RULE]) == 1


def test_it_carries_the_labels_and_the_evidence_of_every_notice() -> None:
    psychiatric = Known(labels=(SensitivityLabel.PSYCHIATRIC,))
    alert = play([arrived(), admitted(1, "02:00", stay="bed-1", known=psychiatric)], RULE).alerts[-1]

    assert alert.labels == (SensitivityLabel.PSYCHIATRIC,)
    assert [one.what for one in alert.evidence] == ["Arrival in the emergency department", "Admission"]
    assert alert.due_at == when(0, "23:59").replace(second=59)


def test_an_arrival_on_saturday_is_due_on_monday() -> None:
    assert play([arrived(5)], RULE).alerts[0].due_at == when(7, "23:59").replace(second=59)


def test_a_patient_whose_alignment_ended_is_none_of_ours() -> None:
    ended = aligned("org-1", "lead", -300).model_copy(update={"ends_on": when(-30).date()})

    assert play([ended, arrived(), tick(1)], RULE).story == []


def test_which_stays_are_told_is_a_setting() -> None:
    beds_only = policy_with("{arrival: {kinds: [inpatient]}}")

    assert play([arrived(), tick(1)], RULE, beds_only).story == []


def test_it_asks_to_be_woken_when_it_expires_and_never_after() -> None:
    played = play([arrived(), tick(8)], RULE)

    assert RULE not in played.state.wakes
    assert played.story[-1] == "closed expired too_long_ago"
