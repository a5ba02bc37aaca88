"""HF-W1 and HF-W2 with the vectors of clinical.md §3.2, the near misses of rule 6, and the hysteresis."""

import pytest

from care_shared.contracts.care_events import AnyCareEvent
from care_shared.vocabulary import SensitivityLabel, VitalSign
from tests.builders import (
    Known,
    Step,
    admitted,
    daily,
    discharged,
    has_condition,
    measured,
    play,
    policy_with,
    tick,
    weight,
    when,
)
from tests.chart_builders import symptoms

RULE = "HF-WEIGHT"
HF = has_condition("I50.22")
W1 = "opened P2 weight_gain_overnight"
W2 = "opened P2 weight_gain_week"
SETTLED = "closed evidence weight_settled"
SCALE = "opened P4 wrong_person_suspect"


def weights(*values: float, first: int = 0) -> list[AnyCareEvent]:
    return daily(VitalSign.BODY_WEIGHT, values, first)


@pytest.mark.parametrize(
    ("history", "story"),
    [
        pytest.param([HF, *weights(80.0, 81.2)], [], id="+1.2 kg overnight: silent"),
        pytest.param([HF, *weights(80.0, 81.4)], [W1], id="+1.4 kg overnight: HF-W1"),
        pytest.param([HF, weight(80.0, 0), weight(81.4, 2)], [], id="+1.4 kg in 48 hours: silent"),
        pytest.param([HF, *weights(80.0, 80.4, 80.9, 81.3, 81.8)], [], id="climbing for four days: not yet"),
        pytest.param([HF, *weights(80.0, 80.4, 80.9, 81.3, 81.8, 82.3)], [W2], id="+2.3 kg in a week: HF-W2"),
        pytest.param([HF, *weights(80.0, 92.0)], [SCALE], id="+12 kg: another person on the scale"),
        pytest.param([HF, *weights(80.0, 92.0, 80.1)], [SCALE, SETTLED], id="the next own weight closes the check"),
        pytest.param(
            [HF, *weights(80.0, 92.0), tick(9)], [SCALE, "closed expired too_long_ago"], id="or three days do"
        ),
        pytest.param([HF, *weights(*[80.0 + 0.1774 * day for day in range(8)])], [], id="T8 +1.2 kg in a week: silent"),
        pytest.param([*weights(80.0, 81.4)], [], id="without heart failure nobody asks"),
        pytest.param([has_condition("E11.9"), *weights(80.0, 81.4)], [], id="diabetes is not heart failure"),
        pytest.param([HF, has_condition("I50.22", 0, active=False), *weights(80.0, 81.4)], [], id="it was struck off"),
        pytest.param([*weights(80.0, 81.4), has_condition("I50.22", 2)], [W1], id="heart failure is learnt later"),
        pytest.param(
            [HF, *weights(80.0, 81.4, 82.4)],
            [W1, "updated P2 weight_gain_week"],
            id="rule 6: within an open alert a new breach updates",
        ),
        pytest.param([HF, *weights(80.0, 81.4, 80.5, 80.3)], [W1, SETTLED], id="two calm days settle it"),
        pytest.param(
            [HF, *weights(80.0, 81.4, 80.5), weight(80.4, 2, "20:00")], [W1], id="two calm readings of one day do not"
        ),
        pytest.param(
            [HF, *weights(80.0, 81.4, 80.2, 80.0, 81.5)],
            [W1, SETTLED, "reopened P2 weight_gain_overnight"],
            id="settled and risen again: told again",
        ),
        pytest.param(
            [HF, *weights(80.0, 81.4), tick(8, "08:01")],
            [W1, "closed expired too_long_ago"],
            id="a week without a weight ends it",
        ),
        pytest.param(
            [HF, *weights(80.0, 81.4), admitted(2), discharged(4), *weights(79.0, 79.2, first=5)],
            [W1, "closed superseded inpatient"],
            id="a stay in hospital ends it; the weights before do not count after",
        ),
    ],
)
def test_heart_failure_weights(history: list[Step], story: list[str]) -> None:
    assert play(history, RULE).story == story


def test_it_says_from_what_to_what() -> None:
    alert = play([HF, *weights(80.0, 81.4)], RULE).alerts[0]

    assert alert.explanation == "Weight rose by 1.4 kg since the day before (80.0 to 81.4 kg on Tue 2 Mar)."
    assert [fact.what for fact in alert.evidence] == ["Weight 80.0 kg", "Weight 81.4 kg"]
    assert alert.due_at == when(2, "07:00")


def test_a_suspect_weight_says_by_how_much_it_differs() -> None:
    alert = play([HF, *weights(80.0, 60.0)], RULE).alerts[-1]

    assert alert.explanation.startswith("60.0 kg on Tue 2 Mar differs by 25 % from the weight before")
    assert alert.occurrences == 1


def test_the_worst_and_the_count_are_kept() -> None:
    alert = play([HF, *weights(80.0, 81.4, 82.9)], RULE).alerts[-1]

    assert alert.occurrences == 2
    assert alert.explanation == "Weight rose by 1.5 kg since the day before (81.4 to 82.9 kg on Wed 3 Mar)."


def test_a_reading_that_arrives_in_between_does_not_rename_the_gain() -> None:
    in_order = [HF, *weights(80.0, 81.4, 82.9)]
    swapped = [in_order[0], in_order[1], in_order[3], in_order[2]]

    assert play(in_order, RULE).alerts[-1].gap_id == play(swapped, RULE).alerts[-1].gap_id


def test_the_kilograms_are_settings() -> None:
    strict = policy_with("{heart_failure_weight: {gain_overnight_kg: 0.9}}")

    assert play([HF, *weights(80.0, 81.0)], RULE, strict).story == [W1]


def test_another_vital_sign_does_not_matter() -> None:
    assert play([HF, measured(VitalSign.GLUCOSE, 80, 0), measured(VitalSign.GLUCOSE, 180, 1)], RULE).story == []


@pytest.mark.parametrize(
    ("saturation", "labels"),
    [
        pytest.param(97, (), id="a saturation in range adds nothing to the alert, not even its labels"),
        pytest.param(89, (SensitivityLabel.HIV,), id="a low one is told, and its labels with it"),
    ],
)
def test_symptoms_inherit_the_labels_of_a_saturation_that_is_told(
    saturation: float, labels: tuple[SensitivityLabel, ...]
) -> None:
    private = Known(labels=(SensitivityLabel.HIV,))
    reading = measured(VitalSign.OXYGEN_SATURATION, saturation, 0, "07:00", known=private)
    alerts = play([has_condition(), reading, symptoms(0, "07:30", orthopnoea=True)], "HF-S1").alerts

    assert [alert.labels for alert in alerts] == [labels]
