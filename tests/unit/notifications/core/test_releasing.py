"""What has waited is judged again: told alone, with others, in the digest, later, or not any more."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from care_notifications.core.departures import Clockwork
from care_notifications.core.effects import FoldKind
from care_notifications.core.notice_policy import SHIPPED
from care_notifications.core.reasons import Hold, Reason
from care_notifications.core.releasing import Fold, Held, Receiver, release
from care_notifications.core.situation import Neighbour, Traffic
from care_notifications.core.state import Channel, Standing
from care_shared.vocabulary import GapId, Tier
from tests.care_alerts import ANNA, NOW, care_alert, directory

BY_DAY = Clockwork(directory(), SHIPPED, NOW)
BY_NIGHT = replace(BY_DAY, now=datetime(2026, 11, 24, 3, 0, tzinfo=UTC))
MORNING = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
MAIL = Receiver(ANNA, Standing.CARE_TEAM, Channel.EMAIL, Traffic())
HOOK = Receiver("endpoint-harbor", Standing.PARTNER, Channel.WEBHOOK, Traffic())
GRAVER = Neighbour(GapId("graver"), "HF-WEIGHT", "gained", Tier.P1, "card-1", told=frozenset({ANNA}))


def held(name, because=Hold.GROUPED, refused=None, neighbours=(), **alert):
    later = {"due_at": NOW + timedelta(days=9), "card_id": "card-1"}
    return Held(name, because, care_alert(name, **(later | alert)), refused, neighbours)


def folds(released):
    return [(fold.kind, fold.members) for fold in released.folds]


def test_one_that_waited_for_others_leaves_alone():
    assert release([held("a")], MAIL, BY_DAY).alone == ("a",)


def test_several_leave_as_one():
    released = release([held("a"), held("b"), held("c", Hold.QUIET_HOURS)], MAIL, BY_DAY)

    assert (released.alone, folds(released)) == ((), [(FoldKind.GROUP, ("a", "b", "c"))])


def test_a_partner_gets_each_by_itself():
    assert release([held("a", Hold.COVERED), held("b", Hold.COVERED)], HOOK, BY_DAY).alone == ("a", "b")


def test_the_digest_is_a_digest_even_of_one():
    assert folds(release([held("a", Hold.DIGEST)], MAIL, BY_DAY)) == [(FoldKind.DIGEST, ("a",))]


def test_what_was_over_the_budget_comes_with_the_digest():
    released = release([held("a", Hold.OVER_BUDGET), held("b", Hold.DIGEST), held("c")], MAIL, BY_DAY)

    assert (released.alone, folds(released)) == (("c",), [(FoldKind.DIGEST, ("a", "b"))])


def test_who_stopped_digests_meanwhile_gets_none_but_still_what_was_over_the_budget():
    here = directory()
    people = {**here.people, ANNA: replace(here.people[ANNA], no_digests_over=frozenset({Channel.EMAIL}))}
    stopped = replace(BY_DAY, directory=replace(here, people=people))
    held_back = [held("a", Hold.DIGEST), held("b", Hold.OVER_BUDGET), held("c", Hold.OVER_BUDGET)]
    uncovered = held("d", Hold.COVERED, tier=Tier.P3)

    released = release([*held_back, uncovered], MAIL, stopped)

    assert released.suppressed == (("a", Reason.NO_DIGESTS), ("d", Reason.NO_DIGESTS))
    assert (released.alone, folds(released)) == ((), [(FoldKind.GROUP, ("b", "c"))])


def test_what_is_not_wanted_any_more_is_written_down():
    released = release([held("a", refused=Reason.CLOSED_BEFORE_SEND), held("b")], MAIL, BY_DAY)

    assert released.suppressed == (("a", Reason.CLOSED_BEFORE_SEND),)
    assert released.alone == ("b",)


@pytest.mark.parametrize("because", list(Hold))
def test_whatever_it_waited_for_a_cover_keeps_it_waiting(because):
    released = release([held("a", because, neighbours=(GRAVER,))], MAIL, BY_DAY)

    assert [(name, wait.because, wait.by) for name, wait in released.waiting] == [("a", Hold.COVERED, "graver")]


@pytest.mark.parametrize(
    ("because", "tier", "expected"),
    [
        pytest.param(Hold.GROUPED, Tier.P2, Hold.QUIET_HOURS, id="folded at the end of the day, night has come"),
        pytest.param(Hold.GROUPED, Tier.P1, None, id="P1 leaves by night, too"),
        pytest.param(Hold.COVERED, Tier.P2, Hold.QUIET_HOURS, id="the cover ended by night"),
        pytest.param(Hold.COVERED, Tier.P3, Hold.DIGEST, id="the cover ended, and it is not urgent"),
        pytest.param(Hold.QUIET_HOURS, Tier.P2, Hold.QUIET_HOURS, id="the recipient moved west: night still"),
        pytest.param(Hold.DIGEST, Tier.P3, None, id="a digest leaves when it is scheduled"),
    ],
)
def test_judged_again_by_night(because, tier, expected):
    released = release([held("a", because, tier=tier)], MAIL, BY_NIGHT)

    assert [wait.because for _, wait in released.waiting] == ([expected] if expected else [])


def test_a_morning_over_budget_goes_to_the_digest():
    full = replace(MAIL, traffic=Traffic(in_day=60))
    released = release([held("a", Hold.QUIET_HOURS), held("b", Hold.QUIET_HOURS)], full, replace(BY_DAY, now=MORNING))

    assert [wait.because for _, wait in released.waiting] == [Hold.OVER_BUDGET, Hold.OVER_BUDGET]


def test_the_same_notices_make_the_same_fold():
    assert Fold(FoldKind.GROUP, ("a", "b")).fold_id == Fold(FoldKind.GROUP, ("b", "a")).fold_id
    assert Fold(FoldKind.GROUP, ("a", "b")).fold_id != Fold(FoldKind.DIGEST, ("a", "b")).fold_id
