"""Working time passes while a person works: not at night, at weekends, on holidays, nor twice when clocks go back."""

from datetime import UTC, datetime, time, timedelta

import pytest

from care_notifications.core.state import Person, WorkingHours
from care_notifications.core.working_hours import work_clock_of
from care_shared.vocabulary import PersonId
from tests.care_alerts import directory

ANNA = PersonId("cm-anna")
FOUR_HOURS = timedelta(hours=4)


def clock(**person):
    return work_clock_of(ANNA, directory(people={ANNA: Person(ANNA, **person)}))


def at(text):
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        pytest.param("2026-11-23T09:00-05:00", "2026-11-23T13:00-05:00", id="within a morning"),
        pytest.param("2026-11-23T15:00-05:00", "2026-11-24T10:00-05:00", id="over an evening"),
        pytest.param("2026-11-20T15:00-05:00", "2026-11-23T10:00-05:00", id="over a weekend"),
        pytest.param("2026-11-25T16:00-05:00", "2026-11-27T11:00-05:00", id="over Thanksgiving"),
        pytest.param("2026-11-21T12:00-05:00", "2026-11-23T12:00-05:00", id="begun on a Saturday"),
        pytest.param("2026-11-23T05:00-05:00", "2026-11-23T12:00-05:00", id="begun before work"),
        pytest.param("2026-11-23T13:00-05:00", "2026-11-23T17:00-05:00", id="to the last minute of the day"),
        pytest.param("2026-03-06T15:00-05:00", "2026-03-09T10:00-04:00", id="over the night when clocks go forward"),
    ],
)
def test_four_working_hours(begin, end):
    assert clock().after_hours(at(begin), FOUR_HOURS) == at(end)


@pytest.mark.parametrize(
    ("begin", "days", "end"),
    [
        pytest.param("2026-11-23T09:00-05:00", 2, "2026-11-25T17:00-05:00", id="from Monday to Wednesday"),
        pytest.param("2026-11-25T09:00-05:00", 2, "2026-11-30T17:00-05:00", id="a holiday and a weekend do not count"),
        pytest.param("2026-11-21T09:00-05:00", 1, "2026-11-23T17:00-05:00", id="from a Saturday"),
    ],
)
def test_working_days_end_with_the_work_of_the_day(begin, days, end):
    assert clock().after_days(at(begin), days) == at(end)


def test_hours_are_counted_on_the_clock_of_the_person():
    late = clock(zone="America/Los_Angeles")

    assert late.after_hours(at("2026-11-23T09:00-05:00"), FOUR_HOURS) == at("2026-11-23T12:00-08:00")


def test_somebody_who_works_at_weekends_works_at_weekends():
    weekends = clock(hours=WorkingHours(frozenset({6, 7}), time(10), time(14)))

    assert weekends.after_hours(at("2026-11-23T09:00-05:00"), timedelta(hours=5)) == at("2026-11-29T11:00-05:00")
    assert weekends.works_at(at("2026-11-28T10:00-05:00"))
    assert not weekends.works_at(at("2026-11-28T14:00-05:00"))


def test_somebody_we_do_not_know_works_ordinary_hours():
    stranger = work_clock_of(PersonId("nobody"), directory())

    assert stranger.after_hours(at("2026-11-20T16:00-05:00"), FOUR_HOURS) == at("2026-11-23T11:00-05:00")
