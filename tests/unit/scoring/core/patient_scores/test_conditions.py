"""Charlson from the diagnoses that reached us, by both sets of weights; silent while there are none."""

import pytest

from care_scoring.core.codes.charlson import comorbidity_of
from care_scoring.core.patient_scores.conditions import charlson_of
from care_scoring.core.patient_scores.picture import Picture
from care_scoring.core.patient_scores.standing import Standing
from care_scoring.core.scores.comorbidities import Comorbidity
from tests import builders as b
from tests.score_builders import told


def charlson_now(*codes: str, born: str = "1959-06-01") -> Standing | None:
    state = b.play([b.lives_in(b.HOME, birth_date=born), *(b.has_condition(code) for code in codes)]).state
    return charlson_of(Picture(state, b.when(0), b.POLICY.for_patient(state, b.when(0))))


@pytest.mark.parametrize(
    ("codes", "born", "total", "age_adjusted", "quan"),
    [
        pytest.param(["I50.22", "J44.9", "E11.9"], "1959-06-01", 3, 5, 3, id="67 years: heart failure, COPD, diabetes"),
        pytest.param(["F03.90", "N18.4", "I25.2"], "1945-01-01", 4, 8, 3, id="82 years: dementia, CKD 4, old MI"),
        pytest.param(["C18.9", "C78.7", "K70.0"], "1952-06-01", 7, 10, 8, id="74 years: metastases and mild liver"),
        pytest.param(["E11.9", "E11.22"], "1990-01-01", 2, 2, 1, id="diabetes coded both ways counts once"),
        pytest.param(["I10"], "1990-01-01", 0, 0, 0, id="diagnoses, but none of the index"),
    ],
)
def test_the_vectors(codes: list[str], born: str, total: int, age_adjusted: int, quan: int) -> None:
    found = charlson_now(*codes, born=born)

    assert found is not None
    derived = dict(found.score.derived)
    assert (found.score.total, derived["age_adjusted"], derived["quan-2011"]) == (total, age_adjusted, quan)


def test_without_any_diagnosis_there_is_no_index_and_not_a_nought() -> None:
    assert charlson_now() is None
    assert told(b.play([b.lives_in(b.HOME)]), "charlson") == []


def test_a_child_in_its_first_year_has_an_age_too_and_one_that_is_not_born_yet_has_none() -> None:
    newborn, unborn = charlson_now("I50.22", born="2027-01-15"), charlson_now("I50.22", born="2027-06-01")

    assert newborn is not None
    assert unborn is not None
    assert dict(newborn.score.derived)["age_adjusted"] == 1
    assert dict(unborn.score.derived)["age_adjusted"] is None


def test_a_diagnosis_withdrawn_counts_no_more_and_one_said_again_is_told_once() -> None:
    history = [b.has_condition("I50.22"), b.has_condition("I50.22"), b.has_condition("I50.22", 0, active=False)]

    assert [one.value for one in told(b.play(history), "charlson")] == [1, 0]


def test_the_other_weights_may_be_the_ones_told() -> None:
    played = b.play([b.has_condition("I50.22")], policy=b.policy_with("{scores: {charlson_weights: quan-2011}}"))

    assert [(one.value, one.model_version) for one in told(played, "charlson")] == [(2, "quan-2011")]


@pytest.mark.parametrize(
    ("code", "condition"),
    [
        pytest.param("I5022", Comorbidity.HEART_FAILURE, id="ICD-10-CM"),
        pytest.param("84114007", Comorbidity.HEART_FAILURE, id="SNOMED CT"),
        pytest.param("I10", None, id="most codes stand for none"),
    ],
)
def test_a_code_stands_for_a_condition(code: str, condition: Comorbidity | None) -> None:
    assert comorbidity_of(code) is condition
