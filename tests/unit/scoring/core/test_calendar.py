"""Business days, holidays, zones and clock changes: the traps of clinical.md §0."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from care_scoring.core.calendar import (
    BusinessCalendar,
    at_local,
    day_number,
    day_of,
    end_of_day,
    federal_holidays,
    hours_after,
    known_zone,
    local_date,
    months_after,
    offset_seconds,
    spoken_day,
    spoken_time,
    week_start,
    zone_named,
)

FEDERAL = BusinessCalendar()
NEW_YORK = ZoneInfo("America/New_York")

# clinical.md §0 (d)
LOADED_2026 = "1/1 1/19 2/16 5/25 6/19 7/3 9/7 10/12 11/11 11/26 12/25"
LOADED_2027 = "1/1 1/18 2/15 5/31 6/18 7/5 9/6 10/11 11/11 11/25 12/24 12/31"


@pytest.mark.parametrize(("year", "days"), [(2026, LOADED_2026), (2027, LOADED_2027)])
def test_exactly_the_listed_weekdays_are_federal_holidays(year: int, days: str) -> None:
    listed = {date(year, *map(int, day.split("/"))) for day in days.split()}

    assert {day for day in federal_holidays(year) if day.weekday() < 5} == listed


@pytest.mark.parametrize(
    ("discharged", "due"),
    [
        pytest.param("2027-03-01", "2027-03-03", id="TCM-a Monday is due Wednesday"),
        pytest.param("2027-03-05", "2027-03-09", id="TCM-b Friday is due Tuesday"),
        pytest.param("2027-03-06", "2027-03-09", id="TCM-c Saturday is due Tuesday"),
        pytest.param("2027-03-07", "2027-03-09", id="TCM-c Sunday is due Tuesday too"),
        pytest.param("2026-11-25", "2026-11-30", id="TCM-d the day before Thanksgiving"),
        pytest.param("2026-07-02", "2026-07-07", id="TCM-e the observed Fourth of July"),
        pytest.param("2027-12-30", "2028-01-04", id="TCM-f over New Year"),
        pytest.param("2027-05-28", "2027-06-02", id="TCM-g Memorial Day weekend"),
    ],
)
def test_the_second_business_day(discharged: str, due: str) -> None:
    assert FEDERAL.business_day_after(date.fromisoformat(discharged), 2) == date.fromisoformat(due)


@pytest.mark.parametrize(
    ("year", "days"),
    [
        pytest.param(2028, "1/17 2/21 5/29 6/19 7/4 9/4 10/9 11/10 11/23 12/25", id="a year nobody listed is computed"),
        pytest.param(2035, "1/1 1/15 2/19 5/28 6/19 7/4 9/3 10/8 11/12 11/22 12/25", id="and one far ahead too"),
    ],
)
def test_a_year_that_nobody_listed_is_computed_by_the_rule(year: int, days: str) -> None:
    listed = {date(year, *map(int, day.split("/"))) for day in days.split()}

    assert {day for day in federal_holidays(year) if day.weekday() < 5} == listed


def test_new_year_observed_in_december_belongs_to_the_year_in_which_people_stay_at_home() -> None:
    friday = date(2027, 12, 31)

    assert not FEDERAL.is_business_day(friday)
    assert FEDERAL.business_day_after(date(2027, 12, 29), 2) == date(2028, 1, 3)


def test_an_organisation_may_close_and_open_on_other_days() -> None:
    friday_after_thanksgiving, columbus_day = date(2026, 11, 27), date(2026, 10, 12)
    ours = BusinessCalendar(frozenset({friday_after_thanksgiving}), frozenset({columbus_day}))

    assert not ours.is_business_day(friday_after_thanksgiving)
    assert ours.is_business_day(columbus_day)
    assert FEDERAL.is_business_day(friday_after_thanksgiving)
    assert not FEDERAL.is_business_day(columbus_day)


def test_an_organisation_may_work_on_a_sunday_which_then_counts() -> None:
    friday, sunday, monday = date(2026, 11, 20), date(2026, 11, 22), date(2026, 11, 23)
    ours = BusinessCalendar(open_anyway=frozenset({sunday}))

    assert ours.business_day_after(friday, 1) == sunday
    assert ours.business_day_after(friday, 2) == monday


def test_trap_a_the_date_of_discharge_is_local_to_the_facility() -> None:
    discharged = datetime.fromisoformat("2026-10-31T23:30:00-04:00")

    assert discharged.astimezone(UTC).date() == date(2026, 11, 1)
    assert local_date(discharged, NEW_YORK) == date(2026, 10, 31)
    assert local_date(discharged, NEW_YORK) + timedelta(days=7) == date(2026, 11, 7)


def test_trap_b_48_hours_over_the_spring_change_end_an_hour_later_on_the_wall() -> None:
    start = datetime.fromisoformat("2027-03-13T20:00:00-05:00").astimezone(UTC)

    assert hours_after(start, 48).astimezone(NEW_YORK).isoformat() == "2027-03-15T21:00:00-04:00"


def test_trap_b_hours_are_counted_as_they_pass_even_from_a_moment_with_a_zone() -> None:
    """Python adds to the wall clock of a moment that carries a zone: 48 h would end at 20:00, after 47."""
    on_the_wall = datetime(2027, 3, 13, 20, 0, tzinfo=NEW_YORK)

    assert (on_the_wall + timedelta(hours=48)).isoformat() == "2027-03-15T20:00:00-04:00"
    assert hours_after(on_the_wall, 48).astimezone(NEW_YORK).isoformat() == "2027-03-15T21:00:00-04:00"
    assert hours_after(datetime(2026, 10, 31, 12, 0, tzinfo=NEW_YORK), 24).astimezone(NEW_YORK).hour == 11


@pytest.mark.parametrize(
    ("day", "instant"),
    [
        pytest.param(date(2027, 3, 13), "2027-03-14T04:59:59+00:00", id="winter"),
        pytest.param(date(2027, 3, 14), "2027-03-15T03:59:59+00:00", id="the day the clock springs forward"),
        pytest.param(date(2027, 11, 7), "2027-11-08T04:59:59+00:00", id="the day it falls back"),
    ],
)
def test_a_day_ends_at_its_last_local_second(day: date, instant: str) -> None:
    assert end_of_day(day, NEW_YORK).isoformat() == instant


def test_where_the_last_hour_comes_twice_the_later_one_counts() -> None:
    havana = ZoneInfo("America/Havana")  # falls back at 01:00, so 00:30 comes twice

    assert at_local(date(2026, 11, 1), datetime(2026, 11, 1, 0, 30).time(), havana).hour == 5  # noqa: DTZ001


def test_weeks_begin_on_sunday() -> None:
    assert [week_start(date(2027, 3, day)) for day in (6, 7, 8, 13)] == [
        date(2027, 2, 28),
        date(2027, 3, 7),
        date(2027, 3, 7),
        date(2027, 3, 7),
    ]


def test_days_are_kept_as_numbers() -> None:
    assert day_number(date(1970, 1, 2)) == 1
    assert day_of(day_number(date(2027, 3, 14))) == date(2027, 3, 14)


def test_a_zone_that_does_not_exist_is_none_and_reads_as_utc() -> None:
    assert known_zone("Mars/Olympus_Mons") is None
    assert zone_named("Mars/Olympus_Mons") == ZoneInfo("UTC")
    assert known_zone("../etc/passwd") is None


def test_days_and_times_are_said_as_people_say_them() -> None:
    moment = datetime(2027, 3, 5, 19, 5, tzinfo=UTC)

    assert spoken_day(moment.date()) == "Fri 5 Mar"
    assert spoken_time(moment, NEW_YORK) == "Fri 5 Mar 14:05"


def test_the_offset_follows_the_clock_change() -> None:
    assert offset_seconds(datetime(2027, 3, 14, 6, 59, tzinfo=UTC), NEW_YORK) == -5 * 3600
    assert offset_seconds(datetime(2027, 3, 14, 7, 0, tzinfo=UTC), NEW_YORK) == -4 * 3600


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        pytest.param(date(2026, 10, 1), 6, date(2027, 4, 1), id="half a year over New Year"),
        pytest.param(date(2027, 8, 31), 6, date(2028, 2, 29), id="the last day of a leap February"),
        pytest.param(date(2027, 12, 15), 1, date(2028, 1, 15), id="December to January"),
        pytest.param(date(2028, 2, 29), 12, date(2029, 2, 28), id="a leap day has no birthday"),
    ],
)
def test_months_later_is_the_same_day_or_the_last_one_there_is(day: date, months: int, later: date) -> None:
    assert months_after(day, months) == later
