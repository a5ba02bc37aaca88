"""The report beside a file: what was refused or left aside, by row and column, harmless to a spreadsheet."""

import csv
import io

import pytest

from care_intake.core.receipts import receipt_of
from care_intake.core.reports import report_of, safe
from tests.intake_builders import judge, roster


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_what_a_report_tells() -> None:
    one = judge(roster("1,ANN", "2,1.2.3,BEA,ACO-1,LEAD,SECRET-7,,cm-1"))

    text = report_of(receipt_of(one))

    assert rows(text) == [
        ["place", "column", "what", "problem"],
        ["file", "", "accepted", f"receipt {one.receipt_id}"],
        ["row 7", "starts_on", "refused", "is not a date or time"],
    ]
    assert "SECRET-7" not in text


def test_a_file_that_was_refused_whole_says_why() -> None:
    text = report_of(receipt_of(judge(roster("1,ANN", as_of="soon"))))

    assert rows(text)[1][2] == "quarantined"
    assert rows(text)[2] == ["as of", "", "refused", "is not a date such as 2026-12-01"]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert safe(cell) == f"'{cell}"
    assert safe("row 7") == "row 7"
