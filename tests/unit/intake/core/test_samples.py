"""Real files of other vendors: each ends as facts, as left aside with a reason, or as refused with a field."""

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from care_intake.core.translate import judge, reasons, translate
from care_intake.core.translation import type_of
from care_shared.contracts.care_events import CareEvent, EmergencyArrived, HospitalDischarged, VitalSignRecorded
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import Disposition, ReadingQuality, SensitivityLabel
from tests.intake_builders import NOW

SAMPLES = Path(__file__).resolve().parents[3] / "samples"
FOLDERS = ("fhir-converter/hl7v2", "hl7v2-edge-cases", "davinci-alerts", "us-core", "synthea")
FILES = [file for one in FOLDERS for file in sorted((SAMPLES / one).iterdir()) if file.suffix in (".hl7", ".json")]

# What many messages say beside their own news.
BESIDE = {"patient-updated", "patient-deceased", "coverage-changed", "result-pending"}
# File stem to the facts it holds beside those; nothing means left aside or held.
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
    "oru-r01-lab": "lab-resulted", "MDM-T02-01": "document-received", "mdm-t02-document": "document-received",
    "REF-I12-01": "referral-ordered", "SIU-S12-01": "appointment-booked", "SIU-S13-01": "appointment-booked",
    "SIU-S14-01": "appointment-booked", "SIU-S15-01": "appointment-cancelled", "SIU-S16-01": "appointment-cancelled",
    "SIU-S17-01": "appointment-cancelled", "SIU-S26-01": "appointment-no-show",
    "siu-s12-schedule": "appointment-booked",
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
    kinds = {type_of(fact) for fact in facts_of(file)} - BESIDE

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


def test_the_appointment_of_the_converter_s_samples() -> None:
    names = ("SIU-S12-01", "SIU-S13-01", "SIU-S14-01", "SIU-S15-01", "SIU-S17-01", "SIU-S26-01")
    found = [fact.model_dump() for name in names for fact in sample(name)]

    assert len({one["appointment_id"] for one in found}) == 1
    assert {one["starts_at"] for one in found} == {datetime(2021, 9, 24, 7, 15, tzinfo=UTC)}
    assert {one["specialty"] for one in found} == {"Gastroenterologist"}


def test_the_appointment_of_the_plain_sample_is_at_two_in_the_zone_of_the_feed() -> None:
    [fact] = sample("siu-s12-schedule")

    assert fact.model_dump()["starts_at"] == datetime(2026, 3, 25, 18, 0, tzinfo=UTC)


def test_the_insurances_of_donald_duck() -> None:
    found = [fact.model_dump() for fact in sample("ADT01-23") if type_of(fact) == "coverage-changed"]

    assert [(one["payer_kind"], one["plan"], one["starts_on"]) for one in found] == [
        ("medicare", "MEDICARE", date(1989, 10, 1)), ("other", "NON-PRIMARY", None),
    ]  # fmt: skip


def test_a_very_important_person_is_very_restricted() -> None:
    assert {fact.labels for fact in sample("ADT-A01-01")} == {(SensitivityLabel.VERY_RESTRICTED,)}
    # This one names no VIP, and its access restrictions (ARV) ended in 2022.
    assert {fact.labels for fact in sample("ADT-A06-01")} == {()}


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
    assert counts["vital-sign-recorded"] == 10


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


OPEN_MHEALTH = sorted((SAMPLES / "openmhealth").glob("*.json"))
# What the authors of the schemas refuse: three of theirs lack what makes a reading; units they do not know are kept.
NO_READING = {
    "blood-pressure-4.0-shouldFail-invalid-timeframe-format": "data_point.effective_time_frame.time_interval",
    "body-weight-2.0-shouldFail-missing-body-weight-value": "data_point.body_weight.value",
    "oxygen-saturation-2.0-shouldFail-missing-effective-time-frame": "data_point.effective_time_frame",
}
NEVER_JUDGED = {"blood-pressure-4.0-shouldFail-invalid-unit", "body-weight-2.0-shouldFail-invalid-unit"}


@pytest.mark.parametrize("file", OPEN_MHEALTH, ids=lambda file: file.stem)
def test_what_the_schema_authors_accept_is_read_or_left_aside_with_a_reason(file: Path) -> None:
    if file.stem in NO_READING:
        with pytest.raises(UnusableMessageError) as raised:
            facts_of(file)
        assert raised.value.field == NO_READING[file.stem]
        return
    found = [one for one in facts_of(file) if isinstance(one, VitalSignRecorded)]

    assert found or reasons(judge(file.read_bytes(), None, "America/New_York", NOW))
    assert {one.quality is ReadingQuality.VALID for one in found} <= {file.stem not in NEVER_JUDGED}


def test_the_readings_of_open_mhealth() -> None:
    names = ("blood-glucose", "blood-pressure-4.0-shouldPass", "body-temperature", "body-weight-2.0-shouldPass",
             "oxygen-saturation-2.0-shouldPass", "respiratory-rate")  # fmt: skip
    files = [one for name in names for one in OPEN_MHEALTH if one.name.startswith(name)]
    found = [one for file in files for one in facts_of(file) if isinstance(one, VitalSignRecorded)]

    assert [(one.code.name, one.value) for one in found] == [
        ("GLUCOSE", 95), ("SYSTOLIC", 115), ("DIASTOLIC", 60), ("BODY_TEMPERATURE", 36.11), ("BODY_WEIGHT", 50),
        ("OXYGEN_SATURATION", 95), ("RESPIRATORY_RATE", 12),
    ]  # fmt: skip
