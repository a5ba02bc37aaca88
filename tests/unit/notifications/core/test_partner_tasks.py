"""A partner's task moves as FHIR says, only by whom it may be moved, and silence has a time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from care_notifications.core.alert_life import Stage, receive
from care_notifications.core.partner_tasks import (
    ACTIVITIES,
    GIVEN_BACK,
    NEXT,
    OVER,
    UNANSWERED,
    Said,
    TaskStatus,
    answer_by,
    asked,
    follow,
    grown_silent,
    say,
    silent_since,
)
from care_notifications.core.state import AlertState
from care_shared.business_days import BusinessCalendar
from care_shared.contracts.care_alerts import CareTeam
from care_shared.vocabulary import AlertChange, CloseReason, SensitivityLabel, Tier
from tests.care_alerts import BOTH, HARBOR, NOW, care_alert, directory

NEW_YORK = ZoneInfo("America/New_York")
DUE = NOW + timedelta(hours=8)


def heard(alert):
    return receive(None, alert, Stage(directory(), NOW))


def followed(task, alert, due=DUE):
    return follow(task, alert, heard(alert), due, NOW)


def new_task(**other):
    alert = care_alert(audience=BOTH, **other)
    return asked(alert, heard(alert), DUE, NOW)


@pytest.mark.parametrize(
    ("tier", "day", "hour", "expected"),
    [
        pytest.param(Tier.P1, 27, 23, (28, 4, 30), id="P1: half an hour, at night too"),
        pytest.param(Tier.P2, 23, 9, (23, 22, 0), id="P2: the end of the same business day"),
        pytest.param(Tier.P2, 23, 16, (24, 22, 0), id="P2: late in the day it is the next one"),
        pytest.param(Tier.P2, 28, 9, (30, 22, 0), id="P2: on a Saturday it is Monday"),
        pytest.param(Tier.P2, 25, 18, (27, 22, 0), id="P2: the evening before Thanksgiving it is Friday"),
        pytest.param(Tier.P3, 23, 9, (25, 22, 0), id="P3: two business days"),
    ],
)
def test_by_when_a_partner_answers(tier, day, hour, expected):
    asked_at = datetime(2026, 11, day, hour, tzinfo=NEW_YORK).astimezone(UTC)
    day, hour, minute = expected

    assert answer_by(tier, asked_at, NEW_YORK, BusinessCalendar()) == datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    "alert",
    [
        care_alert(),
        care_alert(audience=BOTH, labels=(SensitivityLabel.HIV,)),
        care_alert(audience=BOTH, private=True),
        care_alert(audience=BOTH, care_team=CareTeam()),
        care_alert(audience=BOTH, change=AlertChange.CLOSED),
    ],
    ids=["not for an agency", "labelled", "private", "no agency", "closed"],
)  # fmt: skip
def test_nothing_is_asked_of_a_partner_that_it_may_not_know(alert):
    assert asked(alert, heard(alert), DUE, NOW) is None


def test_a_task_follows_its_alert():
    task = new_task()
    assert followed(task, care_alert(revision=2, audience=BOTH)) is None

    graver = followed(task, care_alert(revision=2, audience=BOTH, tier=Tier.P1), NOW + timedelta(minutes=30))
    assert (graver.tier, graver.answer_by, graver.version) == (Tier.P1, NOW + timedelta(minutes=30), 2)
    for reason in CloseReason:
        closed = care_alert(revision=3, audience=BOTH, change=AlertChange.CLOSED, close_reason=reason)
        assert followed(task, closed).status in OVER
        assert followed(followed(task, closed), closed) is None


def test_what_one_of_ours_resolves_is_called_off():
    alert = care_alert(audience=BOTH)
    resolved = replace(heard(alert), state=AlertState.RESOLVED)
    task = follow(new_task(), alert, resolved, DUE, NOW)

    assert (task.status, task.reason) == (TaskStatus.CANCELLED, "resolved")
    assert asked(alert, resolved, DUE, NOW) is None


@given(st.lists(st.sampled_from([Said(status) for status in TaskStatus]), max_size=12))
def test_whatever_is_said_the_version_counts_the_changes_and_what_is_over_stays(words):
    task, changes = new_task(), 0
    for said in words:
        after = say(task, said, NOW)
        if task.status in OVER:
            assert after is None
        if after is not None:
            assert after.status in NEXT[task.status]
            task, changes = after, changes + 1
    assert task.version == 1 + changes
    assert task.organization == HARBOR


def test_every_thing_a_partner_can_say_is_an_activity_and_only_we_cancel():
    sayable = {status for after in NEXT.values() for status in after}

    assert sayable == set(ACTIVITIES)
    assert TaskStatus.CANCELLED not in sayable
    assert sayable >= GIVEN_BACK


@pytest.mark.parametrize("status", TaskStatus)
def test_silence_is_owed_by_those_who_have_not_answered(status):
    task = new_task()
    moved = task if status is TaskStatus.REQUESTED else type(task)(**{**as_dict(task), "status": status})

    assert silent_since(moved, DUE - timedelta(seconds=1)) is None
    assert (silent_since(moved, DUE) == DUE) is (status in UNANSWERED)
    if status in UNANSWERED:
        noticed = grown_silent(moved, DUE)
        assert noticed.silent_at == DUE
        assert grown_silent(noticed, DUE + timedelta(days=1)) is None


def as_dict(task):
    return {name: getattr(task, name) for name in task.__slots__}
