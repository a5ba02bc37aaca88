"""A message laid out: each part by its name, each problem where it stands, and what is missing said apart."""

import json

import pytest

from care_intake.core.formats import Format
from care_intake.core.laid_out import laid_out
from care_intake.core.translation import Ignored
from tests.intake_builders import adt, oru

OBX = "OBX|{}|NM|8867-4^Pulse^LN||{}|/min"


def marks(body: bytes, form: Format, where: str) -> tuple[list[str], list[str], int]:
    """The text of the lines that carry the problem, the labels that are marked, and how many problems have no place."""
    layout = laid_out(body, form, [Ignored(where, "is wrong")])
    lines = [one.text for one in layout.lines if one.problems]
    return lines, [part.label for one in layout.lines for part in one.parts if part.is_marked], len(layout.unplaced)


def test_the_fields_of_a_segment_have_the_names_that_problems_call_them() -> None:
    header = laid_out(adt("A03"), Format.HL7, []).lines[0]

    assert [(one.label, one.value) for one in header.parts][:3] == [
        ("MSH-2", "^~\\&"),
        ("MSH-3", "ADT1"),
        ("MSH-4", "GENERAL"),
    ]


@pytest.mark.parametrize(
    ("where", "line", "marked"),
    [
        pytest.param("PID-7", "PID", ["PID-7"], id="at its field"),
        pytest.param("MSH-9.2", "MSH", ["MSH-9"], id="at the field that holds the component"),
        pytest.param("PV1-36", "PV1", [], id="at the segment, when the field is empty"),
        pytest.param("PID", "PID", [], id="at the segment"),
    ],
)
def test_a_problem_of_an_hl7_message_stands_at_its_place(where: str, line: str, marked: list[str]) -> None:
    lines, labels, unplaced = marks(adt("A03"), Format.HL7, where)

    assert [one[:3] for one in lines] == [line]
    assert labels == marked
    assert unplaced == 0


def test_the_second_of_two_equal_segments_is_told_from_the_first() -> None:
    lines, labels, _ = marks(oru(OBX.format(1, 72), OBX.format(2, "fast")), Format.HL7, "OBX(2)-5")

    assert lines == ["OBX|2|NM|8867-4^Pulse^LN||fast|/min"]
    assert labels == ["OBX(2)-5"]


@pytest.mark.parametrize("where", ["ZZZ-3", "body", ""])
def test_what_stands_nowhere_is_said_apart(where: str) -> None:
    assert marks(adt("A03"), Format.HL7, where) == ([], [], 1)


def test_a_problem_of_a_resource_stands_at_its_element() -> None:
    resource = {"resourceType": "Encounter", "period": {"start": "yesterday"}, "identifier": [{"value": "V1"}]}
    body = json.dumps(resource).encode()

    assert marks(body, Format.FHIR, "Encounter.period.start")[1] == ["Encounter.period.start"]
    assert marks(body, Format.FHIR, "Encounter.identifier[0]")[0] == ['Encounter.identifier[0].value: "V1"']
    assert marks(body, Format.FHIR, "Encounter.class")[2] == 1


def test_text_that_is_no_json_is_shown_as_it_came() -> None:
    assert [one.text for one in laid_out(b'{"a": 1,\n"b"', Format.FHIR, []).lines] == ['{"a": 1,', '"b"']


def test_a_problem_of_a_table_stands_at_its_row_and_cell() -> None:
    body = b"# as of: 2026-11-01\nMRN,Vital\n4711,Weight\n,Pulse"

    lines, labels, _ = marks(body, Format.READINGS_TABLE, "row 2 Vital")

    assert lines == ["4711,Weight"]
    assert labels == ["row 2 Vital"]
    assert marks(body, Format.READINGS_TABLE, "row 3 MRN")[0] == [",Pulse"]


def test_a_message_without_end_is_cut() -> None:
    assert len(laid_out(b"\r".join([b"MSH|^~\\&|A"] * 5000), Format.HL7, []).lines) == 400
