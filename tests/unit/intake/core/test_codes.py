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


# UB-04 form locator 17 (HL7 table 0112): code, the place, and how hospitals put it in words.
UB04 = [
    (1, Disposition.HOME, "Discharged to home or self care (routine discharge)"),
    (2, Disposition.OTHER_HOSPITAL, "Discharged/transferred to a short-term general hospital for inpatient care"),
    (3, Disposition.SKILLED_NURSING, "Discharged/transferred to SNF with Medicare certification"),
    (4, Disposition.OTHER, "Discharged/transferred to a facility that provides custodial or supportive care"),
    (5, Disposition.OTHER_HOSPITAL, "Discharged/transferred to a designated cancer center or children's hospital"),
    (6, Disposition.HOME_HEALTH, "Home under care of an organized home health service organization"),
    (7, Disposition.LEFT_AGAINST_ADVICE, "Left against medical advice or discontinued care"),
    (20, Disposition.EXPIRED, "Expired"),
    (21, Disposition.OTHER, "Discharged/transferred to court/law enforcement"),
    (40, Disposition.EXPIRED, "Expired at home"),
    (41, Disposition.EXPIRED, "Expired in a medical facility"),
    (42, Disposition.EXPIRED, "Expired - place unknown"),
    (43, Disposition.OTHER_HOSPITAL, "Discharged/transferred to a federal health care facility"),
    (50, Disposition.HOSPICE, "Hospice - home"),
    (51, Disposition.HOSPICE, "Hospice - medical facility"),
    (61, Disposition.SKILLED_NURSING, "Transferred to a hospital-based Medicare approved swing bed"),
    (62, Disposition.REHABILITATION, "Transferred to an inpatient rehabilitation facility (IRF)"),
    (63, Disposition.LONG_TERM_ACUTE, "Transferred to a Medicare certified long term care hospital (LTCH)"),
    (64, Disposition.SKILLED_NURSING, "Nursing facility certified under Medicaid but not under Medicare"),
    (65, Disposition.PSYCHIATRIC, "Psychiatric hospital or psychiatric distinct part unit of a hospital"),
    (66, Disposition.OTHER_HOSPITAL, "Discharged/transferred to a critical access hospital (CAH)"),
    (69, Disposition.OTHER, "Transferred to a designated disaster alternative care site"),
    (70, Disposition.OTHER, "Another type of health care institution not defined elsewhere in this code list"),
]
# The same places with a readmission that is planned: 81-95.
PLANNED = {
    81: 1,
    82: 2,
    83: 3,
    84: 4,
    85: 5,
    86: 6,
    87: 21,
    88: 43,
    89: 61,
    90: 62,
    91: 63,
    92: 64,
    93: 65,
    94: 66,
    95: 70,
}


@pytest.mark.parametrize(("number", "expected", "words"), UB04)
def test_every_code_of_the_bill_however_it_is_written(number: int, expected: Disposition, words: str) -> None:
    written = [str(number), f"{number:02}", f"{number:03}", f"{number:02} - {words}", words, words.upper()]

    assert {one: codes.disposition(one) for one in written} == dict.fromkeys(written, expected)
    assert codes.disposition(f"{number:02}", words, "HL70112") is expected
    assert codes.disposition("", f"{number:02}") is expected


@pytest.mark.parametrize(("number", "place"), PLANNED.items())
def test_a_planned_readmission_is_the_same_place(number: int, place: int) -> None:
    assert codes.disposition(str(number)) is codes.disposition(str(place))
    words = next(words for one, _, words in UB04 if one == place)
    told = f"{words} with a planned acute care hospital inpatient readmission"
    assert codes.disposition(told) is codes.disposition(str(place))


@pytest.mark.parametrize(
    ("code", "text", "system", "expected"),
    [
        pytest.param("1", "Skilled nursing facility", "99LOC", Disposition.SKILLED_NURSING, id="a local table's words"),
        pytest.param("1", "", "99LOC", Disposition.HOME, id="a local table without words"),
        pytest.param("1", "Whatever", "L", Disposition.HOME, id="words that say nothing"),
        pytest.param("19", "Usual place of residence", "", Disposition.HOME, id="a number of another country"),
        pytest.param("30", "", "", Disposition.UNKNOWN, id="still a patient"),
        pytest.param("HOME", "", "", Disposition.HOME, id="HOME"),
        pytest.param("D/C Home", "", "", Disposition.HOME, id="discharged home, short"),
        pytest.param("Home-Health Care Svc", "", "", Disposition.HOME_HEALTH, id="a well-known record's words"),
        pytest.param("HHS", "", "", Disposition.HOME_HEALTH, id="HHS"),
        pytest.param("AMA", "", "", Disposition.LEFT_AGAINST_ADVICE, id="AMA"),
        pytest.param("LWBS", "Left without being seen", "", Disposition.LEFT_AGAINST_ADVICE, id="not seen"),
        pytest.param("IRF", "", "", Disposition.REHABILITATION, id="IRF"),
        pytest.param("EXP", "", "", Disposition.EXPIRED, id="EXP"),
        pytest.param("Assisted Living", "", "", Disposition.HOME, id="assisted living is home"),
        pytest.param("X7", "", "", Disposition.UNKNOWN, id="a local code nobody explained"),
    ],
)
def test_where_the_patient_went_by_other_tables(code: str, text: str, system: str, expected: Disposition) -> None:
    assert codes.disposition(code, text, system) is expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Inpatient", EncounterClass.INPATIENT), ("Emergency Room", EncounterClass.EMERGENCY),
        ("Pre-Admit", EncounterClass.PRE_ADMISSION), ("Same_Day Surgery", EncounterClass.AMBULATORY),
        ("Observation", EncounterClass.OBSERVATION), ("Skilled Nursing Facility", EncounterClass.SKILLED_NURSING),
    ],
)  # fmt: skip
def test_the_kind_of_stay_in_words(words: str, expected: EncounterClass) -> None:
    assert codes.encounter_class(words) is expected


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
