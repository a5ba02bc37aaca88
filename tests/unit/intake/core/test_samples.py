"""Real files of other vendors: each ends as facts, as left aside with a reason, or as refused with a field."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from care_intake.core.translate import judge, reasons, translate
from care_intake.core.translation import type_of
from care_shared.contracts.care_events import CareEvent, EmergencyArrived, HospitalDischarged, VitalSignRecorded
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import Disposition
from tests.intake_builders import NOW

SAMPLES = Path(__file__).resolve().parents[3] / "samples"
FOLDERS = ("fhir-converter/hl7v2", "hl7v2-edge-cases", "davinci-alerts", "us-core", "synthea")
FILES = [file for one in FOLDERS for file in sorted((SAMPLES / one).iterdir()) if file.suffix in (".hl7", ".json")]

# File stem to the facts it holds beside patient-updated and patient-deceased; nothing means left aside or held.
HL7_FACTS = {
    "ADT-A01-01": "hospital-admitted", "ADT-A02-01": "encounter-updated", "ADT-A03-01": "hospital-discharged",
    "ADT-A04-01": "encounter-updated", "ADT-A05-01": "encounter-updated", "ADT-A06-01": "hospital-admitted",
    "ADT-A07-01": "encounter-updated", "ADT-A08-01": "encounter-updated", "ADT-A11-01": "admission-cancelled",
    "ADT-A13-01": "discharge-cancelled", "ADT01-23": "hospital-admitted", "ADT01-28": "hospital-admitted",
    "ADT04-23": "encounter-updated", "ADT04-251": "emergency-arrived", "ADT04-28": "hospital-admitted",
    "LAB-ORU-1": "lab-resulted", "LAB-ORU-2": "lab-resulted", "adt-a01-basic": "hospital-admitted",
    "adt-a01-full": "hospital-admitted", "edge-crlf-line-endings": "hospital-admitted",
    "edge-custom-delimiters": "hospital-admitted", "edge-escaped-delimiters": "hospital-admitted",
    "edge-field-repetitions": "hospital-admitted", "edge-non-ascii": "hospital-admitted",
    "edge-z-segments": "hospital-admitted", "invalid-trailing-empty-fields": "hospital-admitted",
    "oru-r01-lab": "lab-resulted",
}  # fmt: skip
REFUSED = {
    "edge-empty-segments": "PID-3", "invalid-missing-msh": "MSH", "invalid-segment-header-length": "segment 2",
    "invalid-wrong-version": "MSH-12",
}  # fmt: skip


def facts_of(file: Path) -> list[CareEvent]:
    return translate(file.read_bytes(), None, "America/New_York", NOW)


def sample(name: str) -> list[CareEvent]:
    [file] = [one for one in FILES if one.name.startswith(name)]
    return facts_of(file)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_file_ends_somewhere(file: Path) -> None:
    if file.stem in REFUSED:
        with pytest.raises(UnusableMessageError) as raised:
            facts_of(file)
        assert raised.value.field == REFUSED[file.stem]
    else:
        assert facts_of(file) or reasons(judge(file.read_bytes(), None, "America/New_York", NOW))


@pytest.mark.parametrize("file", [one for one in FILES if one.suffix == ".hl7"], ids=lambda file: file.stem)
def test_what_each_hospital_message_says(file: Path) -> None:
    if file.stem in REFUSED:
        return
    kinds = {type_of(fact) for fact in facts_of(file)} - {"patient-updated", "patient-deceased"}

    assert kinds == ({HL7_FACTS[file.stem]} if file.stem in HL7_FACTS else set())


def test_the_discharge_of_the_converter_s_sample() -> None:
    [fact] = [one for one in sample("ADT-A03-01") if isinstance(one, HospitalDischarged)]

    assert fact.occurred_at == datetime(2015, 2, 9, 10, 24, 19, tzinfo=UTC)
    assert fact.admitted_at == datetime(2015, 2, 8, 10, 24, 19, tzinfo=UTC)
    assert fact.facility == "HOMERTON UNIVER"
    assert [(one.system, one.code) for one in fact.diagnoses] == [("http://snomed.info/sct", "422504002")]


def test_notices_of_one_stay_in_the_converter_s_samples_share_its_id() -> None:
    names = ("ADT-A01-01", "ADT-A03-01", "ADT-A08-01", "ADT-A11-01", "ADT-A13-01")

    assert len({sample(name)[-1].model_dump()["encounter_id"] for name in names}) == 1


def test_the_same_stay_in_both_da_vinci_notifications() -> None:
    [arrived] = [one for one in sample("admit-notification") if isinstance(one, EmergencyArrived)]
    [left] = [one for one in sample("discharge-notification") if isinstance(one, HospitalDischarged)]

    assert arrived.encounter_id == left.encounter_id
    assert left.occurred_at == datetime(2018, 10, 24, 5, 22, 15, tzinfo=UTC)
    assert left.disposition is Disposition.HOME


def test_a_synthea_bundle() -> None:
    counts = Counter(type_of(fact) for fact in sample("Bernardo699"))

    assert counts["hospital-admitted"] == counts["hospital-discharged"] == 2
    assert counts["emergency-arrived"] == counts["emergency-departed"] == 2
    assert counts["condition-recorded"] == 26
    assert counts["vital-sign-recorded"] == 9


@pytest.mark.parametrize(
    ("name", "code", "value"),
    [
        ("weight", "29463-7", 20.09414),
        ("heart-rate", "8867-4", 44),
        ("respiratory-rate", "9279-1", 26),
        ("oxygen-saturation", "59408-5", 99),
        ("observation-satO2-fiO2", "59408-5", 95),
        ("temperature", "8310-5", 36.55556),
    ],
)
def test_the_readings_of_us_core(name: str, code: str, value: float) -> None:
    [fact] = sample(f"{name}.json")

    assert isinstance(fact, VitalSignRecorded)
    assert (fact.code, fact.value) == (code, value)
