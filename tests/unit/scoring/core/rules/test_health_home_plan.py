"""HHP-PLAN: 90 days where the state says so, and a plan that only arrives later."""

from care_shared.contracts.care_events import AlignmentChanged, CarePlanUpdated
from tests.builders import Known, play, policy_with, tick, when
from tests.chart_builders import fact

RULE = "HHP-PLAN"
MEMBER = fact(AlignmentChanged, -45, organization="org-1", programme="health-home", starts_on="2027-01-15")


def test_ninety_days_where_the_state_says_so() -> None:
    alert = play([MEMBER, tick("2027-04-05")], RULE, policy_with("{health_home: {plan_within_days: 90}}")).alerts[0]

    assert alert.changed_at == when("2027-04-01", "00:00")
    assert alert.due_at is not None
    assert alert.due_at == when("2027-04-15", "23:59").replace(second=59)


def test_a_plan_written_in_time_and_learnt_late_closes_it() -> None:
    plan = fact(CarePlanUpdated, "2027-02-20", "12:00", Known(at=when("2027-03-12")), plan_id="plan-1")

    assert play([MEMBER, tick("2027-03-11"), plan], RULE).story == [
        "opened P4 plan_due",
        "escalated P3 plan_due",
        "closed evidence plan_written",
    ]


def test_a_plan_that_ended_is_no_plan() -> None:
    plan = fact(CarePlanUpdated, "2027-02-20", plan_id="plan-1", active=False)

    assert play([MEMBER, plan, tick("2027-03-03")], RULE).story == ["opened P4 plan_due"]
