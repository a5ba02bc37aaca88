"""Charlson with the weights of 1987 and of Quan 2011, from names and from codes."""

from pathlib import Path

import pytest

import care_scoring
from care_scoring.core.scores.charlson import CharlsonInput, CharlsonSettings, charlson
from care_scoring.core.scores.comorbidities import WEIGHTS, Comorbidity, WeightSet, load_code_groups
from care_scoring.core.scores.score import Answer

SHIPPED = Path(str(care_scoring.__file__)).parent / "codes" / "charlson_icd10cm_2027.yaml"
GROUPS = load_code_groups(SHIPPED.read_text("utf-8"))
QUAN = CharlsonSettings(weights=WeightSet.QUAN_2011)


def patient(age: int, *conditions: str) -> CharlsonInput:
    return CharlsonInput(conditions=Answer(tuple(Comorbidity(one) for one in conditions)), age_years=Answer(age))


FIRST = patient(67, "heart-failure", "chronic-pulmonary", "diabetes")
SECOND = patient(82, "dementia", "moderate-severe-renal", "myocardial-infarction")
THIRD = patient(74, "tumour", "metastatic-tumour", "mild-liver")


@pytest.mark.parametrize(
    ("asked", "settings", "total", "adjusted"),
    [
        pytest.param(FIRST, CharlsonSettings(), 3, 5, id="67 years, heart failure, COPD, diabetes"),
        pytest.param(SECOND, CharlsonSettings(), 4, 8, id="82 years, dementia, CKD 4, old infarction"),
        pytest.param(THIRD, CharlsonSettings(), 7, 10, id="74 years, metastases count once, not 9"),
        pytest.param(FIRST, QUAN, 3, 5, id="the first under Quan, the same by coincidence"),
        pytest.param(SECOND, QUAN, 3, 7, id="the second under Quan becomes 3"),
        pytest.param(THIRD, QUAN, 8, 11, id="the third under Quan: mild liver weighs 2"),
        pytest.param(
            patient(40, "diabetes", "diabetes-with-organ-damage"),
            CharlsonSettings(),
            2,
            2,
            id="diabetes coded both ways is 2, not 3",
        ),
        pytest.param(patient(40, "tumour", "leukaemia"), CharlsonSettings(), 4, 4, id="1987 names leukaemia apart"),
        pytest.param(patient(40, "tumour", "leukaemia"), QUAN, 2, 2, id="Quan has one malignancy"),
        pytest.param(patient(40), CharlsonSettings(), 0, 0, id="stated that there are none"),
    ],
)
def test_a_patient(asked: CharlsonInput, settings: CharlsonSettings, total: int, adjusted: int) -> None:
    score = charlson(asked, GROUPS, settings)

    assert score.total == total
    assert dict(score.derived)["age_adjusted"] == adjusted


@pytest.mark.parametrize(("age", "points"), [(49, 0), (50, 1), (59, 1), (60, 2), (69, 2), (70, 3), (79, 3), (80, 4)])
def test_age_adds_points(age: int, points: int) -> None:
    assert dict(charlson(patient(age), GROUPS).derived)["age_points"] == points


@pytest.mark.parametrize(
    ("code", "condition"),
    [
        ("I50.9", "heart-failure"),
        ("i509", "heart-failure"),
        ("I11.0", "heart-failure"),
        ("I25.2", "myocardial-infarction"),
        ("I25.10", None),
        ("I70.213", "peripheral-vascular"),
        ("I63.9", "cerebrovascular"),
        ("G30.9", "dementia"),
        ("J44.1", "chronic-pulmonary"),
        ("M32.10", "connective-tissue"),
        ("K25.4", "peptic-ulcer"),
        ("K70.30", "mild-liver"),
        ("K70.41", "moderate-severe-liver"),
        ("E11.9", "diabetes"),
        ("E11.65", "diabetes"),
        ("E11.21", "diabetes-with-organ-damage"),
        ("G81.94", "hemiplegia"),
        ("N18.2", "mild-renal"),
        ("N18.4", "moderate-severe-renal"),
        ("N18.30", "moderate-severe-renal"),
        ("Z99.2", "moderate-severe-renal"),
        ("C18.9", "tumour"),
        ("C44.91", None),
        ("C80.1", "tumour"),
        ("C91.10", "leukaemia"),
        ("C83.30", "lymphoma"),
        ("C78.7", "metastatic-tumour"),
        ("B20", "aids"),
        ("Z21", None),
        ("I10", None),
    ],
)
def test_a_code_stands_for_its_condition(code: str, condition: str | None) -> None:
    assert GROUPS.condition_of(code) == condition


def test_codes_are_the_evidence_of_their_conditions() -> None:
    codes = ("I10", "F03.90", "N18.4", "I25.2", "F03.91")

    score = charlson(CharlsonInput(icd10cm=Answer(codes, source="event-7"), age_years=Answer(82)), GROUPS)

    assert score.total == 4
    assert [(item.name, item.input, item.source) for item in score.items] == [
        ("myocardial-infarction", "I25.2", "event-7"),
        ("dementia", "F03.90", "event-7"),
        ("moderate-severe-renal", "N18.4", "event-7"),
    ]
    assert score.version == "charlson-1987, codes 2027.1"


def test_a_lighter_condition_says_where_it_is_counted() -> None:
    score = charlson(THIRD, GROUPS)

    assert score.notes == ("tumour is counted within metastatic-tumour",)
    assert [item.points for item in score.items] == [1, 0, 6]


def test_without_conditions_there_is_no_total_and_without_age_no_adjusted_one() -> None:
    nothing, ageless = charlson(CharlsonInput(), GROUPS), charlson(CharlsonInput(conditions=Answer(())), GROUPS)

    assert (nothing.total, nothing.missing) == (None, ("conditions", "age_years"))
    assert (ageless.total, ageless.missing, dict(ageless.derived)["age_adjusted"]) == (0, ("age_years",), None)


@pytest.mark.parametrize(
    ("weight_set", "weights"),
    [
        pytest.param(
            WeightSet.CHARLSON_1987, {1: 10, 2: 6, 3: 1, 6: 2}, id="1987: ten of 1, six of 2, one of 3, two of 6"
        ),
        pytest.param(WeightSet.QUAN_2011, {1: 4, 2: 7, 4: 2, 6: 1}, id="2011"),
        pytest.param(WeightSet.LACE, {1: 4, 2: 8, 3: 2, 4: 3, 6: 1}, id="LACE"),
    ],
)
def test_the_published_number_of_conditions_of_each_weight(weight_set: WeightSet, weights: dict[int, int]) -> None:
    found = list(WEIGHTS[weight_set].values())

    assert {weight: found.count(weight) for weight in sorted(set(found))} == weights
