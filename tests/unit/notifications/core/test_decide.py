"""The right people are told once, and each silence has its reason."""

from datetime import timedelta

import pytest

from care_notifications.core.reasons import IN_WORDS, Reason
from care_notifications.core.state import Channel, Endpoint, Person
from care_shared.contracts.care_alerts import CareTeam
from care_shared.vocabulary import AlertChange, OrganizationId, PersonId, Role, SensitivityLabel, Tier
from tests.care_alerts import ANNA, BEN, BOTH, DESK, HARBOR, NOW, TEAM, Story, care_alert, directory, sent, withheld

ANNA_IS_TOLD = [(ANNA, "console", "attention"), (ANNA, "email", "attention")]
HARBOR_IS_TOLD = [("endpoint-harbor", "webhook", "attention")]


@pytest.mark.parametrize(
    ("alert", "told", "not_told"),
    [
        pytest.param(care_alert(), ANNA_IS_TOLD, [], id="the lead care manager is told"),
        pytest.param(
            care_alert(care_team=CareTeam(backup=BEN)),
            [(BEN, "console", "attention"), (BEN, "email", "attention")],
            [],
            id="without a lead the backup is told",
        ),
        pytest.param(
            care_alert(care_team=CareTeam()),
            [(DESK, "console", "attention"), (DESK, "email", "attention")],
            [],
            id="when nobody is named the default owner is told",
        ),
        pytest.param(
            care_alert(care_team=CareTeam(lead_care_manager=PersonId("stranger"))),
            [(DESK, "console", "attention"), (DESK, "email", "attention")],
            [("stranger", None, "unknown-person")],
            id="a lead nobody knows is written down and the default owner is told",
        ),
        pytest.param(care_alert(audience=BOTH), ANNA_IS_TOLD + HARBOR_IS_TOLD, [], id="the agency is told by webhook"),
        pytest.param(
            care_alert(audience=BOTH, care_team=CareTeam(lead_care_manager=ANNA)),
            ANNA_IS_TOLD,
            [("home-health-agency", None, "unknown-agency")],
            id="an agency that nobody named is written down",
        ),
        pytest.param(
            care_alert(audience=BOTH, care_team=TEAM.model_copy(update={"agency": OrganizationId("other")})),
            ANNA_IS_TOLD,
            [("other", "webhook", "no-endpoint")],
            id="an agency without endpoint is written down",
        ),
        pytest.param(
            care_alert(audience=(Role.CARE_MANAGER, Role.NURSE)),
            ANNA_IS_TOLD,
            [("nurse", None, "unknown-role")],
            id="a role that nobody has is written down",
        ),
        pytest.param(care_alert(tier=Tier.P4), ANNA_IS_TOLD, [], id="routine alerts are mailed, too, with the digest"),
        pytest.param(
            care_alert(audience=BOTH, labels=(SensitivityLabel.PART_2,)),
            [(ANNA, "email", "attention")],
            [(ANNA, "console", "sensitive"), ("endpoint-harbor", "webhook", "sensitive")],
            id="a labelled alert stays inside the care team, and out of the log",
        ),
        pytest.param(
            care_alert(changed_at=NOW - timedelta(days=2)),
            [],
            [(ANNA, "console", "expired"), (ANNA, "email", "expired")],
            id="what is two days old is not mailed",
        ),
        pytest.param(
            care_alert(change=AlertChange.CLOSED), [], [], id="a gap first heard of when it closed tells nobody"
        ),
    ],
)
def test_one_message(alert, told, not_told):
    decision = Story().hear(alert)

    assert sent(decision) == told
    assert withheld(decision) == not_told


def test_a_nurse_is_told_beside_the_owner():
    nurse = PersonId("nurse-kim")
    known = directory(people={ANNA: Person(ANNA), nurse: Person(nurse, roles=(Role.NURSE,))})

    decision = Story(known).hear(care_alert(audience=(Role.CARE_MANAGER, Role.NURSE)))

    assert [recipient for recipient, _, _ in sent(decision)] == [ANNA, ANNA, nurse, nurse]


def test_a_person_on_leave_is_passed_over():
    known = directory(people={ANNA: Person(ANNA, active=False), BEN: Person(BEN)})

    decision = Story(known).hear(care_alert())

    assert decision.record is not None
    assert decision.record.owner == BEN
    assert (ANNA, None, "unknown-person") in withheld(decision)


def test_a_channel_that_is_not_configured_is_said():
    decision = Story(directory(channels=frozenset((Channel.CONSOLE,)))).hear(care_alert())

    assert withheld(decision) == [(ANNA, "email", "channel-off")]


def test_an_endpoint_that_was_switched_off_gets_nothing():
    known = directory(endpoints=(Endpoint("endpoint-harbor", HARBOR, enabled=False),))

    assert ("endpoint-harbor", "webhook", "endpoint-off") in withheld(Story(known).hear(care_alert(audience=BOTH)))


def test_the_same_message_again_changes_nothing():
    story = Story()
    story.hear(care_alert())

    assert story.hear(care_alert()) == story.hear(care_alert())
    assert story.hear(care_alert()).record is None
    assert story.hear(care_alert()).effects == ()


def test_an_older_message_that_comes_late_changes_nothing():
    story = Story()
    story.hear(care_alert(revision=3))

    assert story.hear(care_alert(revision=2)).record is None


def test_an_update_does_not_tell_again():
    story = Story()
    story.hear(care_alert())

    decision = story.hear(care_alert(revision=2))

    assert sent(decision) == []
    assert withheld(decision) == [(ANNA, "console", "already-told"), (ANNA, "email", "already-told")]


def test_when_it_gets_graver_the_owner_is_told_again_and_must_acknowledge_again():
    story = Story()
    story.hear(care_alert())

    decision = story.hear(care_alert(revision=2, change=AlertChange.ESCALATED, tier=Tier.P1))

    assert sent(decision) == ANNA_IS_TOLD


def test_when_it_gets_less_grave_nobody_is_told_again():
    story = Story()
    story.hear(care_alert(tier=Tier.P1))

    assert sent(story.hear(care_alert(revision=2, tier=Tier.P3))) == []


def test_a_new_lead_is_told_of_an_alert_that_was_open_before():
    story = Story()
    story.hear(care_alert())

    decision = story.hear(care_alert(revision=2, care_team=CareTeam(lead_care_manager=BEN)))

    assert sent(decision) == [(BEN, "console", "attention"), (BEN, "email", "attention")]


def test_closing_tells_those_partners_who_were_told_and_once_only():
    story = Story()
    story.hear(care_alert(audience=BOTH))

    decision = story.hear(care_alert(revision=2, change=AlertChange.CLOSED, audience=BOTH))
    again = story.hear(care_alert(revision=3, change=AlertChange.CLOSED, audience=BOTH))

    assert sent(decision) == [("endpoint-harbor", "webhook", "closed")]
    assert withheld(decision) == [(ANNA, "console", "worklist-only"), (ANNA, "email", "worklist-only")]
    assert sent(again) == []


def test_a_gap_that_opens_again_is_a_new_round_and_tells_again():
    story = Story()
    story.hear(care_alert(audience=BOTH))
    story.hear(care_alert(revision=2, change=AlertChange.CLOSED, audience=BOTH))

    decision = story.hear(care_alert(revision=3, change=AlertChange.REOPENED, audience=BOTH))

    assert decision.record is not None
    assert decision.record.round == 2
    assert sent(decision) == ANNA_IS_TOLD + HARBOR_IS_TOLD


def test_a_label_that_comes_with_the_closing_keeps_even_that_inside():
    story = Story()
    story.hear(care_alert(audience=BOTH))

    decision = story.hear(care_alert(revision=2, change=AlertChange.CLOSED, labels=(SensitivityLabel.PART_2,)))

    assert sent(decision) == []


def test_ids_of_notices_follow_from_what_they_are():
    first, again = Story().hear(care_alert()), Story().hear(care_alert())

    assert [one.delivery_id for one in first.effects] == [one.delivery_id for one in again.effects]
    assert len({one.delivery_id for one in first.effects}) == 2


def test_every_reason_has_words():
    assert set(IN_WORDS) == set(Reason)
