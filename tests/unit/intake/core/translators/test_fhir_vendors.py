"""The same news as different vendors' servers write it: right patient, right time, right stay, or a reason."""

from datetime import UTC, datetime
from typing import Any

import pytest

from care_intake.core.identity import IssuedNumber
from tests.fhir_records import LOINC, bundle, concept, record, words
from tests.intake_builders import Json, facts, left_aside, observation, only, said

NPI = "http://hl7.org/fhir/sid/us-npi"
EIGHT = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)


def numbers_of(value: Json) -> set[IssuedNumber]:
    return {one for translation in said(value).translations for one in translation.patient.identifiers}


def pulse(**changes: Any) -> Json:
    return {k: v for k, v in (observation("8867-4", 72, "/min") | changes).items() if v is not None}


class TestWhose:
    @pytest.mark.parametrize(
        ("subject", "expected"),
        [
            pytest.param({"reference": "Patient/eq081-VQEgP8drUUqCWzHfw3", "display": "X"},
                         ("general/Patient", "RI", "eq081-VQEgP8drUUqCWzHfw3"), id="relative"),
            pytest.param({"reference": "https://fhir.hospital.example/r4/Patient/12724066"},
                         ("https://fhir.hospital.example/r4/Patient", "RI", "12724066"), id="absolute"),
            pytest.param({"reference": "Patient/127/_history/3"}, ("general/Patient", "RI", "127"), id="version"),
            pytest.param({"type": "Patient", "identifier": {"system": "urn:oid:1.2.3", "value": " 4711 "}},
                         ("1.2.3", "MR", "4711"), id="logical"),
            pytest.param({"reference": "Patient?identifier=urn:oid:1.2.3|4711"}, ("1.2.3", "MR", "4711"), id="query"),
            pytest.param({"identifier": {"system": "http://hl7.org/fhir/sid/us-mbi", "value": "1EG4-TE5-MK73"}},
                         ("http://hl7.org/fhir/sid/us-mbi", "MC", "1EG4-TE5-MK73"), id="Medicare's number"),
        ],
    )  # fmt: skip
    def test_a_reference_in_every_spelling(self, subject: Json, expected: tuple[str, str, str]) -> None:
        assert IssuedNumber(*expected) in numbers_of(pulse(subject=subject))

    @pytest.mark.parametrize("address", ["urn:uuid:1c2f", "https://hospital.example/fhir/Patient/p7"])
    def test_a_patient_in_the_message_brings_its_numbers(self, address: str) -> None:
        patient = {"resourceType": "Patient", "identifier": [{"system": "urn:oid:1.2.3", "value": "4711"}]}
        entries = [{"fullUrl": address, "resource": patient}, {"resource": pulse(subject={"reference": address})}]

        value = {"resourceType": "Bundle", "type": "transaction", "entry": entries}

        assert numbers_of(value) == {IssuedNumber("1.2.3", "MR", "4711")}

    def test_an_absolute_reference_and_the_record_behind_it_are_one_patient(self) -> None:
        address = "https://hospital.example/fhir/Patient/p7"
        entries = [{"fullUrl": address, "resource": {"resourceType": "Patient", "id": "p7"}}]

        known = numbers_of({"resourceType": "Bundle", "type": "collection", "entry": entries})

        assert numbers_of(pulse(subject={"reference": address})) <= known


class TestWhen:
    @pytest.mark.parametrize(
        "times",
        [
            {"effectiveDateTime": "2026-11-20T13:00:00Z"}, {"effectiveDateTime": "2026-11-20T08:00:00.000-05:00"},
            {"effectiveDateTime": "2026-11-20T13:00:00.1234567+00:00"[:19] + "+00:00"},
            {"effectiveInstant": "2026-11-20T08:00:00-05:00"},
            {"effectivePeriod": {"start": "2026-11-20T08:00:00-05:00"}},
            {"effectivePeriod": {"start": "2026-11-20T07:50:00-05:00", "end": "2026-11-20T08:00:00-05:00"}},
            {"effectiveTiming": {"event": ["2026-11-20T08:00:00-05:00"]}},
            {"issued": "2026-11-20T08:00:00.000-05:00"},
            {"effectiveDateTime": "2026-11-20T18:30:00+05:30"},
        ],
    )  # fmt: skip
    def test_the_moment_in_every_element_and_zone(self, times: Json) -> None:
        assert only(pulse(**{"effectiveDateTime": None, **times}), "vital-sign-recorded").occurred_at == EIGHT

    def test_a_condition_since_a_year_is_no_reason_to_refuse_it(self) -> None:
        value = record("Condition", code=concept("I50.9", "http://hl7.org/fhir/sid/icd-10-cm"), onsetDateTime="2015")

        assert only(value, "condition-recorded").occurred_at == datetime(2026, 11, 21, 14, 0, tzinfo=UTC)


class TestWhat:
    def test_a_condition_that_nobody_coded_is_left_aside(self) -> None:
        assert left_aside(record("Condition"))[0].where == "Condition.code"

    @pytest.mark.parametrize(
        "code",
        [
            pytest.param({"coding": [{"system": "urn:oid:1.2.246.8", "code": "8480"},
                                     {"system": LOINC, "code": "8867-4"}]}, id="the local code first"),
            pytest.param({"coding": [{"system": LOINC, "code": "8867-4"}], "text": "P"}, id="words"),
            pytest.param({"coding": [{"system": "urn:local", "code": "P", "display": "Heart Rate"}]}, id="only local"),
            pytest.param({"text": "Heart rate"}, id="only words"),
        ],
    )  # fmt: skip
    def test_a_code_among_others(self, code: Json) -> None:
        assert only(pulse(code=code), "vital-sign-recorded").value == 72

    @pytest.mark.parametrize(
        "quantity",
        [{"value": 72, "unit": "beats/minute", "system": "http://unitsofmeasure.org", "code": "/min"},
         {"value": 72.0, "unit": "bpm"}, {"value": 72}, {"value": 72, "code": "{Beats}/min"}],
    )  # fmt: skip
    def test_a_unit_in_every_spelling(self, quantity: Json) -> None:
        fact = only(pulse(valueQuantity=quantity), "vital-sign-recorded")

        assert (fact.value, fact.quality) == (72, "valid")

    def test_what_we_do_not_read_does_not_disturb(self) -> None:
        more = {
            "extension": [{"url": "http://open.epic.com/x", "valueCodeableConcept": {"text": "x"}}],
            "_status": {"extension": [{"url": "u", "valueString": "s"}]},
            "text": {"status": "generated", "div": "<div/>"},
            "meta": {"profile": ["http://profiles.example/us-core-heart-rate"], "versionId": "3"},
            "note": [{"text": "x"}], "bodySite": {"text": "x"}, "method": {"text": "x"}, "component": [],
        }  # fmt: skip

        assert only(pulse(**more), "vital-sign-recorded").value == 72

    def test_a_null_where_a_value_might_stand_is_nothing(self) -> None:
        assert only(pulse(device=None) | {"device": None, "note": None}, "vital-sign-recorded").value == 72

    def test_an_encounter_of_a_v2_class_by_its_name(self) -> None:
        value = record("Encounter", status="in-progress") | {"class": {"code": "13", "display": "Inpatient"}}

        assert only(value, "hospital-admitted").encounter_class == "inpatient"

    def test_a_stay_keeps_its_visit_number_through_reference_and_record(self) -> None:
        number = {"system": "urn:oid:1.9", "value": "V100"}
        stay = record("Encounter", status="in-progress", identifier=[number]) | {"class": {"code": "IMP"}}
        document = record(
            "DocumentReference", context={"encounter": [{"reference": "Encounter/9", "identifier": number}]}
        )

        admitted = only(stay, "hospital-admitted")

        assert only(document, "document-received").encounter_id == admitted.encounter_id

    def test_minutes_of_other_kinds_beside_a_bundle_are_said(self) -> None:
        other = [{"resourceType": kind, "id": "x"} for kind in ("Provenance", "Procedure", "Immunization", "Account")]
        value = bundle("batch", pulse(), *other)

        assert len(facts(value)) == 1
        assert len(left_aside(value)) == 4

    def test_a_care_manager_is_known_by_the_national_number(self) -> None:
        person = {
            "resourceType": "Practitioner",
            "id": "pr1",
            "identifier": [
                {"system": "urn:local", "value": "77"},
                {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"},
            ],
        }
        role = {"resourceType": "PractitionerRole", "id": "ro1", "practitioner": {"reference": "Practitioner/pr1"}}
        team = record("CareTeam", participant=[{"role": [words("Care manager")],
                                                "member": {"reference": "PractitionerRole/ro1"}}])  # fmt: skip

        assert only(bundle("collection", team, role, person), "care-team-changed").lead_care_manager == "1234567893"
