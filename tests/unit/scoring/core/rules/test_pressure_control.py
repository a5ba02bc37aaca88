"""GAP-BP: any order of arrival, labels, pressures that came under different clocks."""

from itertools import permutations

import pytest

from care_scoring.core.rulebook import rules_reading
from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.vocabulary import SensitivityLabel, VitalSign
from tests.builders import HOME, Known, admitted, discharged, has_condition, lives_in, measured, play, when
from tests.chart_builders import fact

RULE = "GAP-BP"
WHO = [lives_in(HOME, "2027-01-02", birth_date="1957-06-01"), has_condition("I10", "2027-01-02")]

CLINIC = fact(facts.HospitalAdmitted, 0, "08:00", encounter_id="clinic", encounter_class="ambulatory")
ARRIVED = fact(facts.EmergencyArrived, 0, "08:30", encounter_id="ed")


def pressure(systolic: float, diastolic: float, day: int | str, clock: str = "09:00") -> list[AnyCareEvent]:
    return [
        measured(VitalSign.SYSTOLIC, systolic, day, clock),
        measured(VitalSign.DIASTOLIC, diastolic, day, clock),
    ]


def test_readings_and_an_emergency_visit_may_come_in_any_order() -> None:
    history = [
        *pressure(150, 82, -3),
        measured(VitalSign.SYSTOLIC, 120, -2),
        measured(VitalSign.DIASTOLIC, 70, -2),
        fact(facts.EmergencyArrived, -2, "06:00", encounter_id="ed"),
    ]
    for order in permutations(history):
        known = [event.model_copy(update={"recorded_at": when(0), "stated_at": event.occurred_at}) for event in order]
        # The arrival asks for a call anyway, so this one is told with it.
        assert play([*WHO, *known], RULE).open_gaps[RULE, "bp:2027"] == ("P3", "pressure_not_controlled")


@pytest.mark.parametrize(
    ("history", "open_at_the_end"),
    [
        pytest.param(pressure(145, 80, 0), True, id="systolic above"),
        pytest.param(pressure(120, 90, 0), True, id="diastolic at the line"),
        pytest.param([*pressure(145, 80, 0), *pressure(139, 95, 0, "20:00")], False, id="lowest of two readings"),
        pytest.param(
            [*pressure(145, 80, 0, "22:00"), *pressure(120, 80, 1, "00:10")], False, id="the next day at home"
        ),
        pytest.param(
            [admitted(0), *pressure(120, 80, 1), discharged(2)], False, id="in hospital only: none of the year counts"
        ),
        pytest.param(
            [*pressure(145, 80, 0), measured(VitalSign.SYSTOLIC, 120, 1)], True, id="a day without diastolic is none"
        ),
        pytest.param([CLINIC, *pressure(145, 80, 0)], True, id="what a clinic measured counts"),
        pytest.param(
            [CLINIC, ARRIVED, *pressure(145, 80, 0)], False, id="what an emergency department measured does not"
        ),
        pytest.param([ARRIVED, *pressure(145, 80, 0, "08:30")], False, id="nor at the very moment of the arrival"),
        pytest.param([ARRIVED, *pressure(145, 80, 0, "08:29")], True, id="a minute before it does"),
    ],
)
def test_the_most_recent_day_decides(history: list[AnyCareEvent], open_at_the_end: bool) -> None:
    assert ((RULE, "bp:2027") in play([*WHO, *history], RULE).open_gaps) is open_at_the_end


def test_the_labels_of_the_readings_are_inherited() -> None:
    known = Known(labels=(SensitivityLabel.HIV,))
    labelled = measured(VitalSign.SYSTOLIC, 150, 0, "09:00", known=known)
    history = [*WHO, labelled, measured(VitalSign.DIASTOLIC, 80, 0, "09:00")]

    assert [alert.labels for alert in play(history, RULE).alerts] == [(SensitivityLabel.HIV,)]


def test_without_hypertension_nothing_is_asked_and_nothing_awaited() -> None:
    state = play([WHO[0], *pressure(190, 110, 0)], RULE).state

    assert RULE not in state.wakes
    assert RULE not in state.silences


@pytest.mark.parametrize(
    ("known_since", "asked"),
    [
        pytest.param("2027-06-30", True, id="known on the last day of June: asked this year"),
        pytest.param("2027-07-01", False, id="known from July on: not before next year"),
    ],
)
def test_high_pressure_is_asked_about_in_the_year_whose_first_half_knew_it(known_since: str, *, asked: bool) -> None:
    who = [lives_in(HOME, "2027-01-02", birth_date="1957-06-01"), has_condition("I10", known_since)]

    assert ((RULE, "bp:2027") in play([*who, *pressure(150, 95, "2027-12-20")], RULE).open_gaps) is asked


def test_it_is_asked_for_both_pressures_and_no_other_vital_sign() -> None:
    def asks(code: VitalSign) -> bool:
        return RULE in {rule.rule_id for rule in rules_reading(measured(code, 80, 0))}

    assert asks(VitalSign.SYSTOLIC)
    assert asks(VitalSign.DIASTOLIC)
    assert not asks(VitalSign.BODY_WEIGHT)
