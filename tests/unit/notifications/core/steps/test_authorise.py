"""Who may learn that an alert exists."""

import pytest

from care_notifications.core.consents import CONSENT_SCOPES, Consent
from care_notifications.core.reasons import Reason
from care_notifications.core.state import Channel, Standing
from care_notifications.core.steps.authorise import Asker, Permissions, refusal
from care_shared.vocabulary import SensitivityLabel
from tests.care_alerts import ANNA, BOTH, HARBOR, NOW, Story, around, care_alert, sent, withheld

OWNER = Asker(Standing.CARE_TEAM, Channel.EMAIL, owner=True)
COLLEAGUE = Asker(Standing.CARE_TEAM, Channel.EMAIL)
LOG = Asker(Standing.CARE_TEAM, Channel.CONSOLE, owner=True)
PARTNER = Asker(Standing.PARTNER, Channel.WEBHOOK, HARBOR)
KITCHEN_PHONE = Asker(Standing.CARE_TEAM, Channel.EMAIL, owner=True, shared=True)
PART_2, VERY = (SensitivityLabel.PART_2,), (SensitivityLabel.VERY_RESTRICTED,)
YES = (Consent("42CFRPart2", HARBOR, permitted=True),)


@pytest.mark.parametrize(
    ("alert", "asker", "consents", "reason"),
    [
        pytest.param({}, OWNER, (), None, id="the owner"),
        pytest.param({}, PARTNER, (), None, id="the agency that serves"),
        pytest.param({"labels": PART_2}, OWNER, (), None, id="labelled, inside the care team"),
        pytest.param({"labels": PART_2}, LOG, (), Reason.SENSITIVE, id="labelled, a log is no member of the team"),
        pytest.param({"labels": PART_2}, PARTNER, (), Reason.SENSITIVE, id="labelled, a partner without consent"),
        pytest.param({"labels": PART_2}, PARTNER, YES, None, id="labelled, a partner with consent"),
        pytest.param({"labels": VERY}, OWNER, (), None, id="very restricted, the owner"),
        pytest.param({"labels": VERY}, COLLEAGUE, (), Reason.NOT_NECESSARY, id="very restricted, a colleague"),
        pytest.param({"labels": VERY}, PARTNER, YES, Reason.SENSITIVE, id="very restricted, a partner"),
        pytest.param({"private": True}, OWNER, (), None, id="private, the owner's own address"),
        pytest.param({"private": True}, PARTNER, YES, Reason.PRIVATE, id="private goes to no partner"),
        pytest.param({"private": True}, KITCHEN_PHONE, (), Reason.PRIVATE, id="private, where the household listens"),
        pytest.param({"labels": PART_2}, KITCHEN_PHONE, (), Reason.SENSITIVE, id="labelled, on a shared phone"),
        pytest.param({}, KITCHEN_PHONE, (), None, id="neither private nor labelled"),
    ],
)
def test_who_may_know(alert, asker, consents, reason):
    assert refusal(care_alert(**alert), asker, Permissions(consents, CONSENT_SCOPES), NOW) == reason


def test_a_private_alert_reaches_the_owner_and_no_partner():
    decision = Story().hear(care_alert(private=True, audience=BOTH))

    assert (ANNA, "email", "attention") in sent(decision)
    assert withheld(decision) == [("endpoint-harbor", "webhook", "private")]


def test_a_consent_opens_a_labelled_alert_to_the_agency():
    decision = Story().hear(care_alert(labels=PART_2, audience=BOTH), around=around(consents=YES))

    assert ("endpoint-harbor", "webhook", "attention") in sent(decision)
