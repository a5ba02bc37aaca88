"""VISIT-WEEK: vectors V6 and V7 for skilled visits; weeks run Sunday to Saturday at the patient's home."""

import pytest

from care_shared.vocabulary import Discipline
from tests.builders import Known, Step, Visit, admitted, play, tick, when

RULE = "VISIT-WEEK"
MON, WED, FRI, SAT = (Visit(day, discipline=Discipline.SKILLED_NURSING) for day in (0, 2, 4, 5))
SHORT = "opened P2 skilled_visits_short"
WEEK = [MON.scheduled(), WED.scheduled(), FRI.scheduled(), MON.delivered(), WED.delivered()]


@pytest.mark.parametrize(
    ("history", "story"),
    [
        pytest.param([*WEEK, FRI.missed("patient-refused"), tick(5, "23:59")], [], id="V6 the week is not over"),
        pytest.param(
            [*WEEK, FRI.missed("patient-refused"), tick(6, "00:00")], [SHORT], id="V6 two of three by Saturday"
        ),
        pytest.param([*WEEK, FRI.delivered(), tick(9)], [], id="all delivered"),
        pytest.param(
            [*WEEK, FRI.missed("rescheduled", moved_to=SAT.starts), SAT.scheduled(), SAT.delivered(), tick(9)],
            [],
            id="V7 moved within the week: silent",
        ),
        pytest.param(
            [*WEEK, FRI.missed("rescheduled", moved_to=when(7, "09:00")), tick(6, "00:00")],
            [SHORT],
            id="V7 moved to Monday: a deviation",
        ),
        pytest.param(
            [*WEEK, FRI.missed("patient-refused"), tick(6, "00:00"), FRI.delivered(Known(when(7)))],
            [SHORT, "closed late_evidence visit_proven_late"],
            id="late proof closes it",
        ),
        pytest.param(
            [Visit(0).delivered(), Visit(2).missed(), tick(9)], [], id="an aide's visits are not skilled visits"
        ),
        pytest.param(
            [*WEEK, SAT.scheduled(), FRI.delivered(), tick(6, "09:59"), tick(6, "10:00")],
            [SHORT],
            id="a Saturday visit has its day to be proven",
        ),
        pytest.param(
            [*WEEK, FRI.missed("patient-refused"), tick(6, "00:00"), admitted(6, "09:00")],
            [SHORT, "closed superseded inpatient"],
            id="admitted afterwards",
        ),
        pytest.param([FRI.missed("agency-no-show", Known(when(30)))], [], id="a backfill opens nothing"),
        pytest.param([*WEEK, FRI.missed("weather-unsafe"), tick(9)], [], id="an excused visit is not short"),
    ],
)
def test_skilled_weeks(history: list[Step], story: list[str]) -> None:
    assert play(history, RULE).story == story


def test_it_counts_what_was_delivered() -> None:
    alert = play([*WEEK, FRI.missed("patient-refused"), tick(6, "00:00")], RULE).alerts[0]

    assert alert.explanation == "2 of 3 nursing visits were delivered in the week of Sun 28 Feb."
    assert alert.opened_at == when(5, "23:59").replace(second=59)
