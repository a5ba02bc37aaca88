"""No cell of a file is taken for a formula, whatever a name or a note says."""

import csv
import io

import pytest

from care_notifications.web.csv_file import csv_text


def cell(value):
    return next(csv.reader(io.StringIO(csv_text(["head"], [[value]]).partition("\r\n")[2])))[0]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_what_begins_like_a_formula_gets_an_apostrophe(begin):
    assert cell(f"{begin}cmd|' /C calc'!A0") == f"'{begin}cmd|' /C calc'!A0"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("Nguyễn, Thanh", "Nguyễn, Thanh", id="a name"),
        pytest.param('says "no", twice', 'says "no", twice', id="quotes and commas"),
        pytest.param("two\nlines", "two\nlines", id="a line break within"),
        pytest.param(12, "12", id="a number"),
        pytest.param(-3, "-3", id="a negative number of ours is a number"),
        pytest.param(None, "", id="nothing"),
    ],
)
def test_everything_else_stays_as_it_is(value, expected):
    assert cell(value) == expected
