"""What a page draws: bars of the right height, a word for each, and the same numbers as a table."""

from datetime import date

import pytest

from care_notifications.core.measures.rates import Rate
from care_notifications.web.bars import nice_top, pairs_by_day, percent, shares, weekly_counts, whisker

MONDAY = date(2027, 3, 1)


@pytest.mark.parametrize(
    ("most", "top"), [(0, 2), (1, 2), (2, 2), (7, 8), (8, 8), (11, 12), (99, 100), (101, 120), (226, 240), (1001, 1200)]
)
def test_the_top_of_a_scale_is_round_even_and_not_far_above(most, top):
    assert nice_top(most) == top


def test_a_week_without_a_case_has_no_bar_and_a_dash():
    drawn = shares("Contact", [(MONDAY, Rate(3, 4)), (date(2027, 3, 8), Rate(0, 0))])

    assert [bar.title for bar in drawn.bars] == ["From 1 Mar: 75 %, 3 of 4"]
    assert drawn.bars[0].height == pytest.approx(0.75 * (116 - 8 - 22))
    assert drawn.rows == (("1 Mar", "75 %", "3", "4"), ("8 Mar", "\N{EN DASH}", "0", "0"))


def test_none_of_four_still_shows_that_there_were_four():
    assert shares("Contact", [(MONDAY, Rate(0, 4))]).bars[0].height == 1.0


def test_bars_stand_within_the_drawing():
    drawn = weekly_counts("Alerts", [(date.fromordinal(MONDAY.toordinal() + 7 * week), week) for week in range(52)])

    assert all(bar.x >= 0 and bar.x + bar.width <= drawn.width for bar in drawn.bars)
    assert all(bar.y >= 0 and bar.y + bar.height <= drawn.height for bar in drawn.bars)
    assert drawn.summary == "Alerts by week, 1326 in all."


def test_two_policies_stand_side_by_side():
    drawn = pairs_by_day("OXYGEN", [(MONDAY, 4, 1), (date(2027, 3, 2), 0, 2)])

    assert [(bar.kind, bar.height) for bar in drawn.bars] == [
        ("before", 210.0), ("after", 52.5), ("before", 0.0), ("after", 105.0),
    ]  # fmt: skip
    assert drawn.summary == "OXYGEN: 4 alerts under today's policy, 3 under the proposed one."
    assert drawn.rows == (("1 Mar", "4", "1", "-3"), ("2 Mar", "0", "2", "+2"))


def test_nothing_to_draw_is_drawn_as_nothing():
    assert pairs_by_day("All rules", []).bars == ()
    assert "no case is decided" in shares("Contact", []).summary


def test_a_share_with_its_doubt():
    found = whisker(Rate(15, 148))

    assert (found.x, found.low, found.high) == (20.3, 12.5, 32.1)
    assert found.words == "10 %, 95 % interval 6 % to 16 %"
    assert whisker(Rate(0, 0)) is None


def test_percent():
    assert (percent(0.5), percent(0.9411, 1), percent(None)) == ("50 %", "94.1 %", "\N{EN DASH}")
