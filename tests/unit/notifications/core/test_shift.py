"""Which hours a shift covers, on the clock of those who work it; days on which the clock changes included."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from care_notifications.core.shift import Span, shift_of

NEW_YORK = ZoneInfo("America/New_York")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "since", "until", "next_until"),
    [
        pytest.param(Span.LAST_8, "2027-03-10 12:00", "2027-03-10 20:00", "2027-03-11 04:00", id="the last 8 hours"),
        pytest.param(Span.LAST_12, "2027-03-10 08:00", "2027-03-10 20:00", "2027-03-11 08:00", id="the last 12 hours"),
        pytest.param(Span.TODAY, "2027-03-10 05:00", "2027-03-10 20:00", "2027-03-12 05:00", id="today, and tomorrow"),
        pytest.param(Span.YESTERDAY, "2027-03-09 05:00", "2027-03-10 05:00", "2027-03-11 05:00", id="yesterday"),
    ],
)
def test_shifts(span, since, until, next_until):
    found = shift_of(span, at("2027-03-10 20:00"), NEW_YORK)

    assert (found.since, found.until, found.next_until) == (at(since), at(until), at(next_until))


def test_the_day_on_which_the_clock_goes_forward_has_23_hours():
    found = shift_of(Span.YESTERDAY, at("2027-03-15 15:00"), NEW_YORK)

    assert (found.since, found.until) == (at("2027-03-14 05:00"), at("2027-03-15 04:00"))
