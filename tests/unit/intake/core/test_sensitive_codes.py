"""Which diagnoses and medicines betray what the law protects."""

import pytest

from care_intake.core.sensitive_codes import labels_of_diagnosis, labels_of_medicine

ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
ICD9 = "http://hl7.org/fhir/sid/icd-9-cm"


@pytest.mark.parametrize(
    ("system", "code", "labels"),
    [
        pytest.param(ICD10, "F10.20", ["ETH"], id="alcohol"),
        pytest.param(ICD10, "F1120", ["ETH"], id="opioids, without the dot"),
        pytest.param(ICD10, "F19", ["ETH"], id="several substances"),
        pytest.param(ICD10, "F17.210", [], id="tobacco is not meant"),
        pytest.param(ICD10, "F32.9", [], id="depression is not meant"),
        pytest.param(ICD9, "303.90", ["ETH"], id="alcohol in ICD-9"),
        pytest.param(ICD9, "305.1", [], id="tobacco in ICD-9"),
        pytest.param(ICD9, "305.50", ["ETH"], id="opioids in ICD-9"),
        pytest.param(ICD10, "B20", ["HIV"], id="HIV disease"),
        pytest.param(ICD10, "Z21", ["HIV"], id="HIV without symptoms"),
        pytest.param(ICD10, "I50.23", [], id="heart failure"),
        pytest.param("", "F11.20", ["ETH"], id="a code of no named system"),
        pytest.param("LOCAL", "f11.20", ["ETH"], id="a code of a local system, in small letters"),
        pytest.param("http://snomed.info/sct", "304", [], id="a number of another system"),
    ],
)
def test_a_diagnosis(system: str, code: str, labels: list[str]) -> None:
    assert [label.value for label in labels_of_diagnosis(system, code)] == labels


@pytest.mark.parametrize(
    ("words", "labels"),
    [("Buprenorphine-naloxone 8 MG", ["ETH"]), ("SUBOXONE", ["ETH"]), ("Atorvastatin 10 MG", []), ("", [])],
)
def test_a_medicine(words: str, labels: list[str]) -> None:
    assert [label.value for label in labels_of_medicine(words)] == labels
