"""Each subscriber hears of a gap once as opened, again only when it gets graver, and once when it closes."""

from dataclasses import replace

import pytest

from care_notifications.core.alert_life import Stage, receive
from care_notifications.core.effects import Suppress
from care_notifications.core.fhir.concerns import concerned
from care_notifications.core.fhir.subscriptions import Status, Subscription, Topic, Wanted
from care_notifications.core.reasons import Reason
from care_shared.contracts.care_alerts import CareTeam
from care_shared.vocabulary import AlertChange, OrganizationId, Role, SensitivityLabel, Tier
from tests.care_alerts import BOTH, HARBOR, NOW, care_alert, directory

WANTED = Wanted(Topic.ALL, "https://partner.example/fhir")
ONE = Subscription("sub-1", HARBOR, WANTED, Status.ACTIVE, 1, 0, NOW)
ESCALATED = AlertChange.ESCALATED


def outcomes(alert, one=ONE, heard=None, not_agreed=None):
    record = receive(None, alert, Stage(directory(), NOW))
    found = list(concerned(alert, record, [one], heard or {}, not_agreed))
    return [one.reason.value if isinstance(one, Suppress) else one.kind.value for one in found]


def of(topic):
    return replace(ONE, wanted=replace(WANTED, topic=topic))


@pytest.mark.parametrize(
    ("alert", "one", "heard", "expected"),
    [
        pytest.param(care_alert(audience=BOTH), ONE, {}, ["care-gap-opened"], id="a gap opens"),
        pytest.param(
            care_alert(audience=BOTH, revision=2), ONE, {("sub-1", Topic.OPENED): Tier.P2}, [], id="told already"
        ),
        pytest.param(
            care_alert(audience=BOTH, revision=2, tier=Tier.P1, change=ESCALATED), ONE,
            {("sub-1", Topic.OPENED): Tier.P2}, ["care-gap-escalated"], id="it gets graver",
        ),
        pytest.param(
            care_alert(audience=BOTH, revision=3, tier=Tier.P1), ONE,
            {("sub-1", Topic.OPENED): Tier.P3, ("sub-1", Topic.ESCALATED): Tier.P1}, [], id="as grave as told",
        ),
        pytest.param(
            care_alert(audience=BOTH, revision=2, tier=Tier.P1, change=ESCALATED), of(Topic.OPENED), {},
            ["care-gap-opened"], id="what it hears first is an opening",
        ),
        pytest.param(
            care_alert(audience=BOTH, revision=2, tier=Tier.P1, change=ESCALATED), of(Topic.ESCALATED), {},
            ["care-gap-escalated"], id="who asks for escalations hears of one",
        ),
        pytest.param(care_alert(audience=BOTH), of(Topic.ESCALATED), {}, [], id="and of no opening"),
        pytest.param(
            care_alert(audience=BOTH, revision=2, change=AlertChange.CLOSED), ONE, {}, ["care-gap-closed"], id="closes"
        ),
        pytest.param(
            care_alert(audience=BOTH, revision=3, change=AlertChange.CLOSED), ONE,
            {("sub-1", Topic.CLOSED): Tier.P2}, [], id="closed is told once",
        ),
        pytest.param(care_alert(audience=(Role.NURSE,)), ONE, {}, [], id="not meant for an agency"),
        pytest.param(
            care_alert(audience=BOTH, labels=(SensitivityLabel.HIV,)), ONE, {}, ["sensitive"], id="labelled"
        ),
        pytest.param(care_alert(audience=BOTH, private=True), ONE, {}, ["sensitive"], id="private"),
        pytest.param(
            care_alert(audience=BOTH, care_team=CareTeam(agency=OrganizationId("other"))), ONE, {}, [], id="not theirs"
        ),
        pytest.param(care_alert(audience=BOTH), replace(ONE, status=Status.OFF), {}, [], id="switched off"),
        pytest.param(
            care_alert(audience=BOTH), replace(ONE, status=Status.ERROR), {}, ["care-gap-opened"],
            id="in error it is numbered all the same",
        ),
        pytest.param(
            care_alert(audience=BOTH), replace(ONE, wanted=replace(WANTED, filters=(("tier", ("P1",)),))), {}, [],
            id="filtered",
        ),
    ],
)  # fmt: skip
def test_what_a_subscription_hears(alert, one, heard, expected):
    assert outcomes(alert, one, heard) == expected


def test_what_is_not_agreed_is_not_told_with_the_reason_and_a_label_weighs_more():
    labelled = care_alert(audience=BOTH, labels=(SensitivityLabel.HIV,))

    assert outcomes(care_alert(audience=BOTH), not_agreed=Reason.RULE_NOT_AGREED) == ["rule-not-agreed"]
    assert outcomes(labelled, not_agreed=Reason.RULE_NOT_AGREED) == ["sensitive"]
