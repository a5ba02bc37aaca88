"""LAB-ACK: any order of arrival, labels, DST, and how little of it stays in the state."""

from itertools import permutations

from care_shared.contracts import care_events as facts
from care_shared.vocabulary import SensitivityLabel
from tests.builders import Known, play, tick, when
from tests.chart_builders import acknowledged, fact, resulted

RULE = "LAB-ACK"
POTASSIUM = "2823-3"


def test_result_correction_and_acknowledgements_may_come_in_any_order() -> None:
    history = [
        resulted(POTASSIUM, 6.1, 0, "14:00", observation_id="k", abnormal_flag="HH"),
        acknowledged("k", 0, "14:10"),
        resulted(
            POTASSIUM,
            6.6,
            0,
            "14:00",
            Known(when(0, "16:00"), when(0, "16:00")),
            observation_id="k",
            abnormal_flag="HH",
            corrected=True,
        ),
    ]
    for order in permutations(history):
        known = [
            event.model_copy(update={"recorded_at": when(0, "16:00"), "stated_at": event.said_at}) for event in order
        ]
        assert play([*known, tick(0, "17:00")], RULE).open_gaps == {(RULE, "k"): ("P1", "critical_result_unseen")}


def test_thirty_minutes_are_thirty_minutes_when_the_clocks_go_forward() -> None:
    """2027-03-14 01:45 in New York is a quarter of an hour before 03:00."""
    history = [resulted(POTASSIUM, 6.6, "2027-03-14", "01:45", observation_id="k", abnormal_flag="HH")]

    assert play([*history, tick("2027-03-14", "03:14")], RULE).story == []
    assert play([*history, tick("2027-03-14", "03:15")], RULE).story == ["opened P1 critical_result_unseen"]


def test_a_labelled_result_is_told_with_its_label() -> None:
    known = Known(labels=(SensitivityLabel.HIV,))
    history = [resulted("25836-8", 900, 0, "14:00", known, observation_id="v", abnormal_flag="HH")]

    assert [alert.labels for alert in play([*history, tick(1)], RULE).alerts] == [(SensitivityLabel.HIV,)]


def test_the_value_is_not_in_the_alert() -> None:
    history = [resulted(POTASSIUM, 6.6, 0, "14:00", observation_id="k", abnormal_flag="HH"), tick(1)]

    (alert,) = play(history, RULE).alerts

    assert "6.6" not in alert.model_dump_json()


def test_a_result_that_reached_us_late_says_so() -> None:
    late = resulted(POTASSIUM, 6.6, 0, "14:00", Known(when(1)), observation_id="k", abnormal_flag="HH")

    (alert,) = play([late], RULE).alerts

    assert alert.late_notice


def test_results_that_were_read_leave_no_trace_in_the_state() -> None:
    history = [
        step
        for day in range(5)
        for step in (
            resulted(POTASSIUM, 4.1, day, observation_id=f"k{day}"),
            acknowledged(f"k{day}", day),
        )
    ]
    state = play([*history, fact(facts.LabRetracted, 6, observation_id="none")]).state

    assert state.silences.get(RULE, {}) == {}
    assert RULE not in state.wakes
