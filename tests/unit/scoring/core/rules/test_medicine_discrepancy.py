"""POST-DC-FILL and MED-DISCREP: any order of arrival, labels, two notices of one stay."""

from itertools import permutations

from care_shared.vocabulary import SensitivityLabel
from tests.builders import Known, discharged, play, tick, when
from tests.chart_builders import filled, prescribed

NEW, FETCH = "MED-DISCREP", "POST-DC-FILL"
RESTRICTED = Known(labels=(SensitivityLabel.PSYCHIATRIC,))


def test_discharge_orders_and_fills_may_come_in_any_order() -> None:
    history = [
        discharged(0, "13:00"),
        discharged(0, "13:00", stay="stay-0"),
        prescribed("apixaban", 0, encounter_id="stay-1"),
        prescribed("lisinopril", 0, encounter_id="stay-1"),
        filled("lisinopril", 1),
    ]
    expected = {
        (NEW, "stay-0:new:apixaban"): ("P2", "new_dangerous_medicine"),
        (FETCH, "apixaban"): ("P2", "discharge_fill_late"),
    }
    for order in permutations(history):
        known = [event.model_copy(update={"recorded_at": when(2), "stated_at": event.occurred_at}) for event in order]
        found = play([*known, tick(5)]).open_gaps
        assert {key: said for key, said in found.items() if key[0] in {NEW, FETCH}} == expected


def test_both_rules_inherit_the_labels_of_stay_and_order() -> None:
    history = [discharged(0, "13:00"), prescribed("apixaban", 0, encounter_id="stay-1", known=RESTRICTED), tick(5)]

    for rule in (NEW, FETCH):
        assert {alert.labels for alert in play(history, rule).alerts} == {(SensitivityLabel.PSYCHIATRIC,)}


def test_a_medicine_against_substance_use_not_fetched_is_told_with_its_label() -> None:
    history = [discharged(0, "13:00"), prescribed("buprenorphine", 0, encounter_id="stay-1"), tick(5)]

    assert [alert.labels for alert in play(history, FETCH).alerts] == [(SensitivityLabel.SUBSTANCE_USE,)]
