"""The lines of a score add up, and one missing line means no total."""

import pytest

from care_scoring.core.scores.lace import LaceSettings
from care_scoring.core.scores.outreach_settings import OutreachSettings
from care_scoring.core.scores.score import Answer, Item, Missing, band_of, line, points_at, settings_of, sheet_of

STEPS = ((1, 1), (4, 4), (14, 7))
BANDS = ((0, "low"), (5, "moderate"), (10, "high"))


@pytest.mark.parametrize(
    ("value", "points"), [(0, 0), (0.5, 0), (1, 1), (3, 1), (4, 4), (13, 4), (14, 7), (400, 7)], ids=str
)
def test_a_step_earns_its_points_from_its_start_on(value: float, points: int) -> None:
    assert points_at(value, STEPS) == points


@pytest.mark.parametrize(
    ("total", "band"),
    [(None, None), (0, "low"), (4, "low"), (5, "moderate"), (9, "moderate"), (10, "high"), (19, "high")],
    ids=str,
)
def test_a_band_needs_a_total(total: int | None, band: str | None) -> None:
    assert band_of(total, BANDS) == band


def test_an_unanswered_line_is_listed_and_takes_the_total_away() -> None:
    sheet = sheet_of([Item("a", 1, 2), Missing("b"), Item("c", 1, 3)])

    assert (sheet.points, sheet.total, sheet.missing) == (5, None, ("b",))


def test_a_line_keeps_where_its_answer_came_from() -> None:
    assert line("a", Answer(7, source="event-1"), lambda value: value - 5) == Item("a", 7, 2, None, "event-1")
    assert line("a", None, lambda value: value) == Missing("a")


def test_settings_are_named_also_within_domains() -> None:
    assert ("high_from", 10) in settings_of(LaceSettings())
    assert ("gaps.overdue", 10) in settings_of(OutreachSettings())
