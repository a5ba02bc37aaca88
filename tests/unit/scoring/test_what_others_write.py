"""Names, numbers and days that other systems write may be long or far away; no rule may fail on them."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from itertools import groupby
from zoneinfo import ZoneInfo

import pytest

from care_scoring.core.calendar import end_of_day
from care_scoring.core.effects import ClockTicked, RaiseAlert
from care_scoring.core.fold import fold, new_state
from care_shared.contracts.care_events import CARE_EVENT
from care_shared.vocabulary import VitalSign
from tests import builders as b
from tests.unit.scoring.test_scenarios import Scenario, history_of, scenarios

NAMES = {"display", "facility", "specialty", "agency", "name", "given", "family", "relationship"}
Change = Callable[[str, str], str]


def long_name(key: str, text: str) -> str:
    return f"{text} {'of the Sisters of Mercy ' * 9}"[:256] if key in NAMES else text


def long_number(key: str, text: str) -> str:
    return text.ljust(200, "0") if key.endswith("_id") and key not in {"event_id", "patient_id", "gap_id"} else text


def no_end(key: str, text: str) -> str:
    return "9999-12-31" if key.endswith("_on") and len(text) == len("2027-03-01") else text


def far_too_much(key: str, number: float) -> float:
    return number * 1e9


def less_than_nothing(key: str, number: float) -> float:
    return -number


def changed_numbers(value: object, change: Callable[[str, float], float], key: str = "") -> object:
    if isinstance(value, dict):
        return {name: changed_numbers(held, change, name) for name, held in value.items()}
    if isinstance(value, list):
        return [changed_numbers(held, change, key) for held in value]
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return type(value)(change(key, value)) if number else value


def changed(value: object, change: Change, key: str = "") -> object:
    if isinstance(value, dict):
        return {name: changed(held, change, name) for name, held in value.items()}
    if isinstance(value, list):
        return [changed(held, change, key) for held in value]
    return change(key, value) if isinstance(value, str) else value


def one_of_each_rule() -> Iterator[Scenario]:
    """The first scenario of each file in which something is told."""
    for _, of_file in groupby(scenarios(), key=lambda scenario: scenario.file):
        yield next(scenario for scenario in of_file if scenario.words["expect"])


@pytest.mark.parametrize("change", [long_name, long_number, no_end])
@pytest.mark.parametrize("scenario", list(one_of_each_rule()), ids=lambda scenario: scenario.file)
def test_no_rule_fails_on(change: Change, scenario: Scenario) -> None:
    state, told = new_state(b.PATIENT), 0
    for step in history_of(scenario):
        said = step if isinstance(step, ClockTicked) else changed(json.loads(step.model_dump_json()), change)
        event = said if isinstance(said, ClockTicked) else CARE_EVENT.validate_python(said)
        told += sum(isinstance(effect, RaiseAlert) for effect in fold(state, event, scenario.policy))

    assert told > 0 or change is no_end


@pytest.mark.parametrize("change", [far_too_much, less_than_nothing])
@pytest.mark.parametrize("scenario", list(one_of_each_rule()), ids=lambda scenario: scenario.file)
def test_no_number_stops_a_patient(change: Callable[[str, float], float], scenario: Scenario) -> None:
    state = new_state(b.PATIENT)
    for step in history_of(scenario):
        said = step if isinstance(step, ClockTicked) else changed_numbers(json.loads(step.model_dump_json()), change)
        list(fold(state, said if isinstance(said, ClockTicked) else CARE_EVENT.validate_python(said), scenario.policy))

    assert state.as_of is not None


@pytest.mark.parametrize("field", ["occurred_at", "stated_at"])
@pytest.mark.parametrize("moment", ["1851-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "2100-12-31T00:00:00Z"])
@pytest.mark.parametrize("scenario", list(one_of_each_rule()), ids=lambda scenario: scenario.file)
def test_no_clock_that_was_never_set_stops_a_patient(field: str, moment: str, scenario: Scenario) -> None:
    state = new_state(b.PATIENT)
    for step in history_of(scenario):
        said = step if isinstance(step, ClockTicked) else json.loads(step.model_dump_json()) | {field: moment}
        list(fold(state, said if isinstance(said, ClockTicked) else CARE_EVENT.validate_python(said), scenario.policy))

    assert state.as_of is not None


@pytest.mark.parametrize("value", [1e300, -1e300, 2_000_000.0, -2_000_000.0])
def test_what_no_meter_can_show_is_not_believed(value: float) -> None:
    state = new_state(b.PATIENT)
    list(fold(state, b.measured(VitalSign.GLUCOSE, 110.0, "2027-03-01", "07:00"), b.POLICY))
    list(fold(state, b.measured(VitalSign.GLUCOSE, value, "2027-03-01", "08:00"), b.POLICY))

    assert list(state.vitals[VitalSign.GLUCOSE].numbers()) == [110_000]


def test_a_day_without_an_end_has_a_last_moment_everywhere() -> None:
    assert end_of_day(date.max, ZoneInfo("Pacific/Honolulu")).year == 9999
