"""What hospitals' codes mean in our words."""

import pytest

from care_intake.core import codes
from care_shared.vocabulary import AdmissionType, Disposition, EncounterClass, SensitivityLabel


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        pytest.param("01", "", Disposition.HOME, id="01"),
        pytest.param("1", "", Disposition.HOME, id="1 as Da Vinci sends it"),
        pytest.param("81", "", Disposition.HOME, id="81 home with a planned readmission"),
        pytest.param("02", "", Disposition.OTHER_HOSPITAL, id="02"),
        pytest.param("66", "", Disposition.OTHER_HOSPITAL, id="66 critical access hospital"),
        pytest.param("03", "", Disposition.SKILLED_NURSING, id="03"),
        pytest.param("61", "", Disposition.SKILLED_NURSING, id="61 swing bed"),
        pytest.param("06", "", Disposition.HOME_HEALTH, id="06"),
        pytest.param("07", "", Disposition.LEFT_AGAINST_ADVICE, id="07"),
        pytest.param("20", "", Disposition.EXPIRED, id="20"),
        pytest.param("50", "", Disposition.HOSPICE, id="50 hospice at home"),
        pytest.param("62", "", Disposition.REHABILITATION, id="62"),
        pytest.param("63", "", Disposition.LONG_TERM_ACUTE, id="63"),
        pytest.param("65", "", Disposition.PSYCHIATRIC, id="65"),
        pytest.param("99", "", Disposition.OTHER, id="a number nobody defined"),
        pytest.param("snf", "", Disposition.SKILLED_NURSING, id="FHIR's own code"),
        pytest.param("", "Discharged to home care or self care (routine discharge)", Disposition.HOME, id="Synthea"),
        pytest.param("", "Discharged home with home health services", Disposition.HOME_HEALTH, id="words, home health"),
        pytest.param("", "Hospice - home", Disposition.HOSPICE, id="hospice at home is hospice"),
        pytest.param("Admitted as Inpatient", "", Disposition.UNKNOWN, id="words that say nothing of it"),
        pytest.param("", "", Disposition.UNKNOWN, id="nothing stated"),
    ],
)
def test_where_the_patient_went(code: str, text: str, expected: Disposition) -> None:
    assert codes.disposition(code, text) is expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("I", EncounterClass.INPATIENT), ("E", EncounterClass.EMERGENCY), ("O", EncounterClass.AMBULATORY),
        ("P", EncounterClass.PRE_ADMISSION), ("V", EncounterClass.OBSERVATION), ("IMP", EncounterClass.INPATIENT),
        ("EMER", EncounterClass.EMERGENCY), ("OBSENC", EncounterClass.OBSERVATION), ("HH", EncounterClass.HOME_HEALTH),
        ("IP", EncounterClass.INPATIENT), ("OBV", EncounterClass.OBSERVATION), ("OUT", EncounterClass.AMBULATORY),
        ("N", EncounterClass.UNKNOWN), ("", EncounterClass.UNKNOWN),
    ],
)  # fmt: skip
def test_the_kind_of_stay(code: str, expected: EncounterClass) -> None:
    assert codes.encounter_class(code) is expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [("E", AdmissionType.EMERGENCY), ("1", AdmissionType.EMERGENCY), ("U", AdmissionType.URGENT),
     ("C", AdmissionType.ELECTIVE), ("3", AdmissionType.ELECTIVE), ("Z", AdmissionType.UNKNOWN)],
)  # fmt: skip
def test_how_urgent_the_admission_was(code: str, expected: AdmissionType) -> None:
    assert codes.admission_type(code) is expected


def test_security_codes_become_labels_and_ordinary_ones_do_not() -> None:
    assert codes.sensitivity(["N", "SUD", "42CFRPart2", "TREAT"]) == (
        SensitivityLabel.PART_2,
        SensitivityLabel.SUBSTANCE_USE,
    )


def test_coding_systems_get_their_uri() -> None:
    assert codes.coding_system("I10") == "http://hl7.org/fhir/sid/icd-10-cm"
    assert codes.coding_system("LN") == "http://loinc.org"
    assert codes.coding_system("LOCAL") == "LOCAL"
