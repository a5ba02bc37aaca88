"""VISIT-CRITICAL: vector V5 and the near misses of rule 3."""

import pytest

from care_shared.vocabulary import Discipline
from tests.builders import Known, Step, Visit, admitted, play, tick, when

RULE = "VISIT-CRITICAL"
INSULIN = Visit(0, "08:00", Discipline.SKILLED_NURSING, critical=True)
EVENING = Visit(0, "20:00", Discipline.SKILLED_NURSING, critical=True)
UNVERIFIED = "opened P1 critical_visit_unverified"


@pytest.mark.parametrize(
    ("history", "story"),
    [
        pytest.param([INSULIN.scheduled(), tick(0, "08:59")], [], id="V5 an hour is not over"),
        pytest.param([INSULIN.scheduled(), tick(0, "09:00")], [UNVERIFIED], id="V5 nothing by nine: P1"),
        pytest.param(
            [INSULIN.scheduled(), tick(0, "09:00"), INSULIN.started("09:10")],
            [UNVERIFIED, "closed late_evidence visit_proven_late"],
            id="V5 clocked in at ten past: closes by itself, late",
        ),
        pytest.param([INSULIN.scheduled(), INSULIN.started("08:50"), tick(1)], [], id="rule 3: clocked in in time"),
        pytest.param([admitted(-1), INSULIN.scheduled(), tick(1)], [], id="rule 3: in hospital since yesterday"),
        pytest.param(
            [INSULIN.scheduled(), INSULIN.cancelled(2, by_patient=False), tick(1)],
            [],
            id="rule 3: cancelled by the nurse",
        ),
        pytest.param([INSULIN.missed()], ["opened P1 critical_visit_missed"], id="told as missed: P1 at once"),
        pytest.param([INSULIN.scheduled(), INSULIN.missed("documentation-only"), tick(1)], [], id="only the clock-in"),
        pytest.param(
            [INSULIN.scheduled(), EVENING.scheduled(), tick(0, "09:00"), EVENING.started("20:05")],
            [UNVERIFIED, "closed evidence care_resumed"],
            id="the next visit of the same discipline closes it",
        ),
        pytest.param(
            [INSULIN.scheduled(), tick(0, "09:00"), admitted(0, "11:00")],
            [UNVERIFIED, "closed superseded inpatient"],
            id="found in hospital",
        ),
        pytest.param(
            [INSULIN.scheduled(), tick(0, "09:00"), INSULIN.missed("hospitalised", Known(when(0, "10:00")))],
            [UNVERIFIED, "closed withdrawn not_counted"],
            id="told as hospitalised",
        ),
        pytest.param(
            [INSULIN.missed("rescheduled"), tick(6)],
            ["opened P1 critical_visit_missed"],
            id="moved without a date and never made up: told when the week ends",
        ),
        pytest.param(
            [Visit(0, "06:00").scheduled(), INSULIN.scheduled(), tick(0, "09:00")],
            [UNVERIFIED],
            id="an ordinary visit on the same morning hides nothing",
        ),
        pytest.param([Visit(0, "08:00").scheduled(), tick(0, "23:00")], [], id="an ordinary visit waits its day"),
        pytest.param(
            [INSULIN.scheduled(), tick(20)],
            [UNVERIFIED, "closed expired too_long_ago"],
            id="after 14 days it is history",
        ),
    ],
)
def test_critical_visits(history: list[Step], story: list[str]) -> None:
    assert play(history, RULE).story == story


def test_a_single_critical_miss_is_told_once_not_twice() -> None:
    played = play([INSULIN.missed()])

    assert [alert.rule_id for alert in played.alerts] == [RULE]


def test_it_names_the_visit_and_wakes_the_agency_first() -> None:
    alert = play([INSULIN.scheduled(), tick(0, "09:00")], RULE).alerts[0]

    assert alert.explanation == "The critical nursing visit of Mon 1 Mar 08:00 is not verified; treat it as missed."
    assert alert.audience == ("home-health-agency", "care-manager")
    assert alert.due_at == when(0, "10:00")
