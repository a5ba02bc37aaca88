"""Anyone can check a score by hand: JSON in, JSON out, one line and code 65 for a wrong answer."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from care_cli.commands.clinical_scores import SCORES
from care_cli.commands.score import score
from care_cli.main import EXIT_DATA, exit_code
from care_shared.errors import CareError, UnusableMessageError

RUNNER = CliRunner()
LACE_B = '{"length_of_stay_days": 1, "acute": true, "conditions": ["heart-failure"], "ed_visits_6_months": 1}'


def printed(*arguments: str) -> dict[str, object]:
    result = RUNNER.invoke(score, arguments)
    assert result.exit_code == 0, result.exception
    found: dict[str, object] = json.loads(result.stdout)
    return found


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        pytest.param("lace", LACE_B, {"total": 7, "band": "moderate", "missing": []}, id="LACE-b"),
        pytest.param("hospital", '{"sodium": 134}', {"status": "not computed", "total": None}, id="HOSPITAL in part"),
        pytest.param("news2", '{"heart_rate": 131}', {"flags": ["single-3"], "total": None}, id="NEWS2 in part"),
        pytest.param(
            "charlson",
            '{"icd10cm": ["I50.9"], "age_years": 67}',
            {"derived": {"age_points": 2, "age_adjusted": 3}, "total": 1},
            id="Charlson by code",
        ),
        pytest.param(
            "phq2", '{"items": [1, 1], "settings": {"positive_from": 2}}', {"band": "positive"}, id="PHQ-2 with its cut"
        ),
        pytest.param("phq9", '{"items": [0,0,1,1,0,0,0,0,1]}', {"total": 3, "flags": ["item-9"]}, id="PHQ-9"),
        pytest.param("zarit", '{"items": [2,2,2,2]}', {"total": 8, "model": "zarit4"}, id="Zarit by its length"),
        pytest.param("zarit4", '{"items": [2,2,2,1]}', {"total": 7, "band": "negative"}, id="ZBI-4"),
        pytest.param(
            "zarit12",
            '{"items": [1,1,1,1,1,1,1,1,1,1,1,1], "previous_total": 6}',
            {"derived": {"rise": 6}},
            id="ZBI-12",
        ),
        pytest.param(
            "hrsn", '{"transport": true}', {"status": "not computed", "flags": ["positive-screen"]}, id="HRSN"
        ),
        pytest.param("outreach", '{"deceased": true}', {"queue": "none", "sort_key": None}, id="outreach"),
    ],
)
def test_a_score_is_printed(name: str, given: str, expected: dict[str, object]) -> None:
    found = printed(name, "--json", given)

    assert {key: found[key] for key in expected} == expected
    assert found["version"]


def test_a_time_and_a_source_are_kept() -> None:
    given = '{"acute": {"value": true, "at": "2027-03-01T09:00:00-05:00", "source": "event-1"}}'

    assert printed("lace", "--json", given)["items"] == [
        {"name": "acute", "input": True, "points": 3, "at": "2027-03-01T09:00:00-05:00", "source": "event-1"}
    ]


def test_outreach_explains_itself() -> None:
    found = printed(
        "outreach", "--json", '{"as_of": "2027-03-03T12:00:00Z", "gaps": [{"name": "A1c", "due_in_hours": -2}]}'
    )

    assert found["top_factors"] == [
        {"domain": "gaps", "name": "gap: A1c", "input": -2.0, "points": 10, "lowered_by": "Do it and record it."}
    ]
    assert found["sort_key"] == {
        "without_p1": True,
        "without_p2": True,
        "earliest_deadline": "2027-03-03T10:00:00+00:00",
        "minus_total": -10,
        "last_contact": None,
        "patient_id": "",
    }


def test_answers_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "stay.json").write_text(LACE_B, "utf-8")

    assert printed("lace", "--file", str(tmp_path / "stay.json"))["total"] == 7


@pytest.mark.parametrize("name", SCORES)
def test_the_keys_are_explained(name: str) -> None:
    found = printed(name, "--schema")

    assert set(found) == {"score", "keys", "settings"}


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        pytest.param(["lace", "--json", '{"acute": "yes"}'], "acute should be a valid boolean", id="a wrong answer"),
        pytest.param(["phq2", "--json", '{"items": [1]}'], "items should have at least 2 items, not 1", id="too few"),
        pytest.param(
            ["outreach", "--json", '{"gaps": [{"name": "x"}]}'],
            "gaps, item 1, due_in_hours is missing",
            id="a part",
        ),
        pytest.param(["lace"], "--json or --file is needed, one of the two", id="nothing to score"),
        pytest.param(["lace", "--json", "{}", "--file", "x"], "--json or --file is needed, one of the two", id="both"),
    ],
)
def test_a_wrong_answer_ends_with_65(arguments: list[str], line: str) -> None:
    error = RUNNER.invoke(score, arguments).exception

    assert isinstance(error, UnusableMessageError)
    assert (str(error), exit_code(error)) == (line, EXIT_DATA)


def test_a_file_that_is_not_there_is_named() -> None:
    assert isinstance(RUNNER.invoke(score, ["lace", "--file", "nowhere.json"]).exception, CareError)
