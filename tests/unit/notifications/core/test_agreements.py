"""Without an agreement a partner gets nothing; with one it gets ids and a link, and what the agreement names."""

from datetime import timedelta

import pytest

from care_notifications.core.agreements import Agreement, Grant, LeadContact, granted, reason_not_agreed
from care_notifications.core.state import Channel
from tests.care_alerts import AGREEMENT, BOTH, HARBOR, NOW, Story, care_alert, directory, sent, withheld

HOOK = Channel.WEBHOOK
ANNA = LeadContact("Anna", "+15550111")


def agreement(**changed):
    told = {"id": "a", "organization": HARBOR, "begin": NOW - timedelta(days=1)}
    return Agreement(**(told | changed))


@pytest.mark.parametrize(
    ("agreements", "reason"),
    [
        pytest.param([agreement()], None, id="an agreement about everything"),
        pytest.param([], "no-agreement", id="none"),
        pytest.param([agreement(end=NOW)], "no-agreement", id="one that ended"),
        pytest.param([agreement(begin=NOW + timedelta(seconds=1))], "no-agreement", id="one that has not begun"),
        pytest.param([agreement(rules=frozenset({"oxygen"}))], "rule-not-agreed", id="about another rule"),
        pytest.param([agreement(channels=frozenset())], "channel-not-agreed", id="over no channel"),
        pytest.param(
            [agreement(rules=frozenset({"oxygen"})), agreement(id="b", rules=frozenset({"missed-visit"}))],
            None,
            id="two agreements, one of them about it",
        ),
    ],
)
def test_whether_it_is_agreed(agreements, reason):
    assert reason_not_agreed(agreements, "missed-visit", HOOK, NOW) == reason


def test_an_agreement_that_names_no_field_adds_none():
    assert granted([agreement()], care_alert(), HOOK, ANNA, NOW) == {}


def test_the_leads_name_and_phone_and_the_care_instructions_travel_when_granted():
    one = agreement(
        grants=frozenset({Grant.LEAD, Grant.CARE_INSTRUCTIONS}),
        instructions={"": "Call the Lead first.", "discharge-follow-up": "Bring the medicine list."},
    )

    assert granted([one], care_alert(), HOOK, ANNA, NOW) == {
        "lead": {"name": "Anna", "phone": "+15550111"},
        "care_instructions": "Bring the medicine list.",
    }
    assert granted([one], care_alert(rule_id="oxygen"), HOOK, None, NOW) == {
        "care_instructions": "Call the Lead first."
    }


@pytest.mark.parametrize(
    ("grant", "name", "value"),
    [
        (Grant.PATIENT_ID, "patient_id", "patient-1"),
        (Grant.PATIENT_NAME, "patient_name", "Juniper, Carl"),
        (Grant.BIRTH_DATE, "birth_date", "1948-03-02"),
        (Grant.RULE, "rule", "discharge-follow-up"),
        (Grant.REASON, "reason", "no-contact"),
        (Grant.NEXT_STEP, "next_step", "Call the patient or the caregiver."),
        (Grant.EXPLANATION, "explanation", care_alert().explanation),
    ],
)
def test_each_grant_adds_its_field_and_no_other(grant, name, value):
    assert granted([agreement(grants=frozenset({grant}))], care_alert(), HOOK, ANNA, NOW) == {name: value}


def test_what_ended_or_is_about_something_else_grants_nothing():
    those = [
        agreement(grants=frozenset(Grant), end=NOW),
        agreement(grants=frozenset(Grant), rules=frozenset({"oxygen"})),
        agreement(grants=frozenset(Grant), channels=frozenset()),
    ]

    assert granted(those, care_alert(), HOOK, ANNA, NOW) == {}


def test_the_pipeline_tells_a_partner_only_what_is_agreed_and_says_why_not():
    story = Story(directory(agreements={}))

    decision = story.hear(care_alert(audience=BOTH))

    assert ("endpoint-harbor", "webhook", "attention") not in sent(decision)
    assert ("endpoint-harbor", "webhook", "no-agreement") in withheld(decision)


def test_when_the_agreement_ends_the_closing_still_reaches_who_was_told():
    story = Story(directory(agreements={HARBOR: (AGREEMENT,)}))
    story.hear(care_alert(audience=BOTH))
    story.directory = directory(agreements={})

    decision = story.hear(care_alert(audience=BOTH, revision=2, change="closed", close_reason="evidence"))

    assert ("endpoint-harbor", "webhook", "closed") in sent(decision)
