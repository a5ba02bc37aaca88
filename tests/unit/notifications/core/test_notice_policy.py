"""The notice policy is checked whole when it is read, and says what is wrong in one line."""

from importlib.resources import files

import pytest

from care_notifications.core.notice_policy import SHIPPED, NoticePolicy, Urgency, load_notice_policy
from care_notifications.core.state import Channel
from care_notifications.policies import read_notice_policy, shipped_notice_policy
from care_shared.errors import ConfigurationError
from care_shared.vocabulary import Role, Tier
from tests.care_alerts import Story, around, care_alert, sent, withheld

SUPERVISED = """
routes:
  - {name: no-shows, when: {rules: [NO-SHOW-*], tiers: [P2], programmes: [health-home]}, also: [supervisor]}
  - {name: aides, when: {rules: [VISIT-*]}, never: [home-health-agency], channels: [console]}
  - {name: later, when: {rules: [DATA-*], tiers: [P2, P3]}, urgency: digest}
"""


def test_the_file_we_ship_says_what_the_code_says():
    assert load_notice_policy(shipped_notice_policy(), "notices.yaml") == SHIPPED


def test_the_file_is_in_the_package():
    assert files("care_notifications.policies").joinpath("notices.yaml").is_file()


@pytest.mark.parametrize(
    ("alert", "roles", "channels", "urgency"),
    [
        pytest.param(
            {"rule_id": "NO-SHOW-REPEATED", "programmes": ("health-home",)},
            (Role.CARE_MANAGER, Role.SUPERVISOR), 2, Urgency.AT_ONCE, id="a role is told, too",
        ),
        pytest.param({"rule_id": "NO-SHOW-REPEATED"}, (Role.CARE_MANAGER,), 2, Urgency.AT_ONCE, id="another programme"),
        pytest.param(
            {"rule_id": "NO-SHOW-REPEATED", "programmes": ("health-home",), "tier": Tier.P3},
            (Role.CARE_MANAGER,), 2, Urgency.DIGEST, id="another tier",
        ),
        pytest.param(
            {"rule_id": "VISIT-MISSED", "audience": (Role.CARE_MANAGER, Role.AGENCY)},
            (Role.CARE_MANAGER,), 1, Urgency.AT_ONCE, id="a role and a channel are left out",
        ),
        pytest.param({"rule_id": "DATA-2"}, (Role.CARE_MANAGER,), 2, Urgency.DIGEST, id="later than its tier says"),
    ],
)  # fmt: skip
def test_routes(alert, roles, channels, urgency):
    policy, told = load_notice_policy(SUPERVISED, "own.yaml"), care_alert(**alert)

    assert policy.audience_of(told) == roles
    assert len(policy.channels_of(told, (Channel.CONSOLE, Channel.EMAIL))) == channels
    assert policy.urgency_of(told) is urgency


def test_a_channel_that_is_routed_away_is_written_down():
    policy = load_notice_policy(SUPERVISED, "own.yaml")

    decision = Story().hear(care_alert(rule_id="VISIT-MISSED"), around=around(policy=policy))

    assert [channel for _, channel, _ in sent(decision)] == ["console"]
    assert ("cm-anna", "email", "not-routed") in withheld(decision)


def test_what_is_for_the_worklist_only_is_written_down():
    policy = NoticePolicy.model_validate({"urgency": dict(SHIPPED.urgency) | {Tier.P4: "worklist-only"}})

    decision = Story().hear(care_alert(tier=Tier.P4), around=around(policy=policy))

    assert withheld(decision) == [("cm-anna", "email", "worklist-only")]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("routes: [", "own.yaml is not YAML (line 1)", id="no YAML"),
        pytest.param("quiet: {}", "own.yaml: quiet: Extra inputs", id="a word nobody knows"),
        pytest.param("quiet_hours: {begin: '25:00'}", "own.yaml: quiet_hours.begin", id="no time of day"),
        pytest.param("quiet_hours: {begin: '08:00', end: '08:00'}", "are the same time", id="a night without end"),
        pytest.param("quiet_hours: {passes: [P2]}", "P1 passes quiet hours, always", id="P1 that waits for morning"),
        pytest.param("urgency: {P1: at-once}", "urgency of P2 is not named", id="a tier without urgency"),
        pytest.param(
            "urgency: {P1: digest, P2: digest, P3: digest, P4: digest}", "P1 leaves at once", id="P1 in a digest"
        ),
        pytest.param("routes: [{name: x, urgency: digest}]", "P1 leaves at once", id="a route that delays P1"),
        pytest.param("routes: [{name: x, never: [care-manager]}]", "the owner of an alert", id="an owner left out"),
        pytest.param(
            "routes: [{name: x, also: [nurse], never: [nurse]}]", "is told and not told", id="a contradiction"
        ),
        pytest.param("routes: [{name: x, also: [doctor]}]", "own.yaml: routes.0.also.0", id="a role nobody has"),
        pytest.param(
            "inhibition: {covers: [{name: x, graver: true, covers: {tiers: [P1]}}]}", "P1 is never covered", id="P1"
        ),
        pytest.param("inhibition: {covers: [{name: x, covers: {tiers: [P3]}}]}", "name the rules that cover", id="all"),
        pytest.param("consent_scopes: {V: [all]}", "no consent opens", id="opening what is very restricted"),
        pytest.param("digest: {at: []}", "own.yaml: digest.at", id="a digest that never leaves"),
        pytest.param("- a list", "own.yaml: the file", id="a list"),
    ],
)
def test_what_cannot_be_meant_is_refused(text, problem):
    with pytest.raises(ConfigurationError) as refused:
        load_notice_policy(text, "own.yaml")

    assert problem in str(refused.value)


def test_an_empty_file_is_the_policy_we_ship():
    assert load_notice_policy("", "own.yaml") == SHIPPED


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_notice_policy(str(tmp_path / "none.yaml"))
