"""READMISSION: what scenarios cannot say: evidence, labels, deadline, what a policy may change."""

from itertools import permutations

import pytest

from care_scoring.core.codes.planned_care import (
    is_acute_diagnosis,
    is_always_planned,
    is_cancer_treatment,
    is_planned_procedure,
    is_potentially_planned,
)
from care_scoring.core.episodes import Episode, episodes_of
from care_scoring.core.planned_stays import Planning, looks_planned, planning_of
from care_scoring.core.readmissions import Measure, is_index
from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.vocabulary import SensitivityLabel
from tests.builders import POLICY, Known, admission_cancelled, admitted, discharged, play, policy_with, when
from tests.chart_builders import booked, fact
from tests.score_builders import came_in, in_emergency

RULE = "READMISSION"
BACK = [admitted(-3), discharged(0), admitted(9, "09:00", stay="stay-2")]


def test_it_rests_on_the_discharge_and_the_admission_and_inherits_their_labels() -> None:
    labelled = admitted(-3, known=Known(labels=(SensitivityLabel.HIV,)))
    alert = play([labelled, *BACK[1:]], RULE).alerts[0]

    assert [one.event_id for one in alert.evidence] == [BACK[1].event_id, BACK[2].event_id]
    assert alert.labels == (SensitivityLabel.HIV,)


def test_the_root_cause_is_due_two_business_days_after_the_admission() -> None:
    assert play(BACK, RULE).alerts[0].due_at == when(11, "23:59").replace(second=59)


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_in_any_order_the_same_gap_is_open(order: tuple[int, ...]) -> None:
    open_gaps = play([BACK[place] for place in order], RULE).open_gaps

    assert open_gaps[RULE, "stay-2"] == ("P2", "unplanned_readmission")


def test_what_is_urgent_is_a_setting() -> None:
    observed = [*BACK[:2], admitted(9, stay="stay-2", kind="observation")]
    hedis_too = policy_with("{readmission: {urgent_measures: [HWR, PCR]}}")

    assert play(observed, RULE, hedis_too).story == ["opened P2 unplanned_readmission"]


def test_the_days_are_a_setting() -> None:
    assert play(BACK, RULE, policy_with("{readmission: {within_days: 8}}")).story == []


def test_of_two_returns_the_one_that_was_entered_by_mistake_is_withdrawn_and_the_other_stays_open() -> None:
    again = [discharged(11, stay="stay-2"), admitted(14, stay="stay-3")]
    played = play([*BACK, *again, admission_cancelled(15, "09:00", stay="stay-3")], RULE)

    assert played.story[-1] == "closed withdrawn admission_cancelled"
    assert [episode for rule, episode in played.open_gaps if rule == RULE] == ["stay-2"]


@pytest.mark.parametrize(
    ("arrived", "silences"),
    [
        pytest.param(30, ["emergency_only"], id="on D+30 it is said that it was no stay"),
        pytest.param(31, [], id="a day later nothing is said"),
    ],
)
def test_a_visit_to_the_emergency_department_after_a_stay(arrived: int, silences: list[str]) -> None:
    assert play([*BACK[:2], *in_emergency(arrived)], RULE).silences == silences


@pytest.mark.parametrize(
    ("holds", "of"),
    [
        pytest.param(is_always_planned, "Z5111", id="chemotherapy is always planned"),
        pytest.param(is_planned_procedure, "0TY00Z0", id="a kidney transplant is always planned"),
        pytest.param(is_potentially_planned, "0SRC0J9", id="a knee replacement may be planned"),
        pytest.param(is_acute_diagnosis, "I214", id="a heart attack is acute"),
        pytest.param(is_acute_diagnosis, "T8141XA", id="a complication is acute"),
        pytest.param(is_cancer_treatment, "C3490", id="lung cancer first is treatment of cancer"),
    ],
)
def test_codes_of_planned_care(holds: object, of: str) -> None:
    assert callable(holds)
    assert holds(of)
    assert not holds("M1711")


def stays(*history: AnyCareEvent) -> list[Episode]:
    return episodes_of(play(history).state, when(20), POLICY.thresholds)


def test_for_hedis_a_stay_of_one_date_is_no_index_though_one_notice_names_no_begin() -> None:
    """PCR leaves out whoever was admitted and discharged on one date; an exchange tells the same end alone."""
    [day] = stays(admitted(0, "08:00"), discharged(0, "18:00"), discharged(0, "18:05", stay="exchange"))
    [night] = stays(admitted(-1, "08:00"), discharged(0, "18:00"), discharged(0, "18:05", stay="exchange"))
    [unknown] = stays(discharged(0, "18:00"))

    assert [is_index(Measure.PCR, one) for one in (day, night, unknown)] == [False, True, True]


def test_one_of_two_notices_that_says_urgent_makes_an_announced_return_unplanned() -> None:
    announced = fact(facts.EncounterUpdated, -7, encounter_id="stay-2", encounter_class="pre-admission")
    first = came_in(0, "10:00", "stay-2", admission_type="unknown")

    def is_planned(*more: AnyCareEvent) -> bool:
        state = play([announced, first, *more]).state
        (stay,) = episodes_of(state, when(2), POLICY.thresholds)
        return looks_planned(state, stay, POLICY.thresholds)

    assert is_planned()
    assert not is_planned(came_in(0, "10:05", "exchange", admission_type="urgent"))


@pytest.mark.parametrize(
    ("history", "planned"),
    [
        pytest.param([booked("s", -10, 0)], Planning.SUSPECTED, id="booked before, for the hour of the admission"),
        pytest.param([booked("s", -10, 30)], Planning.UNPLANNED, id="booked before, for another month"),
        pytest.param([], Planning.UNPLANNED, id="not booked"),
    ],
)
def test_a_return_that_was_booked_before_for_that_time_is_suspected_to_be_planned(
    history: list[AnyCareEvent], planned: Planning
) -> None:
    """Elective, and an appointment made before: the proxy of clinical.md 1.5 where codes are absent."""
    again = came_in(0, "10:00", "stay-2", admission_type="elective")
    state = play([admitted(-20), discharged(-15), *history, again]).state
    before, stay = episodes_of(state, when(2), POLICY.thresholds)

    assert planning_of(state, stay, before, POLICY.thresholds) is planned
