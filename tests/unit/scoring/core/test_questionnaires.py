"""Forms under the names and numbers that people give them."""

import pytest

from care_scoring.core.questionnaires import PHQ_9, SOCIAL_NEEDS, ZARIT_12, forms_of, plain_name
from care_scoring.core.scores.phq import Phq9Input, phq9
from care_scoring.core.social_answers import social_answers
from tests.builders import play
from tests.chart_builders import answered


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("PHQ-9", PHQ_9),
        ("phq 9", PHQ_9),
        ("Zarit-12", ZARIT_12),
        ("ZBI_12", ZARIT_12),
        ("AHC-HRSN", SOCIAL_NEEDS),
        ("HRSN", SOCIAL_NEEDS),
    ],
)
def test_a_form_has_many_spellings(said: str, plain: str) -> None:
    assert plain_name(said) == plain


@pytest.mark.parametrize("key", ["9", "item9", "item-9", "Q9", "item 9"])
def test_an_item_has_many_spellings(key: str) -> None:
    form = forms_of(play([answered("PHQ-9", {key: 1}, 0)]).state, PHQ_9)[0]

    assert form.numbered(9, 3).value == (None,) * 8 + (1,)


def test_below_the_scale_nobody_answered_and_above_it_counts_as_the_highest() -> None:
    form = forms_of(play([answered("PHQ-9", {"1": -1, "2": 7, "3": 0, "note": 2}, 0)]).state, PHQ_9)[0]

    assert form.numbered(3, 3).value == (None, 3, 0)


def test_a_social_answer_outside_its_scale_is_none() -> None:
    items = {"housing": 9, "transport": 1, "utilities": -1, "safety_1": 6, "safety_2": 2}
    said = social_answers(forms_of(play([answered("AHC-HRSN", items, 0)]).state, SOCIAL_NEEDS)[0])

    assert said.housing is None
    assert said.utilities is None
    assert said.transport is not None
    assert said.transport.value is True
    assert said.safety is not None
    assert said.safety.value == (None, 2, None, None)


def test_a_form_that_says_nothing_falls_below_nothing() -> None:
    """Neither items nor a total: what it cannot fall below is nought."""
    said = forms_of(play([answered("PHQ-9", {}, 0)]).state, PHQ_9)[0]
    stated = forms_of(play([answered("PHQ-9", {}, 0, total=11)]).state, PHQ_9)[0]
    of_items = forms_of(play([answered("PHQ-9", {"1": 2, "2": 3}, 0)]).state, PHQ_9)[0]

    assert [form.least_total(phq9(Phq9Input(form.numbered(9, 3)))) for form in (said, stated, of_items)] == [0, 11, 5]
