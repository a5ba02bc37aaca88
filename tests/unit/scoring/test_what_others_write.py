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


def test_a_day_without_an_end_has_a_last_moment_everywhere() -> None:
    assert end_of_day(date.max, ZoneInfo("Pacific/Honolulu")).year == 9999
