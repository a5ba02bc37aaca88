"""PHQ-2 and PHQ-9 against their vectors; item 9 is told whatever the total."""

import pytest

from care_scoring.core.scores.phq import Phq2Input, Phq2Settings, Phq9Input, Phq9Settings, phq2, phq9
from care_scoring.core.scores.score import Answer, Flag

ITEM_9, POSITIVE, PRORATED = Flag.ITEM_9, Flag.POSITIVE_SCREEN, Flag.PRORATED


def nine(*items: int | None) -> Phq9Input:
    return Phq9Input(Answer(items))


@pytest.mark.parametrize(
    ("items", "positive_from", "total", "band"),
    [
        pytest.param((0, 0), 3, 0, "negative", id="0, 0 is negative"),
        pytest.param((1, 1), 3, 2, "negative", id="1, 1 is negative"),
        pytest.param((1, 1), 2, 2, "positive", id="1, 1 is positive for the more sensitive cut"),
        pytest.param((2, 1), 3, 3, "positive", id="2, 1 asks for a PHQ-9"),
        pytest.param((3, None), 3, None, None, id="half a screen is none"),
    ],
)
def test_the_short_screen(items: tuple[int | None], positive_from: int, total: int | None, band: str | None) -> None:
    score = phq2(Phq2Input(Answer(items)), Phq2Settings(positive_from))

    assert (score.total, score.band) == (total, band)
    assert score.flags == ((POSITIVE,) if band == "positive" else ())


@pytest.mark.parametrize(
    ("asked", "total", "band", "flags"),
    [
        pytest.param(nine(2, 1, 1, 1, 0, 0, 0, 0, 0), 5, "mild", (), id="5 mild, no alert"),
        pytest.param(nine(0, 0, 1, 1, 0, 0, 0, 0, 1), 3, "minimal", (ITEM_9,), id="a total of 3 and item 9"),
        pytest.param(nine(2, 2, 2, 2, 1, 1, 1, 0, 0), 11, "moderate", (POSITIVE,), id="11 moderate"),
        pytest.param(nine(*[3] * 9), 27, "severe", (ITEM_9, POSITIVE), id="27 severe and item 9"),
        pytest.param(nine(*[1] * 8, 1), 9, "mild", (ITEM_9,), id="9 is still mild"),
        pytest.param(nine(*[2] * 7, 1, 0), 15, "moderately-severe", (POSITIVE,), id="15"),
        pytest.param(nine(None, 1, 1, 1, 1, 1, 1, 1, 1), 9, "mild", (ITEM_9, PRORATED), id="8 of 9: 8 becomes 9"),
        pytest.param(nine(None, None, 2, 1, 1, 1, 1, 0, 0), 8, "mild", (PRORATED,), id="7 of 9: 6 becomes 7.7, so 8"),
        pytest.param(nine(4 - 4, None, 1, 1, 1, 1, 0, 0, 0), 5, "mild", (PRORATED,), id="4.5 is rounded up"),
        pytest.param(nine(None, None, None, 3, 3, 3, 3, 3, 0), None, None, (), id="three missing are too many"),
        pytest.param(nine(3, 3, 3, 3, 3, 3, 3, 3, None), None, None, (), id="item 9 is never estimated"),
        pytest.param(nine(*[None] * 8, 2), None, None, (ITEM_9,), id="item 9 alone is told without a total"),
    ],
)
def test_the_nine_items(asked: Phq9Input, total: int | None, band: str | None, flags: tuple[Flag, ...]) -> None:
    score = phq9(asked)

    assert (score.total, score.band, score.flags) == (total, band, flags)


@pytest.mark.parametrize(
    ("answers", "total", "band"),
    [
        pytest.param((0, 0, 0, 0, 0, 0, 0, 0), 0, "minimal", id="nought"),
        pytest.param((3, 1, 0, 0, 0, 0, 0, 0), 4, "minimal", id="4"),
        pytest.param((3, 2, 0, 0, 0, 0, 0, 0), 5, "mild", id="5"),
        pytest.param((3, 3, 3, 0, 0, 0, 0, 0), 9, "mild", id="9"),
        pytest.param((3, 3, 3, 1, 0, 0, 0, 0), 10, "moderate", id="10"),
        pytest.param((3, 3, 3, 3, 2, 0, 0, 0), 14, "moderate", id="14"),
        pytest.param((3, 3, 3, 3, 3, 0, 0, 0), 15, "moderately-severe", id="15"),
        pytest.param((3, 3, 3, 3, 3, 3, 1, 0), 19, "moderately-severe", id="19"),
        pytest.param((3, 3, 3, 3, 3, 3, 2, 0), 20, "severe", id="20"),
    ],
)
def test_how_severe_a_total_is_and_that_ten_is_positive(answers: tuple[int, ...], total: int, band: str) -> None:
    score = phq9(nine(*answers, 0))

    assert (score.total, score.band) == (total, band)
    assert (POSITIVE in score.flags) is (band not in {"minimal", "mild"})


def test_an_unanswered_item_9_is_asked_for() -> None:
    score = phq9(nine(*[0] * 8, None))

    assert score.missing == ("item 9",)
    assert score.notes == ("Item 9 was not answered: ask it.",)


def test_prorating_can_be_forbidden_and_is_shown() -> None:
    asked = nine(None, 1, 1, 1, 1, 1, 1, 1, 1)

    assert phq9(asked, Phq9Settings(missing_allowed=0)).total is None
    assert phq9(asked).derived == (("answered_sum", 8), ("answered", 8))


def test_no_questionnaire_is_no_score() -> None:
    assert (phq9(Phq9Input()).total, len(phq9(Phq9Input()).missing)) == (None, 9)
    assert (phq2(Phq2Input()).total, len(phq2(Phq2Input()).missing)) == (None, 2)
