"""Which group a diagnosis belongs to, with the look-alikes that belong to none."""

from datetime import date
from importlib.resources import files

import pytest

from care_scoring.core.codes.conditions import (
    CHARLSON_CATEGORIES,
    FMC_GROUPS,
    ICD10_PREFIXES,
    SNOMED_CODES,
    UAMCC_GROUPS,
    groups_of_plain,
    is_kept,
    plain_code,
)
from care_scoring.core.scores.comorbidities import load_code_groups
from care_scoring.core.state.conditions import groups_held, groups_of, kept_code, was_diagnosed_before
from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import CodedConcept
from care_shared.vocabulary import EncounterId
from tests.builders import Known, has_condition, play, when
from tests.chart_builders import fact

ICD, SNOMED = "http://hl7.org/fhir/sid/icd-10-cm", "http://snomed.info/sct"
CHARLSON = load_code_groups((files("care_scoring") / "codes" / "charlson_icd10cm_2027.yaml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("system", "code", "inside", "outside"),
    [
        pytest.param(ICD, "I50.22", {"heart-failure", "tfu-heart-failure"}, {"hypertension"}, id="heart failure"),
        pytest.param("", "i5022", {"heart-failure"}, set(), id="no dot, no system, small letters"),
        pytest.param(ICD, "I11.0", {"heart-failure", "hypertension"}, {"essential-hypertension"}, id="both in one"),
        pytest.param(ICD, "I11.9", {"hypertension"}, {"heart-failure"}, id="hypertension without failure"),
        pytest.param(ICD, "I10", {"essential-hypertension", "tfu-hypertension-medium"}, set(), id="essential"),
        pytest.param(ICD, "I16.1", {"tfu-hypertension-high"}, {"tfu-hypertension-medium"}, id="a crisis"),
        pytest.param(ICD, "E11.9", {"diabetes", "diabetes-type-2"}, {"tfu-diabetes-high"}, id="diabetes"),
        pytest.param(ICD, "E10.10", {"diabetes-type-1", "tfu-diabetes-high"}, set(), id="ketoacidosis"),
        pytest.param(ICD, "E11.641", {"tfu-diabetes-high"}, set(), id="hypoglycaemia with coma"),
        pytest.param(ICD, "E11.649", {"diabetes"}, {"tfu-diabetes-high"}, id="hypoglycaemia without coma"),
        pytest.param(ICD, "E11.319", {"diabetic-retinopathy"}, set(), id="retinopathy"),
        pytest.param(ICD, "E11.36", {"diabetes"}, {"diabetic-retinopathy"}, id="a cataract is no retinopathy"),
        pytest.param(ICD, "I20.0", {"tfu-cad-high", "ascvd"}, {"tfu-cad-low"}, id="unstable angina"),
        pytest.param(ICD, "I20.9", {"tfu-cad-low"}, {"tfu-cad-high"}, id="stable angina"),
        pytest.param(ICD, "I25.10", {"tfu-cad-low"}, {"acute-mi"}, id="coronary disease"),
        pytest.param(ICD, "I25.2", {"acute-mi"}, {"tfu-cad-high"}, id="an old infarction is a group, no acute event"),
        pytest.param(ICD, "J45.909", {"asthma", "tfu-asthma"}, {"copd"}, id="asthma"),
        pytest.param(ICD, "I48.91", {"atrial-fibrillation"}, set(), id="fibrillation"),
        pytest.param(ICD, "I48.92", set(), {"atrial-fibrillation"}, id="flutter"),
        pytest.param(ICD, "N18.6", {"ckd", "esrd"}, set(), id="end-stage"),
        pytest.param(ICD, "F11.20", {"substance-use", "opioid-use"}, {"mental-illness"}, id="opioid use"),
        pytest.param(ICD, "F17.210", set(), {"substance-use"}, id="smoking is not counted"),
        pytest.param(ICD, "T42.4X2A", {"self-harm", "overdose"}, set(), id="poisoned on purpose"),
        pytest.param(ICD, "T40.2X1A", {"overdose"}, {"self-harm"}, id="an overdose by accident"),
        pytest.param(ICD, "T40.2X5A", set(), {"overdose", "self-harm"}, id="an adverse effect"),
        pytest.param(ICD, "T71.112A", {"self-harm"}, {"overdose"}, id="asphyxiation on purpose"),
        pytest.param(
            ICD, "T58.02XA", {"self-harm"}, {"overdose"}, id="exhaust gas on purpose: the intent comes earlier"
        ),
        pytest.param(ICD, "T58.01XA", set(), {"self-harm"}, id="exhaust gas by accident"),
        pytest.param(ICD, "T36.92XA", {"self-harm", "overdose"}, set(), id="a drug without a name, on purpose"),
        pytest.param(ICD, "T36.96XA", set(), {"self-harm", "overdose"}, id="too little of a drug without a name"),
        pytest.param(ICD, "H90.3", set(), {"heart-failure"}, id="a code of no group"),
        pytest.param(SNOMED, "84114007", {"heart-failure"}, set(), id="SNOMED heart failure"),
        pytest.param(SNOMED, "I50.22", set(), {"heart-failure"}, id="an ICD code in the wrong system"),
        pytest.param(ICD, "84114007", set(), {"heart-failure"}, id="a SNOMED code in the wrong system"),
    ],
)
def test_diagnoses_are_grouped_by_code(system: str, code: str, inside: set[str], outside: set[str]) -> None:
    groups = set(groups_of(system, code))

    assert inside <= groups
    assert not outside & groups


def test_the_eight_groups_of_fmc_know_neither_diabetes_nor_hypertension() -> None:
    members = {group for groups in FMC_GROUPS.values() for group in groups}

    assert len(FMC_GROUPS) == 8
    assert not members & {"diabetes", "hypertension"}
    assert set(UAMCC_GROUPS) - set(FMC_GROUPS) == {"diabetes"}
    assert members <= set(ICD10_PREFIXES)


def test_every_code_that_weighs_in_an_index_is_kept_and_no_other_category() -> None:
    prefixes = {plain_code(prefix) for group in CHARLSON.prefixes.values() for prefix in group}

    assert all(is_kept(prefix) for prefix in prefixes)
    assert {prefix[:3] for prefix in prefixes if not prefix.startswith("C")} <= CHARLSON_CATEGORIES
    assert {category for category in CHARLSON_CATEGORIES if not category.startswith("C")} <= {
        prefix[:3] for prefix in prefixes
    }


def test_prefixes_are_plain_and_snomed_groups_are_groups() -> None:
    assert all(prefix == plain_code(prefix) for prefixes in ICD10_PREFIXES.values() for prefix in prefixes)
    assert set(SNOMED_CODES) <= set(ICD10_PREFIXES)
    assert groups_of_plain("") == frozenset()
    assert kept_code(ICD, "H90.3") is None


ED_DAY = date(2027, 4, 10)


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        pytest.param([has_condition("I50.9", "2027-01-05")], True, id="this year"),
        pytest.param([has_condition("I50.9", "2026-02-01")], True, id="the year before"),
        pytest.param([has_condition("I50.9", "2027-04-10")], False, id="at the visit itself"),
        pytest.param([has_condition("I50.9", "2027-04-11")], False, id="after it"),
        pytest.param([has_condition("I10", "2027-01-05")], False, id="another condition"),
        pytest.param(
            [has_condition("I50.9", "2024-01-05", active=True, known=Known(when("2024-01-05")))],
            True,
            id="on the problem list for years",
        ),
        pytest.param(
            [has_condition("I50.9", "2024-01-05"), has_condition("I50.9", "2026-12-01", active=False)],
            False,
            id="resolved since",
        ),
    ],
)
def test_a_condition_counts_when_it_was_known_before(history: list[facts.AnyCareEvent], expected: bool) -> None:
    assert was_diagnosed_before(play(history).state.conditions, ("heart-failure",), ED_DAY) is expected


def test_a_diagnosis_of_an_old_stay_alone_is_no_problem_list() -> None:
    stay = fact(
        facts.HospitalAdmitted, "2024-05-01", encounter_id="old", diagnoses=(CodedConcept(system=ICD, code="J44.1"),)
    )
    state = play([stay]).state

    assert state.encounters[EncounterId("old")].codes == ("J441",)
    assert not was_diagnosed_before(state.conditions, ("copd",), ED_DAY)
    assert was_diagnosed_before(state.conditions, ("copd",), date(2025, 1, 1))


def test_all_groups_a_patient_has() -> None:
    held = groups_held(play([has_condition("I50.9"), has_condition("E11.9", active=False)]).state.conditions)

    assert "heart-failure" in held
    assert "diabetes" not in held
