"""NEWS2 at home: only when all seven values lie within the hour, and always called unvalidated."""

import pytest

from care_scoring.core.patient_scores.news2 import may_have_changed
from care_shared.contracts.care_events import AnyCareEvent, GoalStated
from care_shared.vocabulary import SensitivityLabel, VitalSign
from tests import builders as b
from tests import chart_builders as c
from tests.score_builders import told

SEVEN = {
    VitalSign.RESPIRATORY_RATE: 22.0,
    VitalSign.OXYGEN_SATURATION: 89.0,
    VitalSign.SYSTOLIC: 118.0,
    VitalSign.HEART_RATE: 92.0,
    VitalSign.BODY_TEMPERATURE: 37.2,
    VitalSign.INHALED_OXYGEN_FLOW: 0.0,
}
PSY = (SensitivityLabel.PSYCHIATRIC,)


def measured_set(clock: str = "08:00", **changed: float) -> list[AnyCareEvent]:
    """Vector N-d/N-e, unless changed: 22, 89 %, air, 118, 92, 37.2."""
    values = SEVEN | {VitalSign[name]: value for name, value in changed.items()}
    return [b.measured(code, value, 0, clock) for code, value in values.items()]


def target(low: float = 88, high: float = 92) -> AnyCareEvent:
    measure = {"system": c.LOINC, "code": VitalSign.OXYGEN_SATURATION.value}
    return c.fact(GoalStated, -10, goal_id="g", measure=measure, low=low, high=high)


OVER_OXYGENATED = measured_set(OXYGEN_SATURATION=96, INHALED_OXYGEN_FLOW=2, RESPIRATORY_RATE=18, HEART_RATE=88)
ALERT = c.symptoms(0, "08:10", confusion=False)


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        pytest.param([*measured_set(), ALERT], [(6, "urgent")], id="N-e: usual scale"),
        pytest.param([target(), *measured_set(), ALERT], [(3, "low")], id="N-d: scale 2 by a recorded target"),
        pytest.param([target(90, 96), *measured_set(), ALERT], [(6, "urgent")], id="another target is no scale 2"),
        pytest.param([b.has_condition("J44.9"), *measured_set(), ALERT], [(6, "urgent")], id="COPD is no scale 2"),
        pytest.param(
            [target(), *OVER_OXYGENATED, ALERT],
            [(4, "low")],
            id="N-f: too much oxygen",
        ),
        pytest.param([*measured_set(), c.symptoms(0, "08:10", confusion=True)], [(9, "emergency")], id="new confusion"),
        pytest.param([*measured_set(), c.symptoms(0, "09:00", confusion=False)], [(6, "urgent")], id="after an hour"),
        pytest.param([*measured_set(), c.symptoms(0, "09:01", confusion=False)], [], id="a minute too late"),
        pytest.param([*measured_set()[:-1], ALERT], [], id="nobody said whether on oxygen"),
        pytest.param([*measured_set()[1:], ALERT], [], id="breaths were not counted"),
        pytest.param(measured_set(), [], id="nobody said a word about confusion"),
        pytest.param([*measured_set(), c.symptoms(0, "08:10", dizziness=True)], [], id="another symptom"),
        pytest.param([ALERT, *measured_set("08:30")], [(6, "urgent")], id="the readings came after the word"),
        pytest.param([b.has_condition("O09.90"), *measured_set(), ALERT], [], id="not in pregnancy"),
        pytest.param([b.lives_in(b.HOME, birth_date="2012-01-01"), *measured_set(), ALERT], [], id="not for a child"),
    ],
)
def test_home_news2(history: list[AnyCareEvent], expected: list[tuple[int, str]]) -> None:
    changes = told(b.play(history), "news2")

    assert [(one.value, one.band) for one in changes[-1:]] == expected
    assert {one.label for one in changes} <= {"home NEWS2, unvalidated"}


def test_the_same_numbers_an_hour_later_are_no_news() -> None:
    again = [*measured_set("11:00"), c.symptoms(0, "11:10", confusion=False)]

    assert len(told(b.play([*measured_set(), ALERT, *again]), "news2")) == 1


def test_the_labels_of_every_measurement_are_inherited() -> None:
    word = c.symptoms(0, "08:10", b.Known(labels=PSY), confusion=False)

    assert [one.labels for one in told(b.play([*measured_set(), word]), "news2")] == [PSY]


def test_a_quiet_reading_asks_nothing() -> None:
    state = b.play([b.measured(VitalSign.RESPIRATORY_RATE, 16, 0)]).state
    assert not may_have_changed(state, VitalSign.HEART_RATE)

    state = b.play([b.measured(VitalSign.RESPIRATORY_RATE, 16, 0), ALERT]).state
    assert may_have_changed(state, VitalSign.HEART_RATE)
    assert not may_have_changed(state, VitalSign.GLUCOSE)
