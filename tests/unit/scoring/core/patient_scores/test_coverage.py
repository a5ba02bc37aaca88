"""Days covered by medicines: on which day the proportion crosses four of five by itself, with or without a new fill."""

from datetime import datetime

import pytest

from care_scoring.core.patient_scores.coverage import lowest_covered
from care_scoring.core.patient_scores.picture import Picture
from care_shared.contracts.care_events import AnyCareEvent
from tests.builders import POLICY, lives_in, play, tick, when
from tests.chart_builders import filled
from tests.playing import HOME
from tests.score_builders import told

# Ninety days from 1 January: nine of ten at first, and 90 of 112 (0.804) on 22 April; 90 of 113 (0.796) the next day.
NINETY = (filled("atorvastatin", "2027-01-01", 30), filled("atorvastatin", "2027-01-31", 60))


def low_from(*history: AnyCareEvent) -> list[tuple[datetime, bool]]:
    """At which moments the worklist learns that the proportion is low, or no longer."""
    home = lives_in(HOME, "2026-12-31")
    changes = told(play([home, *history, tick("2027-07-01")]), "outreach-priority")
    found = [(one.computed_at, any(factor.factor == "pdc" for factor in one.factors)) for one in changes]
    return [now for before, now in zip([(None, False), *found], found, strict=False) if now[1] != before[1]]


def test_it_falls_below_four_of_five_on_the_first_day_on_which_it_does() -> None:
    assert low_from(*NINETY) == [(when("2027-04-23", "00:00"), True)]


@pytest.mark.parametrize(
    ("days", "rises"),
    [
        # On 24 April 91 of 114 (0.798), on the 25th 92 of 115 (0.8).
        pytest.param(1, False, id="a day's supply does not lift it"),
        pytest.param(2, True, id="the second day of two lifts it"),
    ],
)
def test_a_fill_lifts_it_on_the_day_on_which_enough_is_covered(days: int, *, rises: bool) -> None:
    changes = low_from(*NINETY, filled("atorvastatin", "2027-04-24", days))

    assert ((when("2027-04-25", "00:00"), False) in changes) is rises
    assert changes[0] == (when("2027-04-23", "00:00"), True)


def test_before_the_ninety_first_day_nothing_is_said() -> None:
    """One fill of ten days, and another: covered badly, but PQA counts from 91 days on: 2 April."""
    history = (filled("atorvastatin", "2027-01-01", 10), filled("atorvastatin", "2027-02-01", 10))

    assert low_from(*history) == [(when("2027-04-02", "00:00"), True)]


def test_of_two_classes_the_one_that_is_covered_worse_counts() -> None:
    well = (filled("lisinopril", "2027-01-01", 90), filled("lisinopril", "2027-04-01", 90))
    badly = (filled("atorvastatin", "2027-01-01", 30), filled("atorvastatin", "2027-02-20", 30))
    state = play([*well, *badly, tick("2027-04-10")]).state
    found = lowest_covered(Picture(state, when("2027-04-10"), POLICY.thresholds))

    assert found is not None
    assert found.proportion == pytest.approx(0.60)  # clinical.md 6.2, the third vector
    assert found.last_at == when("2027-02-20")
