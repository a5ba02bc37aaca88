"""HHP-TRANS: where a state counts hours, and the clock change within them."""

from tests.builders import Known, aligned, discharged, play, policy_with, tick, when

RULE = "HHP-TRANS"
HOURS = policy_with("{health_home_transition: {within_hours: 48}}")
MEMBER = aligned("org-1", "health-home")


def test_where_hours_are_counted_48_of_them_pass_over_the_clock_change() -> None:
    noticed = Known(when("2027-03-13", "20:00"))
    alerts = play([MEMBER, discharged("2027-03-12", known=noticed), tick("2027-03-16")], RULE, HOURS).alerts

    assert [alert.due_at for alert in alerts] == [when("2027-03-15", "21:00")] * 2
    assert alerts[0].opened_at == when("2027-03-15", "09:00")


def test_whoever_left_the_programme_before_the_notice_is_not_followed_up_by_it() -> None:
    left = MEMBER.model_copy(update={"ends_on": when(-1).date()})

    assert play([left, discharged(0), tick(5)], RULE).story == []
