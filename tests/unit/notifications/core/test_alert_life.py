"""An alert opens, is taken, gets worse, closes and comes back; each move says who may make it and what follows."""

from dataclasses import replace
from datetime import timedelta

import pytest

from care_notifications.core.acts import (
    LONGEST_NOTE,
    Acknowledge,
    Escalate,
    GiveBack,
    HandOver,
    HandOverReason,
    Refusal,
    Reopen,
    ReopenReason,
    Resolution,
    Resolve,
    Snooze,
    SnoozeReason,
    Start,
)
from care_notifications.core.alert_life import Stage, act, receive, time_out, wake
from care_notifications.core.ladders import Terms
from care_notifications.core.state import AlertState, Leave, Person
from care_shared.contracts.care_alerts import CareTeam
from care_shared.vocabulary import AlertChange, CloseReason, PersonId, Role, Tier
from tests.care_alerts import ANNA, BEN, DESK, NOW, care_alert, directory

STAGE = Stage(directory(), NOW)
LATER = NOW + timedelta(hours=4)
SNOOZE = Snooze(LATER, SnoozeReason.CALL_BACK_AGREED)
RESOLVE = Resolve(Resolution.CONTACT_MADE)
HAND_OVER = HandOver(BEN, HandOverReason.LANGUAGE)
REOPEN = Reopen(ReopenReason.NOT_DONE)
NURSE = PersonId("rn-cora")


def opened(**told):
    record = receive(None, care_alert(**told), STAGE)
    assert record is not None
    return record


def heard(before, stage=STAGE, **told):
    record = receive(before, care_alert(revision=before.revision + 1, **told), stage)
    assert record is not None
    return record


def did(record, action, actor=ANNA, stage=STAGE):
    after = act(record, action, actor, stage)
    assert not isinstance(after, Refusal), after
    return after


TAKEN = did(opened(), Acknowledge())
STARTED = did(opened(), Start())
SNOOZED = did(opened(), SNOOZE)
RESOLVED = did(opened(), RESOLVE)
CLOSED = heard(opened(), change=AlertChange.CLOSED)


@pytest.mark.parametrize(
    ("before", "action", "state"),
    [
        pytest.param(opened(), Acknowledge(), AlertState.ACKNOWLEDGED, id="an open alert is taken"),
        pytest.param(opened(), Start(), AlertState.IN_PROGRESS, id="who starts has taken it"),
        pytest.param(TAKEN, Start(), AlertState.IN_PROGRESS, id="what was taken is started"),
        pytest.param(SNOOZED, Start(), AlertState.IN_PROGRESS, id="starting ends a snooze"),
        pytest.param(SNOOZED, Acknowledge(), AlertState.ACKNOWLEDGED, id="taking ends a snooze"),
        pytest.param(opened(), SNOOZE, AlertState.SNOOZED, id="an open alert is snoozed"),
        pytest.param(STARTED, SNOOZE, AlertState.SNOOZED, id="so is one in progress"),
        pytest.param(SNOOZED, replace(SNOOZE, until=LATER + timedelta(hours=1)), AlertState.SNOOZED, id="for longer"),
        pytest.param(STARTED, RESOLVE, AlertState.RESOLVED, id="what is done is resolved"),
        pytest.param(SNOOZED, HAND_OVER, AlertState.OPEN, id="what is handed over is open to its new owner"),
        pytest.param(RESOLVED, REOPEN, AlertState.OPEN, id="a person reopens what a person resolved"),
        pytest.param(CLOSED, REOPEN, AlertState.OPEN, id="and what evidence closed"),
    ],
)
def test_what_a_person_may_do(before, action, state):
    after = did(before, action)

    assert after.state is state
    assert after.version == before.version + 1
    assert (after.snoozed_until is not None) == (state is AlertState.SNOOZED)


@pytest.mark.parametrize(
    ("before", "action", "why"),
    [
        pytest.param(TAKEN, Acknowledge(), Refusal.ALREADY_TAKEN, id="nobody takes what is taken"),
        pytest.param(STARTED, Start(), Refusal.ALREADY_IN_PROGRESS, id="nobody starts twice"),
        pytest.param(RESOLVED, Acknowledge(), Refusal.ALREADY_OVER, id="nobody takes what is over"),
        pytest.param(RESOLVED, RESOLVE, Refusal.ALREADY_OVER, id="nobody resolves twice"),
        pytest.param(CLOSED, SNOOZE, Refusal.ALREADY_OVER, id="nobody snoozes what is over"),
        pytest.param(TAKEN, REOPEN, Refusal.NOT_OVER, id="nobody reopens what is open"),
        pytest.param(opened(tier=Tier.P1), SNOOZE, Refusal.NEVER_SNOOZE_P1, id="P1 is never snoozed"),
        pytest.param(opened(), replace(SNOOZE, until=NOW), Refusal.SNOOZE_IN_THE_PAST, id="not until now"),
        pytest.param(
            opened(), replace(SNOOZE, until=NOW + timedelta(hours=72, seconds=1)), Refusal.SNOOZE_TOO_LONG,
            id="not longer than 72 hours",
        ),
        pytest.param(opened(), replace(HAND_OVER, to=ANNA), Refusal.OWNER_ALREADY, id="not to the owner"),
        pytest.param(opened(), replace(HAND_OVER, to=PersonId("x")), Refusal.NOBODY_OF_THAT_NAME, id="to no stranger"),
        pytest.param(
            opened(), replace(RESOLVE, note="x" * (LONGEST_NOTE + 1)), Refusal.NOTE_TOO_LONG, id="no novel as a note"
        ),
    ],
)  # fmt: skip
def test_what_nobody_may_do(before, action, why):
    assert act(before, action, ANNA, STAGE) is why


def test_nobody_hands_over_to_somebody_on_leave():
    away = Person(BEN, leaves=(Leave(NOW - timedelta(days=1), NOW + timedelta(days=1)),))
    stage = Stage(directory(people={ANNA: Person(ANNA), BEN: away}), NOW)

    assert act(opened(), HAND_OVER, ANNA, stage) is Refusal.ON_LEAVE


def test_the_one_who_takes_over_has_it():
    after = did(opened(), HandOver(BEN, HandOverReason.BETTER_PLACED), actor=BEN)

    assert (after.owner, after.state, after.takers) == (BEN, AlertState.ACKNOWLEDGED, (BEN,))


def test_a_hand_over_holds_when_scoring_says_more_and_ends_when_the_care_team_changes():
    handed = did(opened(), HAND_OVER)
    assert heard(handed).owner == BEN

    other = care_alert(revision=3, care_team=CareTeam(lead_care_manager=DESK))
    record = receive(heard(handed), other.model_copy(update={"revision": 9}), STAGE)

    assert record is not None
    assert record.owner == DESK


@pytest.mark.parametrize("before", [TAKEN, STARTED, SNOOZED], ids=["acknowledged", "in progress", "snoozed"])
def test_what_somebody_has_in_hand_stays_so_until_it_gets_graver(before):
    same = heard(before, occurrences=2)
    graver = heard(before, change=AlertChange.ESCALATED, tier=Tier.P1)

    assert (same.state, same.takers, same.snoozed_until) == (before.state, before.takers, before.snoozed_until)
    assert same.climb == before.climb
    assert (graver.state, graver.takers, graver.snoozed_until) == (AlertState.OPEN, (), None)


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        (CloseReason.EVIDENCE, AlertState.RESOLVED),
        (CloseReason.LATE_EVIDENCE, AlertState.RESOLVED),
        (CloseReason.WITHDRAWN, AlertState.WITHDRAWN),
        (CloseReason.SUPERSEDED, AlertState.WITHDRAWN),
        (CloseReason.EXPIRED, AlertState.EXPIRED),
    ],
)
def test_scoring_closes_it_in_whatever_state_it_is(reason, state):
    for before in (opened(), TAKEN, STARTED, SNOOZED):
        after = heard(before, change=AlertChange.CLOSED, close_reason=reason)
        assert (after.state, after.snoozed_until, after.climb.next_at) == (state, None, None)


def test_what_a_person_resolved_keeps_its_outcome_when_evidence_follows():
    after = heard(RESOLVED, change=AlertChange.CLOSED)

    assert (after.state, after.outcome) == (AlertState.RESOLVED, Resolution.CONTACT_MADE)


def test_what_a_person_resolved_comes_back_with_news_and_not_with_other_words():
    assert heard(RESOLVED).state is AlertState.RESOLVED
    again = heard(RESOLVED, occurrences=2)

    assert (again.state, again.round, again.outcome, again.takers) == (AlertState.OPEN, 2, None, ())


def test_complaint_14_a_recurrence_is_a_new_round_of_the_same_alert_and_not_hidden():
    again = heard(CLOSED, change=AlertChange.REOPENED)

    assert (again.gap_id, again.round, again.state) == (CLOSED.gap_id, 2, AlertState.OPEN)
    assert again.climb.next_at is not None


def test_a_time_out_and_the_end_of_a_snooze_open_it_again_and_it_climbs_again():
    for after in (time_out(TAKEN, STAGE), wake(SNOOZED, STAGE)):
        assert (after.state, after.takers, after.snoozed_until) == (AlertState.OPEN, (), None)
        assert after.climb.next_at is not None


def test_who_took_it_and_does_nothing_is_asked_again_before_long():
    assert TAKEN.climb.next_at is not None
    assert STARTED.climb.next_at is not None
    assert SNOOZED.climb.next_at == LATER


TWO = Terms.model_validate({"two_owners": [{"tier": "P1", "roles": ["care-manager", "nurse"]}]})
BOTH_THERE = directory(people={ANNA: Person(ANNA), BEN: Person(BEN), NURSE: Person(NURSE, (Role.NURSE,))}, terms=TWO)


class TestTwoOwners:
    stage = Stage(BOTH_THERE, NOW)

    def grave(self):
        record = receive(None, care_alert(tier=Tier.P1), self.stage)
        assert record is not None
        return record

    def test_it_is_acknowledged_when_both_have_it(self):
        half = did(self.grave(), Acknowledge(), ANNA, self.stage)
        assert (half.state, half.awaited) == (AlertState.OPEN, (Role.NURSE,))
        assert half.climb == self.grave().climb, "the clock of the other goes on"

        whole = did(half, Acknowledge(), NURSE, self.stage)
        assert (whole.state, whole.awaited, whole.takers) == (AlertState.ACKNOWLEDGED, (), (ANNA, NURSE))

    def test_one_person_is_not_two(self):
        half = did(self.grave(), Acknowledge(), ANNA, self.stage)

        assert act(half, Acknowledge(), ANNA, self.stage) is Refusal.ALREADY_ANSWERED_BY_YOU
        assert act(half, Acknowledge(), BEN, self.stage) is Refusal.ROLE_NOT_ASKED

    def test_nobody_resolves_it_alone(self):
        assert act(self.grave(), RESOLVE, ANNA, self.stage) is Refusal.ROLE_NOT_ASKED
        half = did(self.grave(), Acknowledge(), ANNA, self.stage)
        assert did(half, RESOLVE, NURSE, self.stage).state is AlertState.RESOLVED

    def test_after_a_time_out_both_are_asked_again(self):
        half = did(self.grave(), Acknowledge(), ANNA, self.stage)
        whole = did(half, Acknowledge(), NURSE, self.stage)

        assert time_out(whole, self.stage, "any").awaited == (Role.CARE_MANAGER, Role.NURSE)

    def test_two_owners_are_asked_for_by_rule_too(self):
        terms = Terms.model_validate(
            {"two_owners": [{"rule": "discharge-follow-up", "roles": ["nurse", "supervisor"]}]}
        )

        assert terms.roles_to_answer("discharge-follow-up", Tier.P3) == (Role.NURSE, Role.SUPERVISOR)
        assert terms.roles_to_answer("other", Tier.P3) == ()


def test_who_acknowledged_gives_it_back_and_it_climbs_again():
    given = did(TAKEN, GiveBack())

    assert (given.state, given.takers, given.version) == (AlertState.OPEN, (), TAKEN.version + 1)
    assert given.climb.next_at is not None
    assert act(TAKEN, GiveBack(), BEN, STAGE) is Refusal.NOT_TAKEN_BY_YOU
    assert act(STARTED, GiveBack(), ANNA, STAGE) is Refusal.NOT_TAKEN_BY_YOU


def test_who_escalates_makes_the_next_step_due_now_whoever_had_it():
    for before in (opened(), TAKEN, STARTED, SNOOZED):
        after = did(before, Escalate())
        assert (after.state, after.takers, after.climb.next_at) == (AlertState.OPEN, (), NOW)


def test_an_open_alert_that_is_escalated_goes_on_from_its_rung():
    climbed = replace(opened(), climb=replace(opened().climb, rung=1, next_at=LATER))

    assert did(climbed, Escalate()).climb.rung == 1
    ended = replace(climbed, climb=replace(climbed.climb, next_at=None, ended_at=NOW))
    assert act(ended, Escalate(), ANNA, STAGE) is Refusal.NOBODY_ABOVE
