"""What is remembered of a patient, and for how long: to the very moment, kind by kind (services/scoring/README.md)."""

from datetime import datetime, timedelta

import pytest

from care_scoring.core.fold import new_state
from care_scoring.core.state.evolve import evolve
from care_scoring.core.state.forgetting import forget_old
from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent, CodedConcept
from tests.builders import PATIENT, Visit, contacted, discharged, when
from tests.chart_builders import answered, booked, fact, filled, prescribed, resulted, symptoms

NOBODY_ASKS = CodedConcept(code="1975-2")  # bilirubin: no rule names it
SECOND = timedelta(seconds=1)


def assert_remembered_until(last: datetime, told: AnyCareEvent, noun: str, gone_after: timedelta = SECOND) -> None:
    """It is there at that moment, and not so much later."""
    state = new_state(PATIENT)
    evolve(state, told)

    forget_old(state, last)
    assert getattr(state, noun)
    forget_old(state, last + gone_after)
    assert not getattr(state, noun)


@pytest.mark.parametrize(
    ("noun", "told", "days"),
    [
        ("encounters", discharged(0), 548),
        ("contacts", contacted(0), 45),
        ("reconciliations", fact(facts.MedicationsReconciled, 0, by_role="nurse"), 120),
        ("pending_results", fact(facts.ResultPending, 0, order_id="o", test=NOBODY_ASKS, encounter_id="s"), 120),
        ("assessments", answered("PHQ-2", {"1": 0, "2": 0}, 0), 400),
        ("symptoms", symptoms(0, dizziness=True), 30),
        ("surveys", fact(facts.SurveyAnswered, 0, survey="pulse", answers={}), 100),
        ("documents", fact(facts.DocumentReceived, 0, document_id="d", kind="discharge-summary"), 120),
        ("services", fact(facts.ServiceRecorded, 0, service_id="s", service={"code": "99214"}), 800),
        ("care_tasks", fact(facts.CareTaskChanged, 0, task_id="t", status="requested"), 120),
        ("orders", prescribed("apixaban"), 800),
        ("labs", resulted("4548-4", 7.0, 0), 548),
        ("labs", resulted("1975-2", 1.0, 0), 60),
        ("referrals", fact(facts.ReferralOrdered, 0, referral_id="r", specialty="cardiology"), 400),
        ("appointments", booked("a", 0, None), 400),
        ("recommendations", fact(facts.FollowUpRecommended, 0, recommendation_id="r", service=NOBODY_ASKS), 120),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_it_is_remembered_so_many_days_and_not_a_second_longer(noun: str, told: AnyCareEvent, days: int) -> None:
    assert_remembered_until(told.occurred_at + timedelta(days=days), told, noun)


@pytest.mark.parametrize(
    ("visit", "days"),
    [
        pytest.param(Visit(0, "09:00").scheduled(), 60, id="a planned one, as nobody knows what became of it"),
        pytest.param(Visit(0, "09:00").delivered(), 28, id="one that took place"),
    ],
)
def test_a_visit_is_remembered_by_its_planned_start(visit: AnyCareEvent, days: int) -> None:
    assert_remembered_until(Visit(0, "09:00").starts + timedelta(days=days), visit, "visits")


def test_an_appointment_still_to_come_is_remembered_from_its_own_day_on() -> None:
    day_before = when(300, "10:00") + timedelta(days=399)

    assert_remembered_until(day_before, booked("a", 0, 300), "appointments", gone_after=timedelta(days=2))


@pytest.mark.parametrize(
    ("drug", "days"),
    [
        pytest.param("atorvastatin", 400, id="a statin, of which a year is looked back on"),
        pytest.param("calamine", 200, id="a medicine without a class"),
    ],
)
def test_a_fill_is_remembered_by_what_it_is(drug: str, days: int) -> None:
    told = filled(drug, 0)

    assert_remembered_until(told.occurred_at + timedelta(days=days), told, "fills", gone_after=timedelta(days=1))


def test_which_event_told_of_a_fill_is_remembered_for_45_days() -> None:
    state = new_state(PATIENT)
    told = filled("atorvastatin", 0)
    evolve(state, told)
    (fills,) = state.fills.values()

    forget_old(state, told.occurred_at + timedelta(days=45))
    assert fills.events
    forget_old(state, told.occurred_at + timedelta(days=45, seconds=1))
    assert not fills.events
