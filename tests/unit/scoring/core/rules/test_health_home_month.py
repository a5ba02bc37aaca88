"""HHP-MONTH: the tenant's settings, and months that end at the patient's home."""

from care_shared.contracts.care_events import AlignmentChanged, ServiceRecorded
from care_shared.contracts.facts.person import CodedConcept
from care_shared.vocabulary import ContactChannel
from tests.builders import contacted, lives_in, play, policy_with, tick, when
from tests.chart_builders import fact

RULE = "HHP-MONTH"
MEMBER = fact(
    AlignmentChanged, 0, organization="org-1", programme="health-home", starts_on="2027-03-01", ends_on="2027-12-31"
)
SERVED = fact(ServiceRecorded, 2, service_id="s-1", service=CodedConcept(code="care-coordination"))


def test_a_service_without_a_live_contact_does_not_count_where_the_state_says_so() -> None:
    strict = policy_with("{health_home: {live_contact_only: true}}")

    assert play([MEMBER, SERVED, tick("2027-03-21")], RULE).story == []
    assert play([MEMBER, SERVED, tick("2027-03-21")], RULE, strict).story == ["opened P4 month_without_service"]


def test_of_two_contacts_one_face_to_face_where_the_state_says_so() -> None:
    strict = policy_with("{health_home: {contacts_a_month: 2, in_person_a_month: 1}}")
    calls = [contacted(1), contacted(3)]
    visited = [contacted(1), contacted(3, channel=ContactChannel.IN_PERSON)]

    assert play([MEMBER, *calls, tick("2027-03-21")], RULE, strict).story == ["opened P4 month_without_service"]
    assert play([MEMBER, *visited, tick("2027-03-21")], RULE, strict).story == []


def test_the_twentieth_begins_at_home_on_either_side_of_the_clock_change() -> None:
    opened = [
        play([lives_in(zone), MEMBER, tick("2027-03-21")], RULE).alerts[0].changed_at
        for zone in ("America/New_York", "America/Los_Angeles")
    ]

    assert opened == [when("2027-03-20", "00:00"), when("2027-03-20", "03:00")]


def test_a_contact_late_on_the_last_evening_at_home_counts_for_that_month() -> None:
    history = [lives_in("America/Los_Angeles"), MEMBER, contacted("2027-04-01", "01:30"), tick("2027-04-01", "02:00")]

    assert play(history, RULE).story[-1] == "closed evidence month_served"


def test_the_last_business_days_know_the_holidays_of_the_organisation() -> None:
    closed = policy_with("{holidays: {also_closed: [2027-03-29, 2027-03-30]}}")
    told = [
        [alert.changed_at for alert in play([MEMBER, tick("2027-03-31")], RULE, policy).alerts if alert.tier == "P3"]
        for policy in (policy_with("{}"), closed)
    ]

    assert told == [[when("2027-03-25", "00:00")], [when("2027-03-23", "00:00")]]
