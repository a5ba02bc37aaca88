"""The ledger of the clinical catalogue: every vector is shown by a scenario or a test that exists."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

from tests.play_scenario import report, table
from tests.unit.scoring.test_scenarios import FOLDER, read_scenarios, scenarios

ROOT = Path(__file__).resolve().parents[3]
LEDGER = FOLDER / "ledger" / "clinical.yaml"
# What a scenario's name may begin with when it shows a vector: «rule 7», «TCM-h», «V5», «T10», «1.6», «section 6.1».
NAMES_A_VECTOR = re.compile(r"(rule \d+|TCM-[a-o]|[VT]\d+|\d\.\d+|section \d\.\d)\b")


def vectors() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each vector with what shows it."""
    for chapter, held in yaml.safe_load(LEDGER.read_text("utf-8")).items():
        for vector, shown in held.items():
            yield f"{chapter}, {vector}", (shown,) if isinstance(shown, str) else tuple(shown)


@cache
def named() -> tuple[str, ...]:
    return tuple(f"{scenario.file}: {scenario.words['name']}" for scenario in scenarios())


@cache
def text_of(path: str) -> str:
    file = ROOT / path
    return file.read_text("utf-8") if file.is_file() else ""


def shows(place: str) -> bool:
    """A test that holds those words, or scenarios whose name begins so."""
    path, is_a_test, words = place.partition("::")
    if is_a_test:
        return words in text_of(path)
    return any(name.startswith(place) for name in named())


@pytest.mark.parametrize(("vector", "shown"), list(vectors()), ids=lambda part: part if isinstance(part, str) else "")
def test_a_vector_is_shown(vector: str, shown: tuple[str, ...]) -> None:
    assert shown, f"nothing shows {vector}"
    assert [place for place in shown if not shows(place)] == []


def test_a_scenario_that_names_a_vector_stands_in_the_ledger() -> None:
    listed = {place for _, shown in vectors() for place in shown}
    unlisted = [
        name
        for name in named()
        if NAMES_A_VECTOR.match(name.partition(": ")[2]) and not any(name.startswith(place) for place in listed)
    ]

    assert unlisted == []


def test_a_scenario_that_fails_is_told_with_its_history_and_counted(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(
        "rule: TCM-CONTACT\nscenarios:\n  - name: nobody called, and nothing is expected\n    history:\n"
        "      - {at: 2027-03-05 10:00, discharged: {to: home}}\n"
        "      - {at: 2027-03-09 12:00, diagnosis: I50.9}\n    until: 2027-03-09 18:00\n    expect: []\n"
    )
    [scenario] = read_scenarios(file)
    passed, lines = report(scenario)

    assert not passed
    assert "    2027-03-09 12:00 opened P2 contact_due_today" in lines
    assert "    Tue 2027-03-09 12:00  condition-recorded" in lines
    assert table([(scenario.rule, passed), (scenario.rule, True)])[-1] == "| all | 2 | 1 |"
