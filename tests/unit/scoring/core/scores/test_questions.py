"""A wrong answer is refused in one sentence that names its key, and never repeats its value."""

from pathlib import Path

import pytest

import care_scoring
from care_scoring.core.scores.catalogue import Calculator, catalogue
from care_scoring.core.scores.comorbidities import CodeGroups, load_code_groups
from care_shared.errors import ConfigurationError, UnusableMessageError

SHIPPED = Path(str(care_scoring.__file__)).parent / "codes" / "charlson_icd10cm_2027.yaml"
CALCULATORS = catalogue(load_code_groups(SHIPPED.read_text("utf-8")))


@pytest.mark.parametrize(
    ("score", "text", "field", "problem"),
    [
        pytest.param("lace", "{", "the input", "is not JSON", id="broken JSON"),
        pytest.param("lace", "[1]", "the input", "should be one JSON object", id="a list is no answer sheet"),
        pytest.param("lace", '{"acute": true, "acute": false}', "acute", "is given twice", id="said twice"),
        pytest.param("lace", '{"age": 80}', "age", "is not a key of this score", id="an unknown key"),
        pytest.param("lace", '{"Jane Doe": 80}', "one key", "is not a key", id="a key that may be a name"),
        pytest.param("lace", '{"acute": 1}', "acute", "should be a valid boolean", id="1 is no yes"),
        pytest.param(
            "lace", '{"length_of_stay_days": "3"}', "length_of_stay_days", "valid integer", id="a text is no number"
        ),
        pytest.param(
            "lace",
            '{"length_of_stay_days": -1}',
            "length_of_stay_days",
            "greater than or equal to 0",
            id="no negative stay",
        ),
        pytest.param(
            "lace", '{"length_of_stay_days": {"days": 3}}', "length_of_stay_days", "", id="an answer has a value"
        ),
        pytest.param("lace", '{"conditions": ["gout"]}', "conditions, item 1", "should be", id="an unknown condition"),
        pytest.param(
            "lace",
            '{"settings": {"high_from": 2}}',
            "settings",
            "high_from lies below moderate_from",
            id="bands out of order",
        ),
        pytest.param("lace", '{"settings": {"cut": 2}}', "settings, cut", "is not a key", id="an unknown setting"),
        pytest.param("lace", '{"settings": 3}', "settings", "should be an object", id="settings are an object"),
        pytest.param("lace", '{"discharged_on": "2026-02-30"}', "discharged_on", "valid date", id="no such day"),
        pytest.param(
            "lace",
            '{"admitted_on": "2026-03-02", "discharged_on": "2026-03-01"}',
            "discharged_on",
            "lies before",
            id="dates out of order",
        ),
        pytest.param(
            "lace",
            '{"admitted_on": "2026-03-02", "length_of_stay_days": 1}',
            "length_of_stay_days",
            "stand alone",
            id="days and dates",
        ),
        pytest.param(
            "lace",
            '{"comorbidity_sum": 2, "conditions": []}',
            "comorbidity_sum",
            "stand alone",
            id="sum and conditions",
        ),
        pytest.param(
            "lace",
            '{"ed_visits_6_months": 0, "ed_visits_include_admitting": true}',
            "ed_visits_6_months",
            "should count",
            id="no admitting visit in none",
        ),
        pytest.param(
            "hospital", '{"haemoglobin": 118}', "haemoglobin", "less than or equal to 30", id="g/L taken for g/dL"
        ),
        pytest.param("hospital", '{"sodium": NaN}', "sodium", "finite", id="not a number"),
        pytest.param(
            "hospital", '{"settings": {"variant": "2019"}}', "settings, variant", "should be", id="no such variant"
        ),
        pytest.param(
            "hospital",
            '{"settings": {"intermediate_from": 9}}',
            "settings",
            "high_from lies below",
            id="HOSPITAL bands out of order",
        ),
        pytest.param("news2", '{"spo2_scale": 3}', "spo2_scale", "should be 1 or 2", id="no such scale"),
        pytest.param("news2", '{"temperature": 98.6}', "temperature", "less than or equal to 46", id="Fahrenheit"),
        pytest.param(
            "news2",
            '{"heart_rate": {"value": 80, "at": "2026-03-02T10:00:00"}}',
            "heart_rate, at",
            "timezone",
            id="a time without its offset",
        ),
        pytest.param("news2", '{"consciousness": "alert"}', "consciousness", "should be", id="a letter, not a word"),
        pytest.param(
            "news2",
            '{"settings": {"urgent_from": 9}}',
            "settings",
            "emergency_from lies below",
            id="NEWS2 bands out of order",
        ),
        pytest.param(
            "charlson", '{"icd10cm": ["I50.9", "heart"]}', "icd10cm, item 2", "is not spelled", id="not a code"
        ),
        pytest.param("charlson", '{"icd10cm": [], "conditions": []}', "icd10cm", "stand alone", id="codes and names"),
        pytest.param(
            "charlson",
            '{"settings": {"weights": "lace"}}',
            "settings",
            "charlson-1987 or quan-2011",
            id="not a Charlson weight set",
        ),
        pytest.param("phq2", '{"items": [1]}', "items", "at least 2 items", id="too few items"),
        pytest.param(
            "phq9",
            '{"items": [0,0,0,0,0,0,0,0,4]}',
            "items, item 9",
            "less than or equal to 3",
            id="an item out of range",
        ),
        pytest.param("zarit12", '{"items": [1,1,1,1]}', "items", "at least 12 items", id="the short form for the long"),
        pytest.param(
            "zarit", '{"items": [1,1,1,1,1]}', "items", "should be four or twelve", id="a form of no known length"
        ),
        pytest.param("zarit", "{}", "items", "is missing", id="no form at all"),
        pytest.param(
            "zarit",
            '{"items": [1,1,1,1], "previous_total": 3}',
            "previous_total",
            "twelve items only",
            id="a rise of the short form",
        ),
        pytest.param(
            "hrsn", '{"safety": [0,1,1,1]}', "safety, item 1", "greater than or equal to 1", id="safety starts at 1"
        ),
        pytest.param("outreach", '{"pdc": 80}', "pdc", "less than or equal to 1", id="percent taken for a proportion"),
        pytest.param(
            "outreach", '{"gaps": [{"name": "A1c"}]}', "gaps, item 1, due_in_hours", "", id="a gap without its time"
        ),
        pytest.param(
            "outreach", '{"settings": {"today_from": 10}}', "settings", "should rise", id="outreach bands out of order"
        ),
        pytest.param(
            "outreach",
            '{"settings": {"gaps": {"cap": -1}}}',
            "settings, gaps, cap",
            "greater than",
            id="a negative cap",
        ),
    ],
)
def test_a_wrong_answer_is_named(score: str, text: str, field: str, problem: str) -> None:
    with pytest.raises(UnusableMessageError) as refused:
        CALCULATORS[score].compute(text)

    assert refused.value.field == field
    assert problem in refused.value.problem
    assert "\n" not in str(refused.value)


def test_whoever_guesses_a_key_is_told_which_there_are() -> None:
    with pytest.raises(UnusableMessageError) as refused:
        CALCULATORS["news2"].compute('{"spo2": 91}')

    assert "; there are respiratory_rate, " in refused.value.problem
    assert ", settings (--schema explains them)" in refused.value.problem


def test_whoever_guesses_a_setting_is_told_which_there_are() -> None:
    with pytest.raises(UnusableMessageError) as refused:
        CALCULATORS["zarit"].compute('{"items": [1, 1, 1, 1], "settings": {"cut": 7}}')

    assert str(refused.value).startswith("settings, cut is not a key of settings; there are ")


@pytest.mark.parametrize("calculator", CALCULATORS.values(), ids=CALCULATORS.keys())
def test_every_key_and_setting_is_explained(calculator: Calculator) -> None:
    schema = calculator.schema()

    assert schema["keys"]
    assert all(key["meaning"] for part in schema.values() for key in part.values())
    assert all(
        "default" in setting or "$ref" in setting or "properties" in setting for setting in schema["settings"].values()
    )


def test_a_null_is_an_answer_nobody_gave() -> None:
    computed = CALCULATORS["lace"].compute('{"acute": null}')

    assert "acute" in getattr(computed, "missing", ())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("version: [", "not YAML", id="broken"),
        pytest.param("version: ''\nprefixes: {}", "version", id="no version"),
        pytest.param("version: '1'\nprefixes: {gout: [M10]}", "prefixes.gout", id="an unknown condition"),
    ],
)
def test_code_groups_are_checked_whole(text: str, problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        load_code_groups(text)


def test_no_prefix_stands_for_two_conditions() -> None:
    groups: CodeGroups = load_code_groups(SHIPPED.read_text("utf-8"))
    prefixes = [prefix for held in groups.prefixes.values() for prefix in held]

    assert len(prefixes) == len(set(prefixes))
