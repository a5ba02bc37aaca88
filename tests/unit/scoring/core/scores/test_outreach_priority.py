"""Outreach priority against the vectors X1 to X5: additive, capped, explained, and in one clear order."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from care_scoring.core.scores.outreach_factors import LOWERED_BY
from care_scoring.core.scores.outreach_input import AlertCause, DueGap, OutreachInput
from care_scoring.core.scores.outreach_priority import OutreachPriority, Queue, outreach_priority
from care_scoring.core.scores.outreach_settings import GapPoints, OutreachSettings
from care_scoring.core.scores.score import Answer

YES = Answer(value=True)
NOON = datetime(2027, 3, 3, 12, tzinfo=UTC)
WEIGHT_ALERT = Answer((AlertCause.OTHER,))

X1 = OutreachInput(
    as_of=NOON,
    days_since_discharge=Answer(2.0),
    lace=Answer(12),
    open_p2=WEIGHT_ALERT,
    gaps=(DueGap("TCM contact", 24), DueGap("TCM visit", 120)),
    high_needs=YES,
    homebound=YES,
    lives_alone=YES,
    medicines_unreconciled=YES,
    working_channel=YES,
)
X2 = OutreachInput(as_of=NOON, gaps=(DueGap("A1c", -1),), pdc=Answer(0.72), dual_eligible=YES, working_channel=YES)
X3 = OutreachInput(
    as_of=NOON,
    open_p2=Answer((AlertCause.MISSED_VISITS,)),
    missed_visits_in_a_row=Answer(2),
    homebound=YES,
    high_needs=YES,
    caregiver_burden_high=YES,
    working_channel=YES,
)
X4 = OutreachInput(
    as_of=NOON,
    days_since_ed_release=Answer(3.0),
    gaps=(DueGap("FMC", 96),),
    ed_visits_6_months=Answer(2),
    working_channel=YES,
    days_since_contact=Answer(1.0),
)
X5 = replace(X1, open_p1=YES)


def counted(found: OutreachPriority) -> list[int]:
    return [one.counted for one in found.domains]


@pytest.mark.parametrize(
    ("asked", "domains", "total", "band"),
    [
        pytest.param(X1, [26, 15, 9, 11, 6], 67, "today", id="X1"),
        pytest.param(X2, [0, 0, 10, 2, 7], 19, "routine", id="X2"),
        pytest.param(X3, [0, 12, 0, 12, 2], 26, "this-week", id="X3"),
        pytest.param(X4, [8, 0, 3, 0, 6], 9, "routine", id="X4 reached yesterday"),
        pytest.param(X5, [26, 30, 9, 11, 6], 82, "today", id="X5 capped"),
    ],
)
def test_a_patient(asked: OutreachInput, domains: list[int], total: int, band: str) -> None:
    found = outreach_priority(asked)

    assert counted(found) == domains
    assert (found.score.total, found.score.band, found.queue) == (total, band, Queue.OUTREACH)


def test_an_open_p1_then_an_open_p2_come_before_any_score() -> None:
    keys = {name: outreach_priority(asked).sort_key for name, asked in (("X2", X2), ("X3", X3), ("X4", X4), ("X5", X5))}
    without_p2 = outreach_priority(replace(X1, open_p2=None)).sort_key

    assert keys["X5"] is not None
    assert keys["X3"] is not None
    assert without_p2 is not None
    assert keys["X5"] < keys["X3"] < without_p2


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(
            replace(X2, gaps=(DueGap("A1c", 10),)),
            replace(X1, open_p2=None),
            id="the earlier deadline before the score",
        ),
        pytest.param(
            X4, replace(X4, gaps=(DueGap("FMC", 96, regulatory=False),)), id="only regulatory deadlines order"
        ),
        pytest.param(X4, replace(X4, ed_visits_6_months=None), id="then the higher score"),
        pytest.param(X4, replace(X4, days_since_contact=Answer(0.5)), id="then who was reached longer ago"),
        pytest.param(replace(X2, pdc=None), replace(X2, pdc=None, patient_id="b"), id="then the patient id"),
    ],
)
def test_the_order_of_the_worklist(first: OutreachInput, second: OutreachInput) -> None:
    keys = [outreach_priority(one).sort_key for one in (first, second)]

    assert keys[0] is not None
    assert keys[1] is not None
    assert keys[0] < keys[1]


def test_the_earliest_deadline_is_told_to_the_second() -> None:
    """The contact is due in 24 hours, the visit in 120: noon of the next day."""
    key = outreach_priority(X1).sort_key

    assert key is not None
    assert key.earliest_deadline == datetime(2027, 3, 4, 12, tzinfo=UTC)


def test_never_reached_comes_first_and_a_stated_time_is_taken() -> None:
    reached = replace(X2, days_since_contact=Answer(1.0, at=NOON))
    keys = [outreach_priority(one).sort_key for one in (X2, reached)]

    assert [key.last_contact.year if key else None for key in keys] == [1, 2027]


@pytest.mark.parametrize(
    ("asked", "queue"),
    [
        pytest.param(replace(X5, deceased=True, inpatient=True), Queue.NONE, id="deceased"),
        pytest.param(replace(X5, opted_out=True), Queue.NONE, id="opted out"),
        pytest.param(replace(X5, in_hospice=True), Queue.HOSPICE, id="hospice has its own queue"),
        pytest.param(replace(X5, inpatient=True), Queue.TRANSITION, id="in hospital now"),
    ],
)
def test_some_patients_stand_elsewhere(asked: OutreachInput, queue: Queue) -> None:
    found = outreach_priority(asked)

    assert (found.queue, found.score.total, found.score.band, found.sort_key) == (queue, None, None, None)
    assert found.score.notes


def test_what_is_said_of_the_dead_rests_on_nothing_that_time_changes() -> None:
    """Found by Hypothesis: a talk three days before the death aged, and the priority of the dead was told anew."""
    found = outreach_priority(replace(X5, deceased=True)).score

    assert (found.items, found.missing, found.notes) == ((), (), ("The patient died.",))


@pytest.mark.parametrize(
    ("causes", "named", "points"),
    [
        pytest.param((), {}, 0, id="none open"),
        pytest.param(("other",), {}, 15, id="a P2 of its own"),
        pytest.param(("trend",), {"trend_alert": YES}, 10, id="the trend that raised it is counted once"),
        pytest.param(("trend",), {}, 15, id="a cause without its factor still counts"),
        pytest.param(("trend", "other"), {"trend_alert": YES}, 25, id="another P2 beside the trend"),
        pytest.param(("critical-visit",), {"critical_visit_missed": YES}, 15, id="a critical visit"),
        pytest.param(("silence",), {"device_silent": YES}, 6, id="silence"),
        pytest.param(("missed-visits",), {"missed_visits_in_a_row": Answer(1)}, 15, id="one miss has no points yet"),
    ],
)
def test_a_p2_is_not_counted_twice(causes: tuple[str, ...], named: dict[str, Answer[bool]], points: int) -> None:
    asked = replace(OutreachInput(open_p2=Answer(tuple(AlertCause(one) for one in causes))), **named)

    assert counted(outreach_priority(asked))[1] == points


@pytest.mark.parametrize(
    ("asked", "domains"),
    [
        pytest.param(OutreachInput(days_since_discharge=Answer(7.0)), [20, 0, 0, 0, 0], id="day 7"),
        pytest.param(OutreachInput(days_since_discharge=Answer(8.0)), [10, 0, 0, 0, 0], id="day 8"),
        pytest.param(OutreachInput(days_since_discharge=Answer(31.0)), [0, 0, 0, 0, 0], id="day 31"),
        pytest.param(OutreachInput(days_since_ed_release=Answer(8.0)), [0, 0, 0, 0, 0], id="emergency visit of day 8"),
        pytest.param(OutreachInput(lace=Answer(9)), [3, 0, 0, 0, 0], id="LACE 9"),
        pytest.param(OutreachInput(lace=Answer(4)), [0, 0, 0, 0, 0], id="LACE 4"),
        pytest.param(
            replace(X1, readmitted_within_30_days=YES, days_since_ed_release=Answer(1.0)),
            [30, 15, 9, 11, 6],
            id="A capped",
        ),
        pytest.param(OutreachInput(gaps=(DueGap("a", 48), DueGap("b", 49))), [0, 0, 9, 0, 0], id="48 h and after"),
        pytest.param(OutreachInput(gaps=(DueGap("a", 168), DueGap("b", 169))), [0, 0, 3, 0, 0], id="a week and after"),
        pytest.param(OutreachInput(gaps=(DueGap("a", 0),)), [0, 0, 6, 0, 0], id="due now is not overdue"),
        pytest.param(OutreachInput(gaps=tuple(DueGap(n, -1) for n in "abc")), [0, 0, 20, 0, 0], id="C capped"),
        pytest.param(OutreachInput(positive_social_needs=Answer(3)), [0, 0, 0, 4, 0], id="needs count to 4"),
        pytest.param(
            replace(X1, cognitive_impairment=YES, dual_eligible=YES, caregiver_burden_high=YES),
            [26, 15, 9, 15, 6],
            id="D capped",
        ),
        pytest.param(OutreachInput(pdc=Answer(0.80)), [0, 0, 0, 0, 0], id="PDC 0.80 is enough"),
        pytest.param(OutreachInput(pdc=Answer(0.79)), [0, 0, 0, 0, 5], id="PDC below"),
        pytest.param(OutreachInput(days_since_primary_care=Answer(180.0)), [0, 0, 0, 0, 4], id="180 days unseen"),
        pytest.param(OutreachInput(days_since_primary_care=Answer(179.0)), [0, 0, 0, 0, 0], id="179 days"),
    ],
)
def test_the_edges_of_the_table(asked: OutreachInput, domains: list[int]) -> None:
    assert counted(outreach_priority(asked)) == domains


@pytest.mark.parametrize(("days", "minus"), [(0.0, -8), (3.0, -8), (3.1, 0)])
def test_a_recent_conversation_takes_points_off_but_never_below_nothing(days: float, minus: int) -> None:
    calm = outreach_priority(OutreachInput(days_since_contact=Answer(days)))

    assert dict(calm.score.derived)["recent_contact"] == minus
    assert calm.score.total == 0


def test_the_leading_five_are_told_with_evidence_and_what_would_lower_them() -> None:
    discharged = Answer(2.0, at=NOON, source="event-9")

    told = outreach_priority(replace(X1, days_since_discharge=discharged)).factors

    assert [(factor.item.name, factor.item.points) for factor in told] == [
        ("days_since_discharge", 20),
        ("open_p2", 15),
        ("lace", 6),
        ("gap: TCM contact", 6),
        ("high_needs", 5),
    ]
    assert (told[0].item.at, told[0].item.source) == (NOON, "event-9")
    assert told[1].lowered_by == LOWERED_BY["open_p2"]


def test_what_nobody_asked_is_listed_not_counted_as_a_no() -> None:
    score = outreach_priority(OutreachInput(days_since_discharge=Answer(3.0), high_needs=Answer(value=False))).score

    assert score.total == 20
    assert "lace" in score.missing
    assert "pdc" in score.missing
    assert "high_needs" not in score.missing


def test_a_score_names_the_settings_that_differ_from_its_version() -> None:
    stricter = OutreachSettings(gaps=GapPoints(overdue=20), today_from=70)

    assert outreach_priority(X1).score.settings == ()
    assert outreach_priority(X2, stricter).score.settings == (("gaps.overdue", 20), ("today_from", 70))
    assert (outreach_priority(X1, stricter).score.total, outreach_priority(X1, stricter).score.band) == (
        67,
        "within-2-business-days",
    )
    assert outreach_priority(X2, stricter).score.total == 29
