"""Two pictures become one in any order and any grouping, and every belief has its rule."""

from typing import get_args, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct

from care_scoring.core.calendar import seconds_of
from care_scoring.core.state.evolve import evolve
from care_scoring.core.state.medicines import Fills
from care_scoring.core.state.past_readings import past_rows
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.series_union import united_series
from care_scoring.core.state.union import BELIEFS, NOT_BELIEFS, NOUNS, first_number, united
from care_scoring.core.state.vitals import Series
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.vocabulary import VitalSign
from tests import builders as b
from tests.unit.scoring.core.state.test_noun_properties import HISTORIES
from tests.unit.scoring.core.test_properties import mixed

relaxed = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
EVERYTHING = mixed | HISTORIES
WHOLE = (Series, Fills)  # joined as a whole, by a function of their own


def known_from(history: list[AnyCareEvent]) -> PatientState:
    state = PatientState(b.PATIENT)
    for event in history:
        evolve(state, event)
    return state


def test_every_belief_of_a_patient_has_a_rule_of_union() -> None:
    """A new field of the state fails here until union.py says how two pictures of it become one."""
    assert set(PatientState.__struct_fields__) == BELIEFS.keys() | NOT_BELIEFS


@pytest.mark.parametrize("noun", list(NOUNS), ids=lambda noun: noun.__name__)
def test_every_field_of_a_noun_has_a_rule_of_union(noun: type[Struct]) -> None:
    assert set(noun.__struct_fields__) == set(NOUNS[noun])


def test_every_noun_that_changes_in_place_has_a_table_or_is_joined_whole() -> None:
    hints = get_type_hints(PatientState)
    nouns = {found for name in BELIEFS for found in _structs(hints[name])}

    changing = {noun for noun in nouns if not noun.__struct_config__.frozen}
    assert {noun.__name__ for noun in changing} == {noun.__name__ for noun in (*NOUNS, *WHOLE)} | {
        "Condition",
        "Contact",
    }


def _structs(hint: object) -> set[type[Struct]]:
    if isinstance(hint, type) and issubclass(hint, Struct):
        return {hint}.union(*(_structs(inner) for inner in get_type_hints(hint).values()))
    return {found for one in get_args(hint) for found in _structs(one)}


@relaxed
@given(one=EVERYTHING, other=EVERYTHING)
def test_it_does_not_matter_who_is_joined_to_whom(one: list[AnyCareEvent], other: list[AnyCareEvent]) -> None:
    first, second = known_from(one), known_from(other)

    assert united(first, second) == united(second, first)


@relaxed
@given(one=EVERYTHING, other=EVERYTHING, third=EVERYTHING)
def test_nor_in_which_groups(one: list[AnyCareEvent], other: list[AnyCareEvent], third: list[AnyCareEvent]) -> None:
    a, c, e = known_from(one), known_from(other), known_from(third)

    assert united(united(a, c), e) == united(a, united(c, e))


@relaxed
@given(history=EVERYTHING)
def test_nor_how_often(history: list[AnyCareEvent]) -> None:
    state = known_from(history)

    assert united(state, state) == state
    assert united(state, PatientState(b.PATIENT)) == state


@relaxed
@given(history=EVERYTHING, data=st.data())
def test_facts_that_came_to_two_records_make_the_picture_they_would_have_made_in_one(
    history: list[AnyCareEvent], data: st.DataObject
) -> None:
    sides = data.draw(st.lists(st.booleans(), min_size=len(history), max_size=len(history)))
    left = [event for event, side in zip(history, sides, strict=True) if side]
    right = [event for event, side in zip(history, sides, strict=True) if not side]

    assert united(known_from(left), known_from(right)) == known_from(history)


def test_readings_of_two_series_stand_in_the_order_of_their_times() -> None:
    one, other = known_from([b.weight(70.0, 1)]), known_from([b.weight(71.0, 0), b.weight(72.0, 2)])

    series = united_series(one.vitals[VitalSign.BODY_WEIGHT], other.vitals[VitalSign.BODY_WEIGHT])

    assert series.numbers().tolist() == [71_000, 70_000, 72_000]


def test_of_two_first_moments_the_lesser_holds_and_nought_means_none() -> None:
    assert [first_number(*pair) for pair in ((3, 5), (5, 3), (0, 5), (5, 0), (0, 0))] == [3, 3, 5, 5, 0]


def test_of_two_series_the_later_word_of_a_device_holds() -> None:
    early, late = (known_from([b.measured(VitalSign.SYSTOLIC, 120, day)]).vitals[VitalSign.SYSTOLIC] for day in (0, 3))

    assert united_series(early, late).heard_at == united_series(late, early).heard_at == late.heard_at > early.heard_at


def test_a_device_that_measured_for_both_did_so_from_the_earlier_day_to_the_later() -> None:
    def of(*days: int) -> Series:
        said = [b.measured(VitalSign.SYSTOLIC, 120, day).model_copy(update={"device_id": "cuff"}) for day in days]
        return known_from(said).vitals[VitalSign.SYSTOLIC]

    first, last = (seconds_of(b.when(day, "07:00")) for day in (0, 9))

    assert united_series(of(0, 5), of(3, 9)).devices == {"cuff": (first, last)}
    assert united_series(of(3, 9), of(0, 5)).devices == {"cuff": (first, last)}


def test_of_two_series_the_older_one_leaves_its_readings_to_the_past_where_that_is_kept() -> None:
    old, new = (known_from([b.measured(VitalSign.SYSTOLIC, 120, day)]).vitals[VitalSign.SYSTOLIC] for day in (0, 40))

    assert past_rows(united_series(old, new, keep_past=True).past) == [(seconds_of(b.when(0, "07:00")), 120_000)]
    assert past_rows(united_series(old, new).past) == []
