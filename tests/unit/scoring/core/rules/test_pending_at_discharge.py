"""TPAD: any order of arrival, labels, and which task names an owner."""

from itertools import permutations

import pytest

from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent, CodedConcept
from care_shared.vocabulary import SensitivityLabel
from tests.builders import AT_ONCE, Known, admitted, discharged, play, tick, when
from tests.chart_builders import fact, resulted

RULE = "TPAD"
POTASSIUM = "2823-3"


def pending(known: Known = AT_ONCE) -> AnyCareEvent:
    test = CodedConcept(code=POTASSIUM)
    return fact(facts.ResultPending, 0, "09:00", known, order_id="o", test=test, encounter_id="stay-1")


def test_stay_pending_test_and_result_may_come_in_any_order() -> None:
    history = [
        admitted(-2),
        discharged(0),
        pending(),
        resulted(POTASSIUM, 4.1, 1, observation_id="k", order_id="o"),
    ]
    for order in permutations(history):
        known = [event.model_copy(update={"recorded_at": when(2), "stated_at": event.occurred_at}) for event in order]
        assert play([*known, tick(10)], RULE).open_gaps[RULE, "o"] == ("P2", "pending_result_unseen")


def test_the_labels_of_the_order_are_inherited() -> None:
    history = [discharged(0), pending(Known(labels=(SensitivityLabel.HIV,))), tick(5)]

    assert [alert.labels for alert in play(history, RULE).alerts] == [(SensitivityLabel.HIV,)]


@pytest.mark.parametrize(
    ("task", "story"),
    [
        pytest.param({"status": "accepted", "owner": "p", "kind": CodedConcept(code=POTASSIUM)}, [], id="for the test"),
        pytest.param({"status": "accepted", "owner": "p"}, ["opened P3 no_owner_of_pending_result"], id="another task"),
        pytest.param(
            {"status": "accepted", "kind": CodedConcept(code=POTASSIUM)},
            ["opened P3 no_owner_of_pending_result"],
            id="a task that nobody owns",
        ),
        pytest.param(
            {"status": "rejected", "owner": "p", "kind": CodedConcept(code=POTASSIUM)},
            ["opened P3 no_owner_of_pending_result"],
            id="a task that was refused",
        ),
    ],
)
def test_who_answers_for_it(task: dict[str, object], story: list[str]) -> None:
    assert (
        play([discharged(0), pending(), fact(facts.CareTaskChanged, 1, task_id="t", **task), tick(5)], RULE).story
        == story
    )
