"""The clock on the wall is asked, also on the two days of the year on which it jumps."""

from datetime import UTC, date, datetime, time

import pytest

from care_notifications.core.local_time import is_between, next_time, zone_named
from care_shared.business_days import at_local

NEW_YORK = zone_named("America/New_York")
WEEKDAYS = frozenset({1, 2, 3, 4, 5})


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "clocks", "days", "expected"),
    [
        pytest.param("2026-11-23T14:00", ["08:30"], None, "2026-11-24T13:30", id="half past eight has passed today"),
        pytest.param("2026-11-23T13:00", ["08:30"], None, "2026-11-23T13:30", id="half past eight is still to come"),
        pytest.param("2026-11-23T13:30", ["08:30"], None, "2026-11-24T13:30", id="this very instant is not after now"),
        pytest.param("2026-11-20T18:00", ["08:30"], WEEKDAYS, "2026-11-23T13:30", id="Friday evening waits for Monday"),
        pytest.param("2026-11-23T14:00", ["08:30", "11:30"], None, "2026-11-23T16:30", id="the earliest of several"),
        pytest.param("2026-03-08T01:00", ["08:00"], None, "2026-03-08T12:00", id="the night that is an hour shorter"),
        pytest.param("2026-11-01T01:00", ["08:00"], None, "2026-11-01T13:00", id="the night that is an hour longer"),
        pytest.param("2026-03-08T05:00", ["02:30"], None, "2026-03-08T07:30", id="a time that the clock skips"),
    ],
)
def test_the_next_time(now, clocks, days, expected):
    wanted = [time.fromisoformat(clock) for clock in clocks]
    found = next_time(utc(now), wanted, NEW_YORK, days) if days else next_time(utc(now), wanted, NEW_YORK)

    assert found == utc(expected)


def test_no_day_is_never():
    assert next_time(utc("2026-11-23T14:00"), [time(8)], NEW_YORK, frozenset()) is None


@pytest.mark.parametrize(
    ("now", "quiet"),
    [
        pytest.param("2026-11-24T00:59", False, id="a minute to eight in the evening"),
        pytest.param("2026-11-24T01:00", True, id="eight in the evening"),
        pytest.param("2026-11-24T12:59", True, id="a minute to eight in the morning"),
        pytest.param("2026-11-24T13:00", False, id="eight in the morning"),
        pytest.param("2026-03-08T11:59", True, id="a minute to eight, after the clock went forward"),
        pytest.param("2026-03-08T12:00", False, id="eight, after the clock went forward"),
        pytest.param("2026-11-01T12:59", True, id="a minute to eight, after the clock went back"),
    ],
)
def test_the_night(now, quiet):
    assert is_between(utc(now), time(20), time(8), NEW_YORK) is quiet


def test_a_span_within_one_day():
    assert is_between(utc("2026-11-23T17:30"), time(12), time(13), NEW_YORK)
    assert not is_between(utc("2026-11-23T18:00"), time(12), time(13), NEW_YORK)


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "America", "../../etc/passwd", "x" * 300])
def test_a_zone_nobody_knows_is_utc(name):
    assert at_local(date(2026, 11, 23), time(8), zone_named(name)) == utc("2026-11-23T08:00")


@pytest.mark.parametrize(
    ("day", "clock", "instant"),
    [
        pytest.param(date(2026, 3, 8), time(2, 30), "2026-03-08T07:30", id="an hour that is skipped: after the gap"),
        pytest.param(date(2026, 11, 1), time(1, 30), "2026-11-01T06:30", id="an hour that comes twice: the later one"),
        pytest.param(date(2026, 11, 1), time(8), "2026-11-01T13:00", id="a morning after"),
    ],
)
def test_a_wall_clock_is_an_instant_when_clocks_change_too(day, clock, instant):
    assert at_local(day, clock, zone_named("America/New_York")) == utc(instant)
