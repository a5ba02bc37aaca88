"""Zarit against its vectors: four items screen, twelve confirm, a rise counts by itself."""

import pytest

from care_scoring.core.scores.score import Answer, Flag
from care_scoring.core.scores.zarit import (
    Zarit4Input,
    Zarit12Input,
    ZaritInput,
    ZaritSettings,
    zarit,
    zarit4,
    zarit12,
)


@pytest.mark.parametrize(
    ("items", "total", "band", "flags"),
    [
        pytest.param((0, 0, 0, 0), 0, "negative", (), id="no burden at all is an answer, too"),
        pytest.param((2, 2, 2, 1), 7, "negative", (), id="7 asks for nothing"),
        pytest.param((2, 2, 2, 2), 8, "positive", (Flag.POSITIVE_SCREEN,), id="8 asks for the twelve"),
        pytest.param((4, 4, 4, None), None, None, (), id="one unanswered is no score"),
    ],
)
def test_the_screen(items: tuple[int | None], total: int | None, band: str | None, flags: tuple[Flag]) -> None:
    score = zarit4(Zarit4Input(Answer(items)))

    assert (score.total, score.band, score.flags) == (total, band, flags)
    assert zarit(ZaritInput(Answer(items))) == score


SIXTEEN = (*[2] * 4, *[1] * 8)


@pytest.mark.parametrize(
    ("items", "before", "total", "band", "flags"),
    [
        pytest.param((1,) * 12, None, 12, "not-high", (), id="twelve ones ask for nothing"),
        pytest.param((*[2] * 5, *[1] * 7), None, 17, "high", (Flag.HIGH_BURDEN,), id="17 is high"),
        pytest.param(SIXTEEN, 10, 16, "not-high", (Flag.RISING_BURDEN,), id="16 now, 10 before: a rise of 6"),
        pytest.param(SIXTEEN, 11, 16, "not-high", (), id="a rise of 5 is none"),
        pytest.param(SIXTEEN, 30, 16, "not-high", (), id="a fall is no rise"),
        pytest.param((None, *[4] * 11), 10, None, None, (), id="one unanswered is no score and no rise"),
    ],
)
def test_the_twelve(
    items: tuple[int | None], before: int | None, total: int | None, band: str | None, flags: tuple[Flag]
) -> None:
    previous = None if before is None else Answer(before)

    score = zarit12(Zarit12Input(Answer(items), previous))

    assert (score.total, score.band, score.flags) == (total, band, flags)
    assert zarit(ZaritInput(Answer(items), previous)) == score


def test_older_caregivers_may_have_a_lower_cut() -> None:
    assert zarit12(Zarit12Input(Answer((1,) * 12)), ZaritSettings(long_high_from=12)).flags == (Flag.HIGH_BURDEN,)


def test_nobody_answered() -> None:
    assert (zarit4(Zarit4Input()).total, zarit12(Zarit12Input()).total) == (None, None)
