"""Tables as vendors export them: any order, any separator, and rows refused one by one without a value."""

import pytest

from care_intake.core.evv_headings import NEEDED as VISIT_NEEDED
from care_intake.core.evv_headings import VISIT_HEADINGS
from care_intake.core.formats import Format, sniff
from care_intake.core.tables import MAX_CELL, MAX_ROWS, is_yes, read_table, word_of
from care_intake.core.translation import Ignored
from care_intake.core.vital_headings import READING_HEADINGS
from care_shared.errors import UnusableMessageError
from tests.intake_builders import roster, table

HEADINGS = {"number": ("id", "visit no"), "name": ("full name",), "note": ()}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"id,full name\n7,ANN\n", id="commas and line feeds"),
        pytest.param(b"Full Name;Visit No.\r\nANN;7\r\n", id="semicolons, another order, points in headings"),
        pytest.param(b"\xef\xbb\xbfID\tName\r\n7\tANN\r\n", id="a byte order mark and tabs"),
        pytest.param(b'"NUMBER","NAME"\n"7","ANN"\n', id="quoted"),
        pytest.param(b'id,name\n="7", ANN \n', id="a number kept as text by a spreadsheet"),
        pytest.param(b"ID|NAME\r7|ANN\r", id="old line ends and bars"),
        pytest.param(b"\n# as of: 2026-11-01\nid,name\n\n7,ANN\n", id="notes and blank lines"),
        pytest.param(b"id,name\n7,ANN", id="no line end at the end"),
        pytest.param(b"id,name,,\n7,ANN,,\n", id="empty columns at the right"),
    ],
)
def test_the_same_table_in_many_spellings(body: bytes) -> None:
    [row] = read_table(body, HEADINGS, ("number",)).rows

    assert (row["number"], row["name"], row["note"]) == ("7", "ANN", "")


def test_rows_are_counted_as_a_spreadsheet_does() -> None:
    body = b'id,name\n1,"ANN\nMARY"\n\n2,BEA\n'

    assert [row.number for row in read_table(body, HEADINGS).rows] == [2, 4]


def test_what_the_lines_before_the_heading_say() -> None:
    found = read_table(b'# Complete: yes\r\n"# as of: 2026-11-01",,\r\nid,name\r\n7,ANN\r\n', HEADINGS)

    assert found.notes == {"complete": "yes", "asof": "2026-11-01"}


def test_an_unknown_heading_is_told_by_its_place_only_because_it_may_be_a_patient() -> None:
    found = read_table(b"id,SIM PATIENT\n7,x\n", HEADINGS)

    assert found.remarks == (Ignored("column 2", "has a heading that we do not use"),)


def test_a_row_with_too_many_or_too_long_cells_is_refused_alone() -> None:
    body = f"id,name\n1,ANN,SECRET\n2,{'x' * (MAX_CELL + 1)}\n3,BEA\n".encode()

    found = read_table(body, HEADINGS)

    assert [row.number for row in found.rows] == [4]
    assert [(one.where, one.is_refused) for one in found.remarks] == [("row 2", True), ("row 3 name", True)]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param(b"", "body", id="nothing"),
        pytest.param(b"id,name\n7,\xff\n", "body", id="not UTF-8"),
        pytest.param("id,name\n7,ANN\n".encode("utf-16"), "body", id="UTF-16"),
        pytest.param(b"id,name\n7,\x00\n", "body", id="a zero byte"),
        pytest.param(b"name\nANN\n", "number", id="a needed column is missing"),
        pytest.param(b"id,visit no,name\n7,8,ANN\n", "number", id="two columns mean the same"),
        pytest.param(b'id,name\n7,"ANN\n', "row 2", id="a quote that never ends"),
        pytest.param(b'id,name\n7,"ANN"x\n', "row 2", id="text behind a quote"),
        pytest.param(b"id" + b"," * 300 + b"\n", "body", id="three hundred columns"),
        pytest.param(b"id\n" + b"7\n" * (MAX_ROWS + 1), "body", id="more rows than one transaction may hold"),
    ],
)
def test_a_file_that_is_no_such_table_names_what_is_wrong(body: bytes, field: str) -> None:
    with pytest.raises(UnusableMessageError) as raised:
        read_table(body, HEADINGS, ("number",))

    assert raised.value.field == field


@pytest.mark.parametrize(
    ("body", "form"),
    [
        pytest.param(table("Visit ID,Client ID,Scheduled Start Time", "1,2,3"), Format.EVV_TABLE, id="visits"),
        pytest.param(table("MRN,Vital,Value,Measured at", "1,2,3,4"), Format.READINGS_TABLE, id="readings"),
        pytest.param(table("Lead,Covered by,From,To", "1,2,3,4", separator=";"), Format.ABSENCES, id="absences"),
        pytest.param(roster("4711,ANN"), Format.ROSTER, id="a roster with notes"),
        pytest.param(table("MBI,Effective Date", "1,2"), Format.ROSTER, id="a roster by Medicare number"),
        pytest.param(table("date,close", "1,2"), Format.HL7, id="any other table is for the HL7 reader to refuse"),
        pytest.param(b"MSH|^~\\&|", Format.HL7, id="HL7"),
        pytest.param(b'{"effective_time_frame": {}}', Format.OPEN_MHEALTH, id="Open mHealth"),
        pytest.param(
            b'[{"body": {"heart_rate": {"value": 1}}}]', Format.OPEN_MHEALTH, id="Open mHealth without a time"
        ),
    ],
)
def test_a_table_is_told_by_its_headings(body: bytes, form: Format) -> None:
    assert sniff(body) is form


def test_no_heading_means_two_columns() -> None:
    for headings in (VISIT_HEADINGS, READING_HEADINGS):
        words = [word for column, names in headings.items() for word in {word_of(one) for one in (column, *names)}]
        assert len(words) == len(set(words))
    assert set(VISIT_NEEDED) <= VISIT_HEADINGS.keys()


@pytest.mark.parametrize(("text", "answer"), [("Y", True), ("no", False), ("1", True), ("", None), (" FALSE ", False)])
def test_yes_and_no_in_the_words_of_spreadsheets(text: str, answer: bool | None) -> None:
    assert is_yes(text, "row 2 consent") is answer
