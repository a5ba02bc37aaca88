"""The clocks of a discharge follow the date at the facility and the end of the day at home (clinical.md 0), no more."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from care_scoring.core.discharges import Discharge
from care_scoring.core.episodes import episodes_of
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.vocabulary import EncounterId
from tests.builders import POLICY, Known, admitted, discharged, lives_in, play, when

STAY = EncounterId("stay-1")
ZONES = st.sampled_from(
    ["America/New_York", "America/Chicago", "America/Phoenix", "America/Los_Angeles", "Pacific/Honolulu", "UTC"]
)
# Over both clock changes, Thanksgiving, Christmas and New Year.
DAYS = st.dates(date(2026, 10, 1), date(2027, 4, 30))
CLOCKS = st.times().map(lambda clock: f"{clock.hour:02}:{clock.minute:02}")


def discharge(day: str, clock: str, facility: str, home: str) -> Discharge:
    """A discharge at a wall-clock time of its facility, of a patient whose home is elsewhere."""
    # UTC stands for «no zone named» in a notice, so the facility's zone is only named where it is another.
    state = play([lives_in(home, "2026-09-01"), discharged(day, clock, zone=facility)]).state
    return Discharge(state, STAY, state.encounters[STAY], when(day, clock, facility), POLICY.thresholds)


def local_end(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(23, 59, 59), tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("facility", "home", "day", "deadline"),
    [
        pytest.param("America/New_York", "America/New_York", "2026-10-31", "2026-11-04T04:59:59+00:00", id="at home"),
        pytest.param(
            "America/New_York", "America/Los_Angeles", "2026-10-31", "2026-11-04T07:59:59+00:00", id="Pacific"
        ),
        pytest.param(
            "America/Los_Angeles", "America/New_York", "2026-10-31", "2026-11-04T04:59:59+00:00", id="Eastern"
        ),
    ],
)
def test_trap_a_the_date_is_the_facilitys_and_the_deadline_the_homes(
    facility: str, home: str, day: str, deadline: str
) -> None:
    """Half past eleven on a Saturday evening: due on Tuesday, wherever it was half past eleven."""
    found = discharge(day, "23:30", facility, home)

    assert found.day == date(2026, 10, 31)
    assert found.deadline.isoformat() == deadline


def test_a_facility_zone_that_nobody_knows_says_nothing_and_the_homes_stands_for_it() -> None:
    """Half past eleven on Saturday evening in New York is Sunday in UTC: the date would be wrong by a day."""
    told = discharged("2026-10-31", "23:30", zone="America/New_York")
    lost = told.model_copy(update={"facility_zone": "America/Atlantis"})
    state = play([lives_in("America/New_York", "2026-09-01"), lost]).state
    found = Discharge(state, STAY, state.encounters[STAY], lost.occurred_at, POLICY.thresholds)
    [episode] = episodes_of(state, lost.occurred_at, POLICY.thresholds)

    assert found.day == episode.last.ended_on == date(2026, 10, 31)
    assert found.deadline.isoformat() == "2026-11-04T04:59:59+00:00"


SAME = EncounterId("exchange")  # the same stay, told by an exchange under a number of its own


def told_already(*history: AnyCareEvent) -> list[bool]:
    """Whether each of the two notices leaves the follow-up to the other."""
    state = play([admitted(-3), admitted(-3, stay=SAME), *history]).state
    asked = [Discharge(state, number, state.encounters[number], when(3), POLICY.thresholds) for number in (STAY, SAME)]
    return [one.is_told_already for one in asked]


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        pytest.param(
            [discharged(0), discharged(0, stay=SAME, known=Known(when(0, "12:00")))],
            [False, True],
            id="the one that was learnt first is followed up",
        ),
        pytest.param(
            [discharged(0, known=Known(when(0, "12:00"))), discharged(0, stay=SAME)],
            [True, False],
            id="whichever that is",
        ),
        pytest.param([discharged(0)], [False, True], id="the other knows of no end"),
        pytest.param(
            [discharged(0, stay=SAME, to="skilled-nursing"), discharged(0, known=Known(when(0, "12:00")))],
            [False, False],
            id="the first says that the patient went where no follow-up is owed",
        ),
    ],
)
def test_one_discharge_that_two_notices_tell_is_followed_up_once(
    history: list[AnyCareEvent], expected: list[bool]
) -> None:
    assert told_already(*history) == expected


@settings(max_examples=150, deadline=None)
@given(day=DAYS, clock=CLOCKS, facility=ZONES.filter(lambda zone: zone != "UTC"), home=ZONES, other=ZONES)
def test_moving_the_home_moves_the_deadline_by_the_difference_of_its_clocks_and_nothing_else(
    day: date, clock: str, facility: str, home: str, other: str
) -> None:
    here, there = (discharge(day.isoformat(), clock, facility, zone) for zone in (home, other))

    assert here.day == there.day == day
    assert here.due_day == there.due_day
    assert here.deadline == local_end(here.due_day, home)
    assert there.deadline == local_end(here.due_day, other)
    assert here.period_end == local_end(day + timedelta(days=29), home)


@settings(max_examples=150, deadline=None)
@given(day=DAYS, clock=CLOCKS, facility=ZONES, other=ZONES, home=ZONES)
def test_moving_the_facility_with_its_wall_clock_moves_no_deadline(
    day: date, clock: str, facility: str, other: str, home: str
) -> None:
    """Both hospitals wrote the same local time; where neither names its zone, the home's holds."""
    here, there = (discharge(day.isoformat(), clock, zone, home) for zone in (facility, other))

    if "UTC" not in {facility, other}:
        assert (here.day, here.deadline) == (there.day, there.deadline)
    assert abs((here.day - there.day).days) <= 1


@settings(max_examples=100, deadline=None)
@given(day=DAYS, clock=CLOCKS, facility=ZONES, home=ZONES)
def test_the_deadline_is_the_end_of_a_business_day_strictly_after_the_discharge(
    day: date, clock: str, facility: str, home: str
) -> None:
    found = discharge(day.isoformat(), clock, facility, home)
    calendar = POLICY.thresholds.holidays.calendar

    assert found.due_day > found.day
    assert calendar.is_business_day(found.due_day)
    between = (found.day + timedelta(days=n) for n in range(1, (found.due_day - found.day).days + 1))
    assert sum(calendar.is_business_day(one) for one in between) == 2
