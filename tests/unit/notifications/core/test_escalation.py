"""An alert that nobody takes climbs; what was taken and left lying is asked for again; late is once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from care_notifications.core.acts import Acknowledge, Snooze, SnoozeReason
from care_notifications.core.alert_life import Stage, act, receive
from care_notifications.core.climbing import climb_from
from care_notifications.core.escalation import ENDED, next_step
from care_notifications.core.state import AlertState, Leave, Person, Team, TeamId
from care_shared.contracts.care_alerts import CareTeam
from care_shared.vocabulary import ActivityKind, PersonId, Role, Tier
from tests.care_alerts import ANNA, BEN, DESK, NOW, care_alert, directory

CORA, EVE, NIGHT = PersonId("cm-cora"), PersonId("sup-eve"), PersonId("rn-night")
WEST = TeamId("team-west")
HALF_AN_HOUR = timedelta(minutes=30)
MIDNIGHT = NOW + timedelta(hours=15)


def team(**changed):
    people = {name: Person(name, team=WEST) for name in (ANNA, BEN, CORA)}
    people |= {one: Person(one, (Role.SUPERVISOR,)) for one in (EVE, NIGHT)} | {DESK: Person(DESK)} | changed
    return directory(people=people, teams={WEST: Team(WEST, None, EVE, NIGHT)})


def opened(known, now=NOW, **told):
    record = receive(None, care_alert(**({"tier": Tier.P1} | told)), Stage(known, now))
    assert record is not None
    return record


def climb(record, known, most=50):
    """Step after step, each when it is due, until there is none."""
    taken = []
    while record.climb.next_at is not None and len(taken) < most:
        step = next_step(record, Stage(known, record.climb.next_at))
        taken.append(step)
        record = step.record
    return taken


def test_an_urgent_alert_climbs_every_half_hour_from_backup_to_supervisor_to_team():
    known = team()

    steps = climb(opened(known), known)[:4]

    assert [(one.target, one.recipients) for one in steps] == [
        ("backup", (BEN,)),
        ("supervisor", (EVE,)),
        ("team", (BEN, CORA)),
        ("owner", (ANNA,)),
    ]
    assert [one.due_at - NOW for one in steps] == [HALF_AN_HOUR * number for number in (1, 2, 3, 4)]


def test_a_chain_ends_after_its_last_turn_and_says_so():
    known = team()

    steps = climb(opened(known), known)

    assert len(steps) == 4 * 4 - 1 + 1
    assert (steps[-1].target, steps[-1].recipients) == (ENDED, ())
    assert steps[-1].record.climb.ended_at == steps[-1].due_at
    assert [one.record.climb.step for one in steps] == list(range(1, 17))


def test_a_rung_without_anybody_is_passed_over_at_once():
    known = team(**{BEN: Person(BEN, team=WEST, leaves=(Leave(NOW - HALF_AN_HOUR),))})
    record = opened(known, care_team=CareTeam(lead_care_manager=ANNA))
    record = replace(record, backup=BEN)

    [step] = climb(record, known, most=1)

    assert (step.target, step.recipients, step.passed_over) == ("supervisor", (EVE,), ("backup",))


def test_without_supervisor_and_team_the_desk_is_told():
    known = directory()

    steps = climb(opened(known), known)[:3]

    assert [one.recipients for one in steps] == [(BEN,), (DESK,), (DESK,)]


def test_at_night_what_cannot_wait_goes_at_once_to_whoever_answers_for_the_team():
    known = team()
    record = opened(known, MIDNIGHT)

    step = next_step(record, Stage(known, MIDNIGHT))

    assert step is not None
    assert (record.owner, step.target, step.recipients) == (ANNA, "backup", (NIGHT,))


def test_at_night_what_can_wait_waits_for_the_morning():
    record = opened(team(), MIDNIGHT, tier=Tier.P2)

    assert record.climb.next_at == NOW + timedelta(hours=27), "noon on Tuesday: four hours of Anna's work"


@pytest.mark.parametrize("late", [timedelta(), timedelta(days=3)], ids=["in time", "three days late"])
def test_complaint_12_however_many_steps_were_missed_one_is_taken(late):
    known = team()
    record = opened(known)
    assert record.climb.next_at is not None
    now = record.climb.next_at + late

    step = next_step(record, Stage(known, now))

    assert step is not None
    assert step.late == bool(late)
    assert step.record.climb.next_at == now + HALF_AN_HOUR
    assert next_step(step.record, Stage(known, now)) is None


def test_a_clock_that_goes_back_repeats_nothing():
    known = team()
    step = next_step(opened(known), Stage(known, NOW + HALF_AN_HOUR))
    assert step is not None

    assert next_step(step.record, Stage(known, NOW)) is None


def test_who_took_it_and_does_nothing_loses_it_and_is_told():
    known = team()
    taken = act(opened(known), Acknowledge(), ANNA, Stage(known, NOW))

    step = next_step(taken, Stage(known, taken.climb.next_at))

    assert (step.kind, step.recipients) == (ActivityKind.ACKNOWLEDGEMENT_TIMED_OUT, (ANNA,))
    assert (step.record.state, step.record.takers) == (AlertState.OPEN, ())
    assert step.record.climb.next_at == taken.climb.next_at + HALF_AN_HOUR


def test_complaint_15_a_snooze_holds_to_its_end_and_no_longer():
    known, until = team(), NOW + timedelta(hours=6)
    record = opened(known, tier=Tier.P2)
    snoozed = act(record, Snooze(until, SnoozeReason.VISIT_PLANNED), ANNA, Stage(known, NOW))

    assert next_step(snoozed, Stage(known, until - timedelta(seconds=1))) is None
    step = next_step(snoozed, Stage(known, until))
    assert (step.kind, step.record.state, step.recipients) == (ActivityKind.WOKEN, AlertState.OPEN, (ANNA,))


def test_complaint_01_ten_thousand_looks_at_two_due_steps_take_each_once():
    known = team()
    record, told = opened(known), []
    for tick in range(10_000):
        step = next_step(record, Stage(known, NOW + HALF_AN_HOUR + timedelta(milliseconds=tick)))
        if step is not None:
            record = step.record
            told.append(step.recipients)

    assert told == [(BEN,)]


def test_what_is_over_takes_no_step():
    known = team()
    record = replace(opened(known), state=AlertState.RESOLVED)

    assert next_step(record, Stage(known, NOW + timedelta(days=9))) is None


def test_half_an_answer_does_not_wake_whoever_gave_it():
    known = team()
    record = replace(opened(known), takers=(BEN,))

    [step] = climb(record, known, most=1)

    assert step.recipients == (EVE,)


def test_a_routine_alert_climbs_nowhere_but_does_not_stay_without_an_end():
    known = team()

    [step] = climb(opened(known, tier=Tier.P4), known)

    assert step.target == ENDED


def test_the_climb_of_a_snoozed_alert_is_its_end():
    known = team()
    record = replace(opened(known), state=AlertState.SNOOZED, snoozed_until=NOW + HALF_AN_HOUR)

    assert climb_from(record, 3, known, NOW).next_at == NOW + HALF_AN_HOUR
