"""Since when a patient is in a Health Home, and when that next changes by itself."""

from datetime import date
from zoneinfo import ZoneInfo

from care_scoring.core.health_home import enrolled_since, enrolment_changes_at
from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent
from tests.builders import HOME, play, when
from tests.chart_builders import fact

NAMES = frozenset({"Health Home"})


def enrolled(
    since: str, until: str | None = None, programme: str = "health-home", organization: str = "hh-1"
) -> AnyCareEvent:
    return fact(
        facts.AlignmentChanged,
        "2027-01-01",
        organization=organization,
        programme=programme,
        starts_on=since,
        ends_on=until,
    )


def test_of_two_periods_that_hold_the_earlier_counts() -> None:
    state = play(
        [enrolled("2027-03-01"), enrolled("2027-01-15", organization="hh-2"), enrolled("2026-01-01", programme="LEAD")]
    ).state

    assert enrolled_since(state, NAMES, date(2027, 4, 1)) == date(2027, 1, 15)
    assert enrolled_since(state, NAMES, date(2027, 2, 1)) == date(2027, 1, 15)
    assert enrolled_since(state, NAMES, date(2027, 1, 14)) is None


def test_an_enrolment_changes_when_a_period_begins_and_on_the_day_after_its_last() -> None:
    state = play([enrolled("2027-03-01", "2027-05-31", "Health_Home"), enrolled("2027-02-01", programme="LEAD")]).state

    def changes(day: str) -> object:
        return enrolment_changes_at(state, NAMES, date.fromisoformat(day), ZoneInfo(HOME))

    assert changes("2027-01-10") == when("2027-03-01", "00:00")
    assert changes("2027-03-01") == when("2027-06-01", "00:00")
    assert changes("2027-06-01") is None
