"""The answers of the AHC-HRSN form in the numbers of our contract, put so that the score can read them.

Items by name (or LOINC code): housing 0 steady, 1 worried, 2 no steady place; housing_problems the number of them;
food_worried and food_ran_out 0 never, 1 sometimes, 2 often; transport 0 or 1; utilities 0, 1 threatened, 2 shut off;
safety_1 to safety_4 from 1 never to 5 frequently.
"""

from collections.abc import Sequence
from typing import TypeVar

from care_scoring.core.questionnaires import Form
from care_scoring.core.scores.score import Answer
from care_scoring.core.scores.social_needs import (
    SAFETY_ITEMS,
    SAFETY_LOWEST,
    Housing,
    HousingProblem,
    HowOften,
    SocialNeedsInput,
    Utilities,
)

T = TypeVar("T")
SAFETY_HIGHEST = 5
LOINC = {
    "housing": "71802-3",
    "housing_problems": "96778-6",
    "food_worried": "88122-7",
    "food_ran_out": "88123-5",
    "transport": "93030-5",
    "utilities": "96779-4",
}
HOUSING = (Housing.STEADY, Housing.WORRIED, Housing.NONE)
HOW_OFTEN = (HowOften.NEVER, HowOften.SOMETIMES, HowOften.OFTEN)
UTILITIES = (Utilities.NO, Utilities.THREATENED, Utilities.SHUT_OFF)
YES_OR_NO = (False, True)
PROBLEMS = tuple(HousingProblem)


def social_answers(form: Form) -> SocialNeedsInput:
    """What the form says; a number outside its scale is no answer."""
    problems = _said(form, "housing_problems")
    return SocialNeedsInput(
        housing=_choice(form, "housing", HOUSING),
        # How many counts, not which: the form tells a number, and any of them is a need.
        housing_problems=None if problems is None else Answer(PROBLEMS[: max(problems, 0)], form.at, _source(form)),
        food_worried=_choice(form, "food_worried", HOW_OFTEN),
        food_ran_out=_choice(form, "food_ran_out", HOW_OFTEN),
        transport=_choice(form, "transport", YES_OR_NO),
        utilities=_choice(form, "utilities", UTILITIES),
        safety=_safety(form),
    )


def _source(form: Form) -> str:
    return form.said.event_id


def _said(form: Form, name: str) -> int | None:
    items = form.said.items
    return items.get(name, items.get(LOINC.get(name, "")))


def _choice(form: Form, name: str, choices: Sequence[T]) -> Answer[T] | None:
    said = _said(form, name)
    return None if said is None or not 0 <= said < len(choices) else Answer(choices[said], form.at, _source(form))


def _safety(form: Form) -> Answer[tuple[int | None, ...]] | None:
    answers = [_said(form, f"safety_{number}") for number in range(1, SAFETY_ITEMS + 1)]
    on_scale = tuple(one if one is not None and SAFETY_LOWEST <= one <= SAFETY_HIGHEST else None for one in answers)
    return Answer(on_scale, form.at, _source(form)) if any(one is not None for one in on_scale) else None
