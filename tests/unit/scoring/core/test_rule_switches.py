"""A policy may silence a rule, or put it in shadow; what people know of is closed, what is open is told in the end."""

from care_scoring.core.effects import Silence
from care_scoring.core.fold import fold
from care_scoring.core.policy import Policy
from care_shared.vocabulary import AlertChange
from tests.builders import POLICY, Played, chose_hospice, contacted, discharged, play, tick, when
from tests.playing import Step, policy_switching

RULE = "TCM-CONTACT"
SHADOW = policy_switching("{TCM-CONTACT: {shadow: true}}", "in-shadow")
OFF = policy_switching("{TCM-CONTACT: {enabled: false}}", "off")


def then(played: Played, policy: Policy, *steps: Step) -> Played:
    """The same patient goes on under another policy."""
    later = Played(played.state, rule=played.rule)
    for step in steps:
        later.effects += fold(played.state, step, policy)
    return later


def test_a_rule_in_shadow_is_judged_and_recorded_and_tells_nobody() -> None:
    played = play([discharged(0), tick(2, "18:00"), contacted(3)], RULE, SHADOW)

    assert played.story == []
    assert played.shadow_story == [
        "opened P2 contact_due_today",
        "escalated P1 contact_due_tonight",
        "updated P1 contact_overdue",
        "closed late_evidence contact_made_late",
    ]


def test_when_the_shadow_ends_what_is_open_now_is_opened_for_people() -> None:
    played = play([discharged(0), tick(2, "13:00")], RULE, SHADOW)
    live = then(played, POLICY, tick(2, "14:00"))

    assert live.story == ["opened P2 contact_due_today"]
    assert live.alerts[0].opened_at == when(2, "14:00")
    assert then(played, POLICY, contacted(2, "15:00")).story == ["closed evidence contact_made"]


def test_what_was_open_and_closed_in_shadow_is_never_told() -> None:
    played = play([discharged(0), tick(2, "13:00"), contacted(2, "13:30")], RULE, SHADOW)

    assert then(played, POLICY, tick(2, "14:00"), tick(9)).story == []


def test_a_shadow_with_a_date_ends_by_itself_at_midnight_at_home() -> None:
    dated = policy_switching("{TCM-CONTACT: {shadow: 2027-03-04}}")
    played = play([discharged(0), tick(4)], RULE, dated)

    assert played.shadow_story == ["opened P2 contact_due_today", "escalated P1 contact_due_tonight"]
    assert played.story == ["opened P1 contact_overdue"]
    assert played.alerts[0].changed_at == when("2027-03-04", "00:00")


def test_a_rule_that_goes_into_shadow_closes_what_people_know_of_and_goes_on_recording() -> None:
    played = play([discharged(0), tick(2, "13:00")], RULE)
    shadowed = then(played, SHADOW, tick(2, "14:00"), contacted(2, "15:00"))

    assert shadowed.story == ["closed withdrawn rule_in_shadow"]
    assert shadowed.shadow_story == ["opened P2 contact_due_today", "closed evidence contact_made"]


def test_a_rule_that_is_switched_off_closes_what_is_open_and_says_why_it_is_silent() -> None:
    played = play([discharged(0), tick(2, "13:00")], RULE)
    off = then(played, OFF, tick(2, "14:00"), tick(9))

    assert off.story == ["closed withdrawn rule_disabled"]
    assert off.silences == ["rule_disabled"]
    assert RULE not in played.state.wakes


def test_a_rule_that_is_switched_on_again_opens_what_is_open_today() -> None:
    played = play([discharged(0), tick(2, "13:00")], RULE, OFF)

    assert played.story == []
    assert then(played, POLICY, tick(2, "14:00")).story == ["opened P2 contact_due_today"]


def test_revisions_only_grow_through_shadow_and_back() -> None:
    played = play([discharged(0), tick(2, "13:00")], RULE)
    revisions = [alert.revision for alert in played.alerts]
    for policy in (SHADOW, POLICY):
        revisions += [alert.revision for alert in then(played, policy, tick(2, "14:00")).alerts]

    assert revisions == sorted(set(revisions))


def test_a_switch_counts_for_the_rule_it_names_only() -> None:
    played = play([discharged(0), chose_hospice(1)], "", OFF)

    silent = [effect for effect in played.effects if isinstance(effect, Silence)]
    assert {effect.reason for effect in silent if effect.rule_id == RULE} == {"rule_disabled"}
    assert "rule_disabled" not in {effect.reason for effect in silent if effect.rule_id != RULE}
    assert AlertChange.OPENED not in {alert.change for alert in played.alerts}


def test_the_same_policy_asks_nobody_twice() -> None:
    played = play([discharged(0), tick(2, "13:00")], RULE)

    assert then(played, POLICY, tick(2, "14:00")).effects == []
