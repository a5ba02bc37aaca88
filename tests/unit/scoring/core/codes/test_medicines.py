"""Which drug and class a code or name stands for, and which test a LOINC code is."""

import pytest

from care_scoring.core.codes.lab_tests import LOINC, LabTest, lab_test_of
from care_scoring.core.codes.medicines import ATC, NAMES, RXNORM, MedicineClass, classes_of, ingredient_of

RX = "http://www.nlm.nih.gov/research/umls/rxnorm"
WHO = "http://www.whocc.no/atc"
M = MedicineClass


@pytest.mark.parametrize(
    ("system", "code", "display", "ingredient", "classes"),
    [
        pytest.param(RX, "1364445", "Eliquis (apixaban) 5 MG", "apixaban", {M.ANTICOAGULANT}, id="by its name"),
        pytest.param(RX, "1364430", "", "apixaban", {M.ANTICOAGULANT}, id="by its RxNorm ingredient"),
        pytest.param(WHO, "C03CA01", "", "furosemide", {M.LOOP_DIURETIC}, id="by its ATC code"),
        pytest.param(WHO, "A10AE04", "", "insulin", {M.INSULIN}, id="by an ATC prefix"),
        pytest.param("", "insulin glargine", "", "insulin", {M.INSULIN}, id="by text alone"),
        pytest.param(RX, "312961", "Simvastatin 20 MG", "simvastatin", {M.STATIN}, id="a statin"),
        pytest.param(RX, "x", "empagliflozin 10 MG", "empagliflozin", None, id="in two classes"),
        pytest.param(RX, "999", "Amoxicillin", "999", set(), id="of no class it keeps its code"),
        pytest.param("http://hl7.org/fhir/sid/ndc", "0003-0894-21", "", "0003-0894-21", set(), id="a bare NDC"),
    ],
)
def test_a_medicine_is_known_by_name_or_code(
    system: str, code: str, display: str, ingredient: str, classes: set[MedicineClass] | None
) -> None:
    assert ingredient_of(system, code, display) == ingredient
    expected = {M.OTHER_GLUCOSE_LOWERING, M.HEART_FAILURE_THERAPY} if classes is None else classes
    assert classes_of(ingredient) == expected


def test_every_code_leads_to_a_name_of_some_class() -> None:
    names = {name for names in NAMES.values() for name in names}

    assert set(ATC.values()) | set(RXNORM.values()) <= names
    assert set(NAMES) == set(MedicineClass)


def test_a_loinc_code_is_a_named_test_or_none() -> None:
    assert lab_test_of("4548-4") is LabTest.A1C
    assert lab_test_of("99999-9") is None
    assert set(LOINC.values()) == set(LabTest)
