"""Dates as spreadsheets write them; one that could be two days is refused, never guessed."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from care_intake.core.table_times import ColumnTimes, after, is_time_of_day
from care_intake.core.tables import Table, read_table
from care_shared.errors import UnusableMessageError

NEW_YORK = ZoneInfo("America/New_York")


def cells(*texts: str) -> Table:
    return read_table("\n".join(["at", *texts]).encode(), {"at": ()})


def moments(*texts: str, agreed: str = "") -> list[datetime | None]:
    found = cells(*texts)
    times = ColumnTimes(found, ("at",), agreed, NEW_YORK)
    return [times.moment(row, "at") for row in found.rows]


@pytest.mark.parametrize(
    "text",
    ["2026-11-20T09:05:00-05:00", "2026-11-20T14:05:00Z", "2026-11-20 09:05", "2026-11-20 9:05 AM",
     "11/20/2026 09:05", "11/20/2026 9:05 am", "11-20-2026 9:05:00 A.M.", "20-Nov-2026 09:05", "20 November 2026 9:05",
     "202611200905", "20261120090500"],
)  # fmt: skip
def test_one_moment_in_many_spellings(text: str) -> None:
    assert moments(text) == [datetime(2026, 11, 20, 14, 5, tzinfo=UTC)]


def test_half_days_begin_at_twelve() -> None:
    assert moments("11/20/2026 12:05 AM", "11/20/2026 12:05 PM") == [
        datetime(2026, 11, 20, 5, 5, tzinfo=UTC), datetime(2026, 11, 20, 17, 5, tzinfo=UTC),
    ]  # fmt: skip


def test_the_offset_of_the_day_is_used_not_of_today() -> None:
    assert moments("07/20/2026 09:05") == [datetime(2026, 7, 20, 13, 5, tzinfo=UTC)]


def test_one_cell_of_a_column_shows_the_order_of_the_others() -> None:
    assert moments("03/04/2026", "03/31/2026")[0] == datetime(2026, 3, 4, 5, tzinfo=UTC)
    assert moments("03/04/2026", "31/03/2026")[0] == datetime(2026, 4, 3, 4, tzinfo=UTC)


def test_an_agreement_settles_the_order() -> None:
    assert moments("03/04/2026", agreed="day-first") == [datetime(2026, 4, 3, 4, tzinfo=UTC)]
    assert moments("03/04/2026", agreed="month-first") == [datetime(2026, 3, 4, 5, tzinfo=UTC)]


def test_the_same_number_twice_is_one_day_in_either_order() -> None:
    assert moments("04/04/2026") == [datetime(2026, 4, 4, 4, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        pytest.param(("03/04/2026",), "month-day or day-month", id="nothing shows the order"),
        pytest.param(("03/04/2026", "13/04/2026", "04/13/2026"), "month-day or day-month", id="both orders are shown"),
        pytest.param(("11/20/26",), "is not a date", id="a year of two digits"),
        pytest.param(("45981",), "is not a date", id="a spreadsheet's day number"),
        pytest.param(("02/30/2026",), "of the calendar", id="the thirtieth of February"),
        pytest.param(("01/13/0226",), "of our time", id="a year long gone"),
        pytest.param(("11/20/2026 25:00",), "time of the day", id="hour 25"),
        pytest.param(("11/20/2026 13:00 PM",), "time of the day", id="13 PM"),
        pytest.param(("2026-11-20T09",), "is not a date", id="half a time"),
        pytest.param(("tomorrow",), "is not a date", id="a word"),
    ],
)
def test_what_is_refused_names_the_row_and_column(texts: tuple[str, ...], words: str) -> None:
    with pytest.raises(UnusableMessageError, match=words) as raised:
        moments(*texts)

    assert raised.value.field == "row 2 at"
    assert texts[0] not in str(raised.value)


def test_a_date_alone() -> None:
    found = cells("1941-03-22", "03/22/1941", "19410322")
    times = ColumnTimes(found, ("at",), "", NEW_YORK)

    assert {times.day(row, "at") for row in found.rows} == {date(1941, 3, 22)}


def test_a_time_of_day_goes_with_a_date_and_over_midnight() -> None:
    [row] = cells("1:00 AM").rows
    times = ColumnTimes(cells("x"), ("at",), "", NEW_YORK)

    start = datetime(2026, 11, 21, 4, tzinfo=UTC)
    end = times.clock_on(row, "at", date(2026, 11, 20))
    assert end is not None
    assert after(start, end) == datetime(2026, 11, 21, 6, tzinfo=UTC)
    assert is_time_of_day("1:00 AM")
    assert not is_time_of_day("11/20/2026")
