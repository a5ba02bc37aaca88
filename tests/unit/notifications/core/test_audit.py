"""Everybody on a ladder can be reached, and no step lies further ahead than its ladder can put it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from care_notifications.core.audit import IN_WORDS, FindingKind, farthest, is_reachable, rungs_of, unreachable_rungs
from care_notifications.core.reaching import reach
from care_notifications.core.situation import Situation
from care_notifications.core.state import Channel, Climb, Person, Team, TeamId
from care_shared.vocabulary import PersonId, Role, SensitivityLabel, Tier
from tests.care_alerts import ANNA, BEN, DESK, NOW, Story, care_alert, directory

EVE, WEST = PersonId("sup-eve"), TeamId("team-west")
BOTH = (Channel.CONSOLE, Channel.EMAIL)


def person(name, email="x@lead.example", **fields):
    return Person(name, email=email, **fields)


def known(**changed):
    people = {
        ANNA: person(ANNA, supervisor=EVE, team=WEST),
        BEN: person(BEN, team=WEST),
        EVE: person(EVE, roles=(Role.SUPERVISOR,)),
        DESK: person(DESK),
    }
    return directory(people=people | changed, teams={WEST: Team(WEST)})


def test_a_ladder_on_which_everybody_has_an_address_is_whole():
    assert list(unreachable_rungs(known())) == []


@pytest.mark.parametrize(
    "eve",
    [
        pytest.param(person(EVE, email=""), id="no address"),
        pytest.param(person(EVE, channels=(Channel.CONSOLE,)), id="the worklist only"),
        pytest.param(person(EVE, active=False), id="left"),
    ],
)
def test_complaint_13_a_supervisor_whom_nothing_reaches_is_a_hole(eve):
    assert [(one.kind, one.subject) for one in unreachable_rungs(known(**{EVE: eve}))] == [
        (FindingKind.UNREACHABLE, EVE)
    ]


def test_a_supervisor_nobody_answers_to_is_nobodys_rung():
    alone = known(**{ANNA: person(ANNA, team=WEST), EVE: person(EVE, email="", roles=(Role.SUPERVISOR,))})

    assert list(unreachable_rungs(alone)) == []


def test_without_mail_and_text_no_ladder_reaches_anybody_and_that_is_one_finding():
    silent = directory(channels=frozenset({Channel.CONSOLE, Channel.WEBHOOK}))

    assert [one.subject for one in unreachable_rungs(silent)] == ["every-channel"]


def test_a_text_reaches_whoever_has_a_mobile():
    assert is_reachable(Person(EVE, channels=(Channel.SMS,), mobile="+15550100"), directory())
    assert not is_reachable(Person(EVE, channels=(Channel.SMS,), email="x@lead.example"), directory())


def test_the_rungs_of_an_owner_are_all_who_are_named():
    assert list(rungs_of(ANNA, known())) == [ANNA, EVE, BEN]


def test_a_step_of_the_gravest_tier_lies_hours_ahead_and_no_more():
    assert farthest(Tier.P1) == timedelta(hours=4)
    assert farthest(Tier.P2) >= timedelta(days=4)


def test_every_finding_has_its_words():
    assert set(IN_WORDS) == set(FindingKind)


class TestReaching:
    def situation(self, alert):
        story = Story()
        record = story.hear(alert).record
        assert record is not None
        stepped = Climb(1, 1, NOW)
        return Situation(alert, replace(record, climb=stepped), story.told, story.directory, NOW)

    def test_whoever_a_step_reaches_for_is_told_though_they_heard_before(self):
        effects = reach(self.situation(care_alert()), (ANNA,))

        assert {(one.recipient, one.channel, one.step) for one in effects} == {(ANNA, channel, 1) for channel in BOTH}

    def test_a_labelled_alert_stays_out_of_the_log_on_every_rung(self):
        effects = reach(self.situation(care_alert(labels=(SensitivityLabel.HIV,))), (BEN,))

        assert {type(one).__name__ for one in effects if one.channel is Channel.CONSOLE} == {"Suppress"}

    def test_a_step_late_in_an_alerts_life_is_fresh_for_those_it_reaches(self):
        old = care_alert(changed_at=NOW - timedelta(days=9))

        assert all(one.expires_at > NOW for one in reach(self.situation(old), (BEN,)))
