"""HH-SOC and HH-ROC: what scenarios cannot say: audience, labels, settings, order, the clock-in of the visit."""

from itertools import permutations

import pytest

from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.vocabulary import Discipline, Disposition, Role, SensitivityLabel
from tests.builders import AT_ONCE, Known, Visit, admitted, discharged, play, policy_with, tick, when
from tests.chart_builders import fact

HOME_WITH_CARE = discharged(1, to=Disposition.HOME_HEALTH)
NURSE = Discipline.SKILLED_NURSING


def ordered(day: int, clock: str, known: Known = AT_ONCE, **body: object) -> AnyCareEvent:
    return fact(facts.ReferralOrdered, day, clock, known, referral_id="r1", specialty="Home-Health", **body)


def test_agency_and_care_manager_are_told_with_the_labels_of_stay_and_referral() -> None:
    referral = ordered(0, "15:00", Known(labels=(SensitivityLabel.PSYCHIATRIC,)))
    history = [admitted(-2), referral, discharged(1, known=Known(labels=(SensitivityLabel.HIV,))), tick(4)]
    alert = play(history, "HH-SOC").alerts[0]

    assert alert.audience == (Role.AGENCY, Role.CARE_MANAGER)
    assert alert.labels == (SensitivityLabel.HIV, SensitivityLabel.PSYCHIATRIC)
    assert alert.due_at == when(3, "10:00")
    assert [one.what for one in alert.evidence] == ["Referral to home health", "Discharge"]


def test_a_clock_in_counts_when_the_visitor_came_not_when_it_was_planned() -> None:
    planned_in_time = Visit(3, "09:30", NURSE)
    late = planned_in_time.delivered().model_copy(update={"started_at": when(3, "10:30")})

    assert play([HOME_WITH_CARE, late, tick(4)], "HH-SOC").story == [
        "opened P2 start_late_after_return",
        "closed late_evidence first_visit_made_late",
    ]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_in_any_order_the_same_gap_is_open(order: tuple[int, ...]) -> None:
    facts_told = [admitted(-2), ordered(0, "15:00"), HOME_WITH_CARE]

    played = play([*(facts_told[place] for place in order), tick(4)], "HH-SOC")

    assert {key for key in played.open_gaps if key[0] == "HH-SOC"} == {("HH-SOC", "referral:r1")}


def test_a_stay_months_after_a_referral_that_was_served_is_another_story() -> None:
    """The visits of then are forgotten by now; the referral is not."""
    served = [ordered(0, "15:00"), Visit(1, discipline=NURSE).delivered()]

    assert play([*served, admitted(90, stay="stay-2"), discharged(95, stay="stay-2"), tick(100)], "HH-SOC").story == []


def test_hours_are_a_setting() -> None:
    day = policy_with("{home_health_start: {within_hours: 24}}")

    assert play([HOME_WITH_CARE, tick(4)], "HH-SOC", day).alerts[0].opened_at == when(2, "10:00")


def test_the_resumption_may_count_from_the_notice() -> None:
    from_notice = policy_with("{home_health_start: {resumes_from_notice: true}}")
    history = [
        Visit(-8, discipline=NURSE).delivered(),
        admitted(-2),
        discharged(1, known=Known(when(2, "15:00"))),
        tick(5),
    ]

    assert [alert.opened_at for alert in play(history, "HH-ROC").alerts] == [when(3, "10:00")]
    assert [alert.opened_at for alert in play(history, "HH-ROC", from_notice).alerts] == [when(4, "15:00")]


def test_a_new_referral_for_a_patient_who_is_visited_already_starts_nothing() -> None:
    assert play([Visit(-2, discipline=NURSE).delivered(), ordered(0, "15:00"), tick(5)], "HH-SOC").story == []


def test_a_discharge_home_with_home_health_of_a_visited_patient_resumes_and_does_not_start() -> None:
    history = [Visit(-8, discipline=NURSE).delivered(), admitted(-2), HOME_WITH_CARE, tick(4)]

    assert play(history, "HH-SOC").story == []
    assert play(history, "HH-ROC").story == ["opened P2 resumption_late"]
