"""Clinics, devices and hospitals speak FHIR: one resource, or a Bundle of many."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from care_intake.core.effects import Quarantine, Reject
from care_intake.core.formats import Format
from care_shared.contracts.care_events import CareEvent, VitalSignRecorded, VitalSignRetracted
from care_shared.vocabulary import Disposition, EncounterClass, MeasurementSlot, ReadingQuality, SensitivityLabel
from tests.intake_builders import NOW, Json, facts, judge, left_aside, observation, only, refused, said

EIGHT = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
SUBJECT = {"identifier": {"system": "urn:oid:1.2.3", "value": "4711"}}


def kinds(value: Json) -> list[str]:
    return [fact.model_dump()["type"] for fact in facts(value)]


def pressure(*parts: Json, **changes: Any) -> Json:
    return observation("85354-9", None, "", component=list(parts), **changes)


def part(code: str, value: float | None) -> Json:
    return {
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        **({"valueQuantity": {"value": value, "unit": "mmHg"}} if value is not None else {"dataAbsentReason": {}}),
    }


class TestObservation:
    def test_a_reading(self) -> None:
        fact = only(observation("29463-7", 176.37, "[lb_av]"), "vital-sign-recorded")

        assert (fact.value, fact.occurred_at, fact.recorded_at, fact.quality) == (
            80.0,
            EIGHT,
            NOW,
            ReadingQuality.VALID,
        )

    def test_both_halves_of_a_pressure(self) -> None:
        upper, lower = facts(pressure(part("8480-6", 142), part("8462-4", 88)))

        assert isinstance(upper, VitalSignRecorded)
        assert isinstance(lower, VitalSignRecorded)
        assert (upper.value, lower.value, upper.panel) == (142, 88, lower.panel)

    def test_half_a_pressure_says_nothing(self) -> None:
        reasons = [one.reason for one in left_aside(pressure(part("8480-6", 142), part("8462-4", None)))]

        assert "is half of a blood pressure" in reasons
        assert "has no value" in reasons

    @pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
    def test_what_was_entered_in_error_is_taken_back(self, status: str) -> None:
        [right] = facts(observation("29463-7", 80, "kg"))
        [wrong] = facts(observation("29463-7", 80, "kg", status=status))

        assert isinstance(right, VitalSignRecorded)
        assert isinstance(wrong, VitalSignRetracted)
        assert wrong.observation_id == right.observation_id

    def test_a_pressure_is_taken_back_whole(self) -> None:
        value = pressure(part("8480-6", None), part("8462-4", None), status="entered-in-error")

        assert kinds(value) == ["vital-sign-retracted"] * 2

    def test_the_part_of_the_day(self) -> None:
        timing = {"event": ["2026-11-20T07:00:00-05:00"], "repeat": {"when": ["ACM"]}}
        value = observation("2339-0", 130, "mg/dL", effectiveTiming=timing)
        del value["effectiveDateTime"]

        fact = only(value, "vital-sign-recorded")

        assert (fact.slot, fact.occurred_at) == (MeasurementSlot.FASTING, datetime(2026, 11, 20, 12, 0, tzinfo=UTC))

    def test_a_sensitive_record_stays_sensitive(self) -> None:
        security = {"security": [{"code": "R"}, {"code": "ETH"}]}

        fact = only(observation("8867-4", 72, "/min", meta=security), "vital-sign-recorded")

        assert fact.labels == (SensitivityLabel.SUBSTANCE_USE,)

    def test_a_laboratory_result(self) -> None:
        laboratory = [{"coding": [{"code": "laboratory"}]}]

        fact = only(observation("2345-7", 147, "mg/dL", category=laboratory), "lab-resulted")

        assert (fact.test.code, fact.value, fact.unit) == ("2345-7", 147, "mg/dL")

    def test_a_typed_reading_is_not_automatic(self) -> None:
        typed = only(observation("8867-4", 72, "/min", performer=[{"reference": "Patient/1"}]), "vital-sign-recorded")
        device = only(observation("8867-4", 72, "/min", device={"display": "cuff"}), "vital-sign-recorded")

        assert (typed.automatic, device.automatic, device.device_id) == (False, True, "cuff")

    @pytest.mark.parametrize("status", ["preliminary", "registered", "unknown"])
    def test_what_is_not_final_waits(self, status: str) -> None:
        assert left_aside(observation("8867-4", 72, "/min", status=status))[0].reason == "is not a final result"

    @pytest.mark.parametrize(
        ("changes", "path"),
        [
            pytest.param({"status": "done"}, "Observation.status", id="a status that is none"),
            pytest.param({"effectiveDateTime": "lately"}, "Observation.effectiveDateTime", id="a time that is none"),
            pytest.param({"effectiveDateTime": ""}, "Observation.effectiveDateTime", id="no time"),
            pytest.param({"subject": {"display": "Ada"}}, "Observation.subject", id="a name is no patient"),
            pytest.param({"valueQuantity": {"value": "80"}}, "Observation.valueQuantity.value", id="a number as text"),
            pytest.param({"component": [{}]}, "Observation.component[0].code", id="a component without a code"),
        ],
    )
    def test_the_element_that_stands_in_the_way_is_named(self, changes: Json, path: str) -> None:
        assert refused(observation("29463-7", 80, "kg", **changes)).field == path


def encounter(status: str, code: str = "IMP", **changes: Any) -> Json:
    return {
        "resourceType": "Encounter",
        "id": "e1",
        "status": status,
        "class": {"code": code},
        "identifier": [{"system": "urn:oid:1.9", "value": "V100"}],
        "subject": SUBJECT,
        "period": {"start": "2026-11-14T08:05:00-05:00", "end": "2026-11-20T14:22:00-05:00"},
        "hospitalization": {"dischargeDisposition": {"coding": [{"code": "01"}]}},
    } | changes


class TestEncounter:
    @pytest.mark.parametrize(
        ("status", "code", "expected"),
        [
            pytest.param("finished", "IMP", ["hospital-admitted", "hospital-discharged"], id="a stay from end to end"),
            pytest.param("finished", "OBSENC", ["hospital-admitted", "hospital-discharged"], id="observation"),
            pytest.param("finished", "EMER", ["emergency-arrived", "emergency-departed"], id="emergency"),
            pytest.param("in-progress", "IMP", ["hospital-admitted"], id="under way"),
            pytest.param("arrived", "EMER", ["emergency-arrived"], id="emergency under way"),
            pytest.param("entered-in-error", "IMP", ["admission-cancelled"], id="never was"),
        ],
    )
    def test_which_facts_a_stay_is(self, status: str, code: str, expected: list[str]) -> None:
        assert kinds(encounter(status, code)) == expected

    def test_a_discharge(self) -> None:
        fact = only(encounter("finished"), "hospital-discharged")

        assert fact.occurred_at == datetime(2026, 11, 20, 19, 22, tzinfo=UTC)
        assert (fact.disposition, fact.encounter_class) == (Disposition.HOME, EncounterClass.INPATIENT)

    @pytest.mark.parametrize(("code", "is_remote"), [("AMB", False), ("VR", True)])
    def test_a_clinic_visit_opens_no_stay_and_the_patient_was_seen(self, code: str, is_remote: bool) -> None:
        fact = only(encounter("finished", code), "appointment-fulfilled")

        assert (fact.telehealth, fact.occurred_at) == (is_remote, datetime(2026, 11, 20, 19, 22, tzinfo=UTC))

    @pytest.mark.parametrize("status", ["in-progress", "cancelled", "planned"])
    def test_a_clinic_visit_that_has_not_taken_place_is_no_fact(self, status: str) -> None:
        assert left_aside(encounter(status, "AMB"))

    def test_a_stay_without_a_beginning_is_only_known_to_be(self) -> None:
        assert kinds(encounter("in-progress", period={})) == ["encounter-updated"]

    def test_a_finished_stay_without_an_end_is_refused(self) -> None:
        assert refused(encounter("finished", period={})).field == "Encounter.period.end"


class TestPatient:
    def test_who(self) -> None:
        value = {
            "resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1942-03-22",
            "identifier": [{"system": "urn:oid:1.2.3", "value": "4711"}],
            "name": [{"use": "old", "family": "X"}, {"use": "official", "family": "Sim", "given": ["Pat", "Q"]}],
            "telecom": [{"system": "email", "value": "a@b"}, {"system": "phone", "use": "home", "value": "555-0100"}],
            "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/timezone", "valueCode": "America/Chicago"}],
        }  # fmt: skip

        fact = only(value, "patient-updated")

        assert (fact.family_name, fact.given_name, fact.birth_date) == ("Sim", "Pat", date(1942, 3, 22))
        assert (fact.phone, fact.home_zone, fact.sex) == ("555-0100", "America/Chicago", "female")
        assert [one.value for one in fact.identifiers] == ["4711"]

    def test_a_death(self) -> None:
        value = {"resourceType": "Patient", "id": "p1", "deceasedDateTime": "2026-11-19"}

        assert only(value, "patient-deceased").occurred_at == datetime(2026, 11, 19, 5, 0, tzinfo=UTC)


class TestCondition:
    @pytest.mark.parametrize(
        ("status", "verification", "active"),
        [("active", "confirmed", True), ("resolved", "confirmed", False), ("active", "entered-in-error", False),
         ("", "", True)],
    )  # fmt: skip
    def test_a_diagnosis_holds_or_no_longer(self, status: str, verification: str, active: bool) -> None:
        value = {
            "resourceType": "Condition", "subject": SUBJECT,
            "clinicalStatus": {"coding": [{"code": status}]},
            "verificationStatus": {"coding": [{"code": verification}]},
            "code": {"coding": [{"system": "http://snomed.info/sct", "code": "42343007"},
                                {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I50.9"}]},
        }  # fmt: skip

        fact = only(value, "condition-recorded")

        assert (fact.condition.code, fact.active) == ("I50.9", active)


class TestAppointment:
    @staticmethod
    def appointment(status: str, **changes: Any) -> Json:
        return {
            "resourceType": "Appointment", "id": "a1", "status": status, "start": "2026-11-24T10:00:00-05:00",
            "specialty": [{"text": "Cardiology"}], "created": "2026-11-20",
            "participant": [{"actor": {"reference": "Practitioner/1"}, "status": "accepted"},
                            {"actor": {"reference": "Patient/77"}, "status": "accepted"}],
        } | changes  # fmt: skip

    @pytest.mark.parametrize(
        ("status", "expected"),
        [("booked", "appointment-booked"), ("fulfilled", "appointment-fulfilled"), ("noshow", "appointment-no-show"),
         ("cancelled", "appointment-cancelled"), ("entered-in-error", "appointment-cancelled")],
    )  # fmt: skip
    def test_what_became_of_it(self, status: str, expected: str) -> None:
        fact = only(self.appointment(status), expected)

        assert (fact.starts_at, fact.specialty) == (datetime(2026, 11, 24, 15, 0, tzinfo=UTC), "Cardiology")

    def test_noshow_does_not_say_who(self) -> None:
        absent = [{"actor": {"reference": "Patient/77"}, "status": "declined"}]

        assert only(self.appointment("noshow"), "appointment-no-show").patient_absent is None
        assert only(self.appointment("noshow", participant=absent), "appointment-no-show").patient_absent is True

    def test_what_is_only_proposed_waits(self) -> None:
        assert left_aside(self.appointment("proposed"))[0].reason == "is not settled yet"

    def test_a_meeting_without_a_patient_is_left_aside(self) -> None:
        assert left_aside(self.appointment("booked", participant=[]))[0].where == "Appointment.participant"


def bundle(kind: str, *resources: Json) -> Json:
    entries = [{"fullUrl": f"urn:uuid:{number}", "resource": one} for number, one in enumerate(resources)]
    return {"resourceType": "Bundle", "type": kind, "id": "b1", "entry": entries}


class TestBundle:
    def test_references_are_resolved_inside(self) -> None:
        patient = {"resourceType": "Patient", "identifier": [{"system": "urn:oid:1.2.3", "value": "4711"}]}
        reading = observation("29463-7", 80, "kg", subject={"reference": "urn:uuid:0"})

        [translation] = said(bundle("collection", patient, reading)).translations

        assert [one.value for one in translation.patient.identifiers] == ["4711"]
        assert len(translation.facts) == 2

    def test_a_reference_is_never_fetched(self) -> None:
        reading = observation("29463-7", 80, "kg", subject={"reference": "http://169.254.169.254/latest/meta-data"})

        assert refused(bundle("transaction", reading)).field == "Bundle.entry[0].resource.subject"

    def test_a_conditional_reference_names_the_patient(self) -> None:
        reading = observation("29463-7", 80, "kg", subject={"reference": "Patient?identifier=urn:oid:1.2.3|4711"})

        assert said(reading).translations[0].patient == said(observation("29463-7", 80, "kg")).translations[0].patient

    @pytest.mark.parametrize(("kind", "is_refused"), [("transaction", True), ("batch", False), ("collection", False)])
    def test_one_bad_entry_stops_a_transaction_and_no_batch(self, kind: str, is_refused: bool) -> None:
        value = bundle(kind, observation("29463-7", 80, "kg"), observation("29463-7", 80, "kg", subject={}))

        if is_refused:
            assert refused(value).field == "Bundle.entry[1].resource.subject"
        else:
            assert kinds(value) == ["vital-sign-recorded"]
            assert left_aside(value)[0].where == "Bundle.entry[1].resource.subject"

    def test_what_we_do_not_use_is_said(self) -> None:
        value = bundle("transaction", observation("29463-7", 80, "kg"), {"resourceType": "Slot"})

        assert [(one.where, one.reason) for one in left_aside(value)] == [
            ("Bundle.entry[1].resource", "is not a resource that rules use")
        ]

    def test_two_patients_in_one_bundle_stay_two(self) -> None:
        other = {"identifier": {"system": "urn:oid:1.2.3", "value": "4712"}}
        value = bundle("batch", observation("29463-7", 80, "kg"), observation("29463-7", 70, "kg", subject=other))

        assert len(said(value).translations) == 2

    @pytest.mark.parametrize(
        ("value", "path"),
        [
            pytest.param({"resourceType": "Bundle", "type": "history"}, "Bundle.type", id="a history"),
            pytest.param(bundle("batch", *[{"resourceType": "Device"}] * 1001), "Bundle.entry", id="1001 entries"),
            pytest.param(
                {"resourceType": "Bundle", "type": "batch", "entry": [{}]}, "Bundle.entry[0].resource", id="none"
            ),
            pytest.param(bundle("message", {"resourceType": "Patient"}), "Bundle.entry[0].resource", id="no header"),
            pytest.param({"resourceType": "Slot"}, "resourceType", id="alone and not used"),
        ],
    )
    def test_what_is_refused(self, value: Json, path: str) -> None:
        assert refused(value).field == path

    def test_a_door_lets_in_its_own_resource_only(self) -> None:
        effect = judge(observation("29463-7", 80, "kg"), form=Format.FHIR, resource="Patient").decision.effect

        assert isinstance(effect, Reject | Quarantine)

    def test_a_message_has_a_number_and_a_resource_has_none(self) -> None:
        header = {"resourceType": "MessageHeader", "eventCoding": {"code": "notification-vitals"}}

        assert judge(bundle("message", header, observation("29463-7", 80, "kg"))).decision.claim == "b1"
        assert judge(bundle("batch", observation("29463-7", 80, "kg"))).decision.claim == ""


def notification(event: str, status: str, **changes: Any) -> Json:
    header = {
        "resourceType": "MessageHeader", "eventCoding": {"code": f"notification-{event}"},
        "focus": [{"reference": "urn:uuid:1"}],
    }  # fmt: skip
    stay = encounter(status, **changes)
    condition = {
        "resourceType": "Condition", "subject": SUBJECT, "encounter": {"reference": "urn:uuid:1"},
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I50.9"}]},
    }  # fmt: skip
    return bundle("message", header, stay, condition) | {"timestamp": "2026-11-20T20:00:00Z"}


class TestNotification:
    @pytest.mark.parametrize(
        ("event", "status", "expected"),
        [
            ("discharge", "finished", "hospital-discharged"), ("admit", "in-progress", "hospital-admitted"),
            ("admit", "finished", "hospital-admitted"), ("transfer", "in-progress", "hospital-admitted"),
            ("admit", "cancelled", "admission-cancelled"),
        ],
    )  # fmt: skip
    def test_one_event_one_fact(self, event: str, status: str, expected: str) -> None:
        assert kinds(notification(event, status)) == [expected, "condition-recorded"]

    def test_the_diagnosis_comes_along(self) -> None:
        fact: CareEvent = only(notification("discharge", "finished"), "hospital-discharged")

        assert [one["code"] for one in fact.model_dump()["diagnoses"]] == ["I50.9"]
        assert fact.stated_at == datetime(2026, 11, 20, 20, 0, tzinfo=UTC)

    def test_a_focus_outside_the_message_is_refused(self) -> None:
        value = notification("discharge", "finished")
        value["entry"][0]["resource"]["focus"] = [{"reference": "Encounter/elsewhere"}]

        assert refused(value).field == "Bundle.entry[0].resource.focus[0]"

    def test_another_event_is_not_ours(self) -> None:
        value = notification("discharge", "finished")
        value["entry"][0]["resource"]["eventCoding"] = {"code": "patient-link"}

        assert refused(value).field == "Bundle.entry[0].resource.eventCoding"


def linked(kind: str, other: Json) -> Json:
    return {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:oid:1.2.3", "value": "1"}],
        "link": [{"type": kind, "other": other}],
    }


@pytest.mark.parametrize(
    ("kind", "survivor"),
    [
        pytest.param("replaces", "1", id="this record is the one to use"),
        pytest.param("seealso", "1", id="both are the same person"),
        pytest.param("replaced-by", "2", id="the other record is the one to use"),
        pytest.param("refer", "2", id="the other record is where to look"),
    ],
)
def test_a_link_says_which_record_is_to_be_used(kind: str, survivor: str) -> None:
    [tie] = said(linked(kind, {"identifier": {"system": "urn:oid:1.2.3", "value": "2"}})).ties

    assert tie.is_one
    assert tie.survivor.value == survivor
    assert {tie.survivor.value, tie.other.value} == {"1", "2"}


def test_a_link_of_a_record_with_itself_is_left_aside_with_its_reason() -> None:
    found = said(linked("seealso", {"identifier": {"system": "urn:oid:1.2.3", "value": "1"}}))

    assert found.ties == ()
    assert [(one.where, one.reason) for one in found.ignored] == [("Patient.link[0].other", "names this record itself")]


@pytest.mark.parametrize(
    ("patient", "field"),
    [
        pytest.param(linked("twin", {"reference": "Patient/2"}), "Patient.link[0].type", id="an unknown kind of link"),
        pytest.param(linked("replaces", {}), "Patient.link[0].other", id="a link to nobody"),
    ],
)
def test_a_link_that_says_too_little_is_refused_by_its_element(patient: Json, field: str) -> None:
    assert refused(patient).field == field
