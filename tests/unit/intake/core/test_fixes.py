"""An edited copy differs from its original at the named places only, in HL7 and in JSON."""

import json

import pytest

from care_intake.core.fixes import edited
from care_intake.core.formats import Format
from care_intake.core.hl7.parser import parse
from care_shared.errors import UnusableMessageError
from tests.intake_builders import adt, observation, raw, visit


@pytest.mark.parametrize(
    ("place", "text", "expected"),
    [
        pytest.param("PV1-44", "20270301", "20270301", id="a field"),
        pytest.param("PV1-50", "X", "X", id="a field beyond the last one"),
        pytest.param("PID-3.1", "A^B", "A^B", id="a part is plain text, whatever it holds"),
        pytest.param("PID-3.4.2", "1.2.9", "1.2.9", id="a part of a part"),
        pytest.param("PID-3(2).1", "77", "77", id="a second repetition"),
        pytest.param("MSH-10", "N2", "N2", id="the header counts its own separator"),
        pytest.param("OBX(2)-5", "81", "81", id="the second segment of a name"),
    ],
)
def test_a_place_of_an_hl7_message_gets_its_value(place: str, text: str, expected: str) -> None:
    body = adt("A01", more="OBX|1|NM|A||1\rOBX|2|NM|A||2")

    copy = parse(edited(body, Format.HL7, {place: text}))

    assert copy.text(place) == expected
    assert copy.text("PID-5") == "SIM"


def test_a_whole_field_is_taken_as_it_would_be_written() -> None:
    copy = parse(edited(adt("A01", pid3=""), Format.HL7, {"PID-3": "4711^^^X^MR~12^^^Y"}))

    assert [one.component(4) for one in copy.segments("PID")[0].repetitions(3)] == ["X", "Y"]


def test_line_ends_and_character_set_stay() -> None:
    body = adt("A01", pid={5: "MÜLLER"}).decode().replace("\r", "\r\n").encode("latin-1")

    copy = edited(body, Format.HL7, {"PV1-36": "01"}, "8859/1")

    assert "MÜLLER".encode("latin-1") in copy
    assert copy.count(b"\r\n") == body.count(b"\r\n")


@pytest.mark.parametrize(
    ("place", "text", "field"),
    [
        pytest.param("ZZZ-1", "x", "ZZZ-1", id="a segment that is not there"),
        pytest.param("MSH-2", "x", "MSH-2", id="the separators"),
        pytest.param("PID", "x", "PID", id="a whole segment"),
        pytest.param("surname", "x", "surname", id="no place at all"),
        pytest.param("PV1-44", "a|b", "PV1", id="a value with a field in it"),
        pytest.param("PV1-44", "a\rEVN|", "PV1", id="a value with a line in it"),
    ],
)
def test_what_is_no_place_is_refused(place: str, text: str, field: str) -> None:
    with pytest.raises(UnusableMessageError) as found:
        edited(adt("A01"), Format.HL7, {place: text})

    assert found.value.field == field


@pytest.mark.parametrize("place", ["Observation.valueQuantity.value", "valueQuantity.value"])
def test_a_number_in_json_stays_a_number_and_the_name_of_the_whole_may_be_left_out(place: str) -> None:
    copy = json.loads(edited(raw(observation("29463-7", 80, "kg")), Format.FHIR, {place: "81.5"}))

    assert copy == observation("29463-7", 81.5, "kg")


def test_a_record_in_a_list_is_reached_by_its_number() -> None:
    copy = json.loads(edited(raw([visit(), visit()]), Format.EVV, {"visits[1].status": "delivered", "[0].agency": "x"}))

    assert [one["status"] for one in copy] == ["missed", "delivered"]
    assert copy[0]["agency"] == "x"


@pytest.mark.parametrize("place", ["status.x", "component[7].code", "a b", "[3]"])
def test_a_place_that_is_not_in_the_json_is_refused(place: str) -> None:
    with pytest.raises(UnusableMessageError):
        edited(raw(observation("29463-7", 80, "kg")), Format.FHIR, {place: "x"})
