"""A message can be shown to a colleague: no value of a patient survives, and its structure does."""

import json

import pytest

from care_intake.core.formats import Format
from care_intake.core.masking import masked
from tests.intake_builders import adt, observation, raw, visit


def test_an_hl7_message_shows_its_segments_and_no_value() -> None:
    shown = masked(adt("A03", pid={5: "O'NEIL^ANN", 19: "123-45-6789"}), Format.HL7)

    lines = shown.splitlines()
    assert [line[:3] for line in lines] == ["MSH", "EVN", "PID", "PV1"]
    assert lines[0].startswith("MSH|^~\\&|")
    assert "|ADT^A03|" in lines[0]
    assert lines[2] == "PID|||9999^^^9.9.9&9.9.9&xxx^xx||x'xxxx^xxx||99999999|x|||||999-9999||||||999-99-9999"
    for secret in ("NEIL", "4711", "19410322", "GENERAL", "V100"):
        assert secret not in shown


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(b"MSH|^~\\&|A|B|C|D|2026||SMITH^JOHN|1|P|2.5", id="a name where the kind of message belongs"),
        pytest.param(b"SMITH JOHN 19410322", id="no message at all"),
        pytest.param(b"MSHSMITHSJOHN", id="a letter as separator"),
        pytest.param(b"MSH|SMITH|JOHN", id="a name where the separators belong"),
        pytest.param(b"SMITH|JOHN", id="a name where the segment's name belongs"),
    ],
)
def test_a_value_in_the_wrong_place_is_masked_too(message: bytes) -> None:
    shown = masked(message, Format.HL7)

    assert "SMITH" not in shown
    assert "JOHN" not in shown


def test_json_shows_its_keys_and_no_value() -> None:
    shown = json.loads(masked(raw(observation("29463-7", 80.5, "kg")), Format.FHIR))

    assert shown["resourceType"] == "Observation"
    assert shown["valueQuantity"] == {"value": "99.9", "unit": "xx", "code": "xx"}
    assert shown["effectiveDateTime"] == "9999-99-99x99:99:99-99:99"


@pytest.mark.parametrize(
    ("body", "form"),
    [
        pytest.param(raw(visit("missed", note="SMITH")), Format.EVV, id="a field that nobody agreed on"),
        pytest.param(b'{"resourceType": "SMITH"}', Format.FHIR, id="a name as type"),
        pytest.param(b'{"JOHN SMITH": 1}', Format.FACTS, id="a name as key"),
        pytest.param(b'{"a": "SMITH"', Format.FHIR, id="not JSON"),
        pytest.param(b"id,name\n7,SMITH\n", Format.ROSTER, id="a table"),
        pytest.param(b"[" * 100_000 + b'"SMITH"', Format.FHIR, id="nested without end"),
    ],
)
def test_json_that_was_never_agreed_is_masked_too(body: bytes, form: Format) -> None:
    assert "SMITH" not in masked(body, form)
