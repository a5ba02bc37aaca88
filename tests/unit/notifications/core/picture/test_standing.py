"""Whether a fact still stands, whatever else was said about the same thing."""

import pytest

from care_notifications.core.picture.standing import Standing, holding, standing
from tests.patient_story import known, told

ADMITTED = told("hospital-admitted", "2026-11-16 09:00", encounter_id="s-1")
CANCELLED = told("admission-cancelled", "2026-11-16 10:00", encounter_id="s-1")
ADMITTED_AGAIN = told("hospital-admitted", "2026-11-16 11:00", encounter_id="s-1")
DISCHARGED = told("hospital-discharged", "2026-11-19 20:00", encounter_id="s-1")
STILL_THERE = told("discharge-cancelled", "2026-11-19 21:00", encounter_id="s-1")
RESULT = told("lab-resulted", "2026-11-18 12:00", observation_id="l-1", value=5.9, test={"code": "k"})
CORRECTED = told("lab-resulted", "2026-11-18 13:00", observation_id="l-1", value=4.9, test={"code": "k"})
FILL = told("medication-dispensed", "2026-11-18 12:00", dispense_id="d-1", medication={"code": "m"})
NO_FILL = told(
    "medication-dispensed", "2026-11-18 13:00", dispense_id="d-1", medication={"code": "m"}, entered_in_error=True
)


@pytest.mark.parametrize(
    ("event", "others", "expected"),
    [
        pytest.param(ADMITTED, [], Standing.HOLDS, id="nobody said anything else"),
        pytest.param(ADMITTED, [CANCELLED], Standing.RETRACTED, id="an admission is cancelled"),
        pytest.param(ADMITTED_AGAIN, [ADMITTED, CANCELLED], Standing.HOLDS, id="said anew after the cancellation"),
        pytest.param(DISCHARGED, [STILL_THERE], Standing.RETRACTED, id="a discharge is withdrawn"),
        pytest.param(ADMITTED, [DISCHARGED, STILL_THERE], Standing.HOLDS, id="the stay itself goes on"),
        pytest.param(RESULT, [CORRECTED], Standing.CORRECTED, id="a result is corrected"),
        pytest.param(CORRECTED, [RESULT], Standing.HOLDS, id="the correction holds"),
        pytest.param(FILL, [NO_FILL], Standing.RETRACTED, id="a fill was entered in error"),
        pytest.param(NO_FILL, [FILL], Standing.RETRACTED, id="and so was what says that"),
    ],
)
def test_how_a_fact_stands(event, others, expected):
    (one,) = known(event)

    assert standing(one, [*known(*others), one]) is expected


def test_only_facts_about_the_same_thing_take_one_another_back():
    other_stay = told("admission-cancelled", "2026-11-16 10:00", encounter_id="s-2")

    assert ADMITTED in [one.event for one in holding(known(other_stay, ADMITTED))]
