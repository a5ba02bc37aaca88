"""The conformance page is found out from the code: what is required, used, read instead, or without effect."""

from pathlib import Path

import pytest

from care_intake.adapters import conformance_document
from care_intake.adapters.conformance_document import (
    DOCUMENT,
    SERVED,
    document,
    found_out,
    hl7_sample,
    machine_readable,
    sample,
)
from care_intake.core.conformance import facts_of, hl7_roles, json_roles
from care_intake.core.fhir_messages import TRANSLATORS
from care_intake.core.formats import Format
from care_intake.core.hl7_messages import ROOMS, WHO_IS_WHO
from tests.intake_builders import raw, visit


@pytest.fixture(scope="module")
def discharge() -> dict[str, str]:
    roles = hl7_roles(hl7_sample("ADT", "A03"))
    found = dict.fromkeys(roles.required, "required") | dict.fromkeys(roles.used, "used")
    return found | dict.fromkeys(roles.instead, "instead") | dict.fromkeys(roles.without_effect, "nothing")


@pytest.mark.parametrize(
    ("field", "role"),
    [
        pytest.param("MSH-10", "required", id="a message without a number cannot be answered"),
        pytest.param("PID-3", "required", id="a message without a patient number is nobody's"),
        pytest.param("PV1-36", "used", id="where the patient went"),
        pytest.param("PV1-45", "used", id="when the patient left"),
        pytest.param("MSH-11", "required", id="production or test"),
        pytest.param("PID-11", "nothing", id="an address is not read"),
        pytest.param("PV1-7", "nothing", id="an attending clinician is not read"),
    ],
)
def test_what_a_field_of_a_discharge_does(discharge: dict[str, str], field: str, role: str) -> None:
    assert discharge[field] == role


def test_a_field_that_counts_only_when_another_is_empty_is_found() -> None:
    roles = hl7_roles(hl7_sample("ADT", "A03"))

    assert roles.instead["MSH-7"] == "EVN-2"


def test_a_record_of_ours_needs_its_plan_and_keeps_the_place_to_itself() -> None:
    roles = json_roles(raw(visit("missed", reason_code="220", dialect="A", location="home")), Format.EVV)

    assert {"visit_id", "patient.value", "status", "scheduled_start", "scheduled_end"} <= set(roles.required)
    assert "discipline" in roles.used
    assert "location" in roles.without_effect


@pytest.mark.parametrize("kind", sorted(ROOMS.keys() - {WHO_IS_WHO}))
def test_every_kind_of_hl7_message_has_a_sample_that_becomes_facts(kind: str) -> None:
    for event in ROOMS[kind][0]:
        assert facts_of(hl7_sample(kind, event), Format.HL7), event


def test_a_merge_needs_both_numbers_and_a_link_two_persons() -> None:
    merge, link = hl7_roles(sample("MERGE.hl7")), hl7_roles(sample("LINK.hl7"))

    assert {"PID-3", "MRG-1"} <= set(merge.required)
    assert {"PID-3", "PID(2)-3"} <= set(link.required)


@pytest.mark.parametrize("name", ["Appointment", "Condition", "Encounter", "Observation", "Patient"])
def test_a_sample_of_a_resource_becomes_facts(name: str) -> None:
    assert name in TRANSLATORS
    assert facts_of(sample(f"{name}.json"), Format.FHIR)


def test_the_committed_page_and_what_is_served_are_what_the_code_says() -> None:
    found = found_out()

    assert DOCUMENT.read_text("utf-8") == document(found), "run: make contracts"
    assert (SERVED / "conformance.md").read_text("utf-8") == document(found)
    assert (SERVED / "conformance.json").read_text("utf-8") == machine_readable(found)


def test_an_event_may_have_a_sample_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ADT-A13.hl7").write_text("MSH|^~\\&|OWN||||1||ADT^A13|1|P|2.5")
    monkeypatch.setattr(conformance_document, "SAMPLES", tmp_path)

    assert b"|OWN|" in hl7_sample("ADT", "A13")
