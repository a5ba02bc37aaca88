"""VISIT-REFUSED: labels of every refusal it rests on, and the same gap in any order."""

from itertools import permutations

from care_shared.vocabulary import Discipline, SensitivityLabel
from tests.builders import Visit, play, tick

RULE = "VISIT-REFUSED"
FIRST = Visit(0, labels=(SensitivityLabel.HIV,)).missed("patient-refused")
SECOND = Visit(2, discipline=Discipline.SKILLED_NURSING).missed("patient-refused")
THIRD = Visit(4).missed("patient-refused")


def test_labels_of_both_refusals_are_inherited() -> None:
    assert play([FIRST, SECOND], RULE).alerts[0].labels == (SensitivityLabel.HIV,)


def test_in_any_order_the_latest_refusal_names_the_gap() -> None:
    ends = [play([*order, tick(5)], RULE).open_gaps for order in permutations([FIRST, SECOND, THIRD])]

    assert all(end == ends[0] for end in ends)
    assert [episode for rule, episode in ends[0] if rule == RULE] == [Visit(4).name]
