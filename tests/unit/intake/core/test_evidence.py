"""The table for surveyors opens safely in a spreadsheet."""

from datetime import UTC, datetime

import pytest

from care_intake.core.evidence import COLUMNS, cell, line


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("M1", "M1", id="a number of a message"),
        pytest.param(None, "", id="nothing"),
        pytest.param(datetime(2026, 11, 22, 12, tzinfo=UTC), "2026-11-22T12:00:00.000+00:00", id="a time"),
        pytest.param('=HYPERLINK("x")', '\'=HYPERLINK("x")', id="a formula becomes text"),
        pytest.param("-2+3", "'-2+3", id="a minus as well"),
        pytest.param("@SUM(A1)", "'@SUM(A1)", id="an at sign as well"),
        pytest.param("\t=1", "' =1", id="a tab is no way round"),
        pytest.param("x" * 100, "x" * 64, id="long values are cut"),
    ],
)
def test_a_cell_is_text(value: object, expected: str) -> None:
    assert cell(value) == expected


def test_a_line_has_a_value_per_column_and_quotes_what_would_break_it() -> None:
    assert line(COLUMNS).count(",") == len(COLUMNS) - 1
    assert line(["a,b", 'c"d']) == '"a,b","c""d"\r\n'
