"""RX-GAP: what its scenarios cannot say: any order of arrival, labels, and the settings that may change it."""

from itertools import permutations

from care_shared.vocabulary import SensitivityLabel
from tests.builders import Known, admitted, discharged, play, policy_with, tick, when
from tests.chart_builders import filled, prescribed
from tests.playing import Played

RULE = "RX-GAP"


def episodes(played: Played) -> list[str]:
    return [episode for rule, episode in played.open_gaps if rule == RULE]


def test_the_same_gap_is_open_whatever_the_order_of_arrival() -> None:
    history = [
        filled("apixaban", -40, 30),
        filled("apixaban", -10, 14),
        admitted(-9),
        discharged(-6),
        prescribed("apixaban", -40),
    ]
    for order in permutations(history):
        known = [event.model_copy(update={"recorded_at": when(0), "stated_at": event.occurred_at}) for event in order]
        assert episodes(play([*known, tick(20)])) == ["apixaban:2027-03-07"]


def test_a_medicine_against_substance_use_is_told_with_its_label() -> None:
    alerts = play([filled("buprenorphine", -40, 30), tick(2)], RULE).alerts

    assert [alert.labels for alert in alerts] == [(SensitivityLabel.SUBSTANCE_USE,)]


def test_the_labels_of_the_order_are_inherited() -> None:
    psychiatric = Known(labels=(SensitivityLabel.PSYCHIATRIC,))
    alerts = play([prescribed("olanzapine", -40, known=psychiatric), filled("olanzapine", -40, 30), tick(2)], RULE)

    assert [alert.labels for alert in alerts.alerts] == [(SensitivityLabel.PSYCHIATRIC,)]


def test_the_evidence_is_the_last_fill() -> None:
    fill = filled("apixaban", -30, 30)

    (alert,) = play([fill, tick(5)], RULE).alerts

    assert [one.event_id for one in alert.evidence] == [fill.event_id]


def test_a_policy_may_leave_days_in_hospital_out_of_the_count() -> None:
    history = [filled("apixaban", -10, 14), admitted(-9), discharged(-6), tick(6)]
    strict = policy_with("{refills: {stays_carry_forward: false}}")

    assert episodes(play(history)) == []
    assert episodes(play(history, policy=strict)) == ["apixaban:2027-03-04"]


def test_a_patient_with_nothing_but_refills_in_time_keeps_one_word_of_silence() -> None:
    state = play([filled(name, 0, 30) for name in ("apixaban", "insulin", "atorvastatin")]).state

    assert state.silences[RULE] == {"": "medicines_at_hand"}
