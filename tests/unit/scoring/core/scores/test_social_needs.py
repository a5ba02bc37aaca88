"""Five needs: one yes makes a need, a no needs every answer, and safety is added up."""

import pytest

from care_scoring.core.scores.score import Answer, Flag
from care_scoring.core.scores.social_needs import (
    Housing,
    HousingProblem,
    HowOften,
    SocialNeedsInput,
    SocialNeedsSettings,
    Utilities,
    social_needs,
)

MOULD = (HousingProblem.MOULD,)
NEVER, SOMETIMES, OFTEN = HowOften.NEVER, HowOften.SOMETIMES, HowOften.OFTEN


@pytest.mark.parametrize(
    ("asked", "domain", "need"),
    [
        pytest.param(SocialNeedsInput(safety=Answer((3, 3, 2, 2))), "safety", False, id="safety 3,3,2,2 is negative"),
        pytest.param(SocialNeedsInput(safety=Answer((3, 3, 3, 2))), "safety", True, id="safety 3,3,3,2 is positive"),
        pytest.param(SocialNeedsInput(safety=Answer((5, 5, None, 1))), "safety", True, id="what was answered suffices"),
        pytest.param(SocialNeedsInput(safety=Answer((3, 3, 3, None))), "safety", None, id="10 at least is not known"),
        pytest.param(SocialNeedsInput(food_ran_out=Answer(SOMETIMES)), "food", True, id="sometimes, on one item"),
        pytest.param(SocialNeedsInput(food_worried=Answer(OFTEN)), "food", True, id="often, on one item"),
        pytest.param(SocialNeedsInput(food_worried=Answer(NEVER)), "food", None, id="one never is not enough"),
        pytest.param(
            SocialNeedsInput(food_worried=Answer(NEVER), food_ran_out=Answer(NEVER)), "food", False, id="never, twice"
        ),
        pytest.param(
            SocialNeedsInput(housing=Answer(Housing.STEADY), housing_problems=Answer(MOULD)),
            "housing",
            True,
            id="steady with mould is positive",
        ),
        pytest.param(SocialNeedsInput(housing=Answer(Housing.WORRIED)), "housing", True, id="worried about losing it"),
        pytest.param(
            SocialNeedsInput(housing=Answer(Housing.STEADY), housing_problems=Answer(())),
            "housing",
            False,
            id="steady and sound",
        ),
        pytest.param(SocialNeedsInput(housing=Answer(Housing.STEADY)), "housing", None, id="half the housing question"),
        pytest.param(SocialNeedsInput(transport=Answer(value=True)), "transport", True, id="no transport"),
        pytest.param(SocialNeedsInput(transport=Answer(value=False)), "transport", False, id="transport"),
        pytest.param(SocialNeedsInput(utilities=Answer(Utilities.THREATENED)), "utilities", True, id="threatened"),
        pytest.param(SocialNeedsInput(utilities=Answer(Utilities.SHUT_OFF)), "utilities", True, id="already shut off"),
        pytest.param(SocialNeedsInput(utilities=Answer(Utilities.NO)), "utilities", False, id="not threatened"),
    ],
)
def test_a_domain(asked: SocialNeedsInput, domain: str, need: bool | None) -> None:
    score = social_needs(asked)

    assert [bool(item.points) for item in score.items if item.name == domain] == ([] if need is None else [need])
    assert (domain in score.missing) == (need is None)
    assert score.total is None


ANSWERED = SocialNeedsInput(
    housing=Answer(Housing.NONE),
    housing_problems=Answer(()),
    food_worried=Answer(NEVER),
    food_ran_out=Answer(NEVER),
    transport=Answer(value=False),
    utilities=Answer(Utilities.NO),
    safety=Answer((5, 5, 5, 5)),
)


def test_homelessness_and_violence_are_told_apart_from_the_rest() -> None:
    score = social_needs(ANSWERED)

    assert (score.total, score.band) == (2, "positive")
    assert score.flags == (Flag.POSITIVE_SCREEN, Flag.HOMELESS, Flag.UNSAFE)
    assert score.derived == (("safety_sum", 20),)


def test_a_need_stands_while_other_answers_are_missing() -> None:
    score = social_needs(SocialNeedsInput(housing=Answer(Housing.NONE)))

    assert (score.total, score.band, score.flags) == (None, None, (Flag.POSITIVE_SCREEN, Flag.HOMELESS))


def test_the_safety_cut_is_a_setting() -> None:
    asked = SocialNeedsInput(safety=Answer((3, 3, 2, 2)))

    assert Flag.UNSAFE in social_needs(asked, SocialNeedsSettings(unsafe_from=10)).flags


def test_the_evidence_is_the_answer_that_decided() -> None:
    asked = SocialNeedsInput(
        food_worried=Answer(NEVER, source="first"), food_ran_out=Answer(SOMETIMES, source="second")
    )

    assert [(item.input, item.source) for item in social_needs(asked).items] == [("sometimes", "second")]
