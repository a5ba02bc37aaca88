"""PHQ-SCREEN: the cut that a policy may set lower, and the correction of a form."""

from care_shared.contracts.care_events import AssessmentCompleted
from tests.builders import Known, play, policy_with, when
from tests.chart_builders import answered, fact

RULE = "PHQ-SCREEN"


def test_with_a_cut_of_two_one_and_one_are_positive() -> None:
    sensitive = policy_with("{depression: {phq2_positive_from: 2}}")

    assert play([answered("PHQ-2", {"1": 1, "2": 1}, 0)], RULE, sensitive).story == ["opened P3 phq9_due"]


def test_a_correction_to_below_the_cut_withdraws_it() -> None:
    items = {str(number): 2 for number in range(1, 9)} | {"9": 0}
    form = answered("PHQ-9", items, 0, "q-1")
    stated = Known(at=when(1), stated=when(1))
    corrected = fact(
        AssessmentCompleted, 0, "12:00", stated, instrument="PHQ-9", items=dict.fromkeys(items, 0), assessment_id="q-1"
    )

    assert play([form, corrected], RULE).story == ["opened P3 phq9_positive", "closed withdrawn phq9_negative"]
