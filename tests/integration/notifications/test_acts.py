"""What people do with an alert on real PostgreSQL: once each, one after the other, seen by all, told to few."""

import asyncio
from datetime import timedelta

import pytest
import pytest_asyncio

from care_notifications.adapters.postgres_acts import PostgresActs
from care_notifications.core.acts import (
    Acknowledge,
    Ask,
    Done,
    HandOver,
    HandOverReason,
    Refusal,
    Refused,
    Reopen,
    ReopenReason,
    Resolution,
    Resolve,
    Reused,
    Snooze,
    SnoozeReason,
    Stale,
    Start,
)
from care_notifications.core.state import AlertState, Channel
from care_notifications.courier import Courier
from care_shared.contracts.alert_activity import AlertActivity
from care_shared.errors import NotFoundError
from care_shared.topics import CARE_ALERT_ACTIVITY
from care_shared.vocabulary import AlertChange, GapId
from tests.care_alerts import ANNA, BEN, BOTH, NOW, care_alert
from tests.fakes.memory_channel import MemoryChannel
from tests.notifications_world import SOURCE, SteppedClock, nobody_rings

pytestmark = pytest.mark.stack

GAP = GapId("gap-1")


@pytest_asyncio.fixture
async def there(there):
    there.acts = PostgresActs(there.pool, nobody_rings, SOURCE)
    await there.hear(care_alert(audience=BOTH))
    return there


def ask(action, by=ANNA, action_id="act-1", expected=None):
    return Ask(GAP, action, by, action_id, expected)


async def activities(there):
    values = await there.published(CARE_ALERT_ACTIVITY.name)
    return [(one.kind.value, one.by) for one in map(AlertActivity.model_validate_json, values)]


async def test_two_people_at_once_one_has_it_and_the_other_learns_who(there):
    asks = [ask(Acknowledge(), by, f"act-{by}", 1) for by in (ANNA, BEN)]

    answers = await asyncio.gather(*(there.acts.act(one, NOW) for one in asks))

    done = [one for one in answers if isinstance(one, Done)]
    stale = [one for one in answers if isinstance(one, Stale)]
    assert (len(done), len(stale)) == (1, 1)
    [change] = stale[0].since
    assert (change.what, change.by, change.version) == (
        "acknowledged", "Anna" if done[0].record.takers == (ANNA,) else "Ben", 2,
    )  # fmt: skip
    assert await activities(there) == [("acknowledged", done[0].record.takers[0])]


async def test_the_same_act_sent_a_hundred_times_is_one_act(there):
    answers = await asyncio.gather(*(there.acts.act(ask(Start()), NOW) for _ in range(100)))

    assert sum(not one.repeated for one in answers) == 1
    assert {one.record.state for one in answers} == {AlertState.IN_PROGRESS}
    assert await there.pool.fetchval("SELECT count(*) FROM acts") == 1
    assert await activities(there) == [("started", ANNA)]


async def test_an_action_id_names_one_act_only(there):
    await there.acts.act(ask(Acknowledge()), NOW)

    assert isinstance(await there.acts.act(ask(Start()), NOW), Reused)
    assert isinstance(await there.acts.act(ask(Acknowledge(), BEN), NOW), Reused)


async def test_a_repeat_is_answered_as_done_though_the_version_has_moved_on(there):
    await there.acts.act(ask(Acknowledge(), expected=1), NOW)

    answer = await there.acts.act(ask(Acknowledge(), expected=1), NOW)

    assert isinstance(answer, Done)
    assert answer.repeated


async def test_news_from_scoring_is_named_in_the_difference(there):
    await there.hear(care_alert(revision=2, audience=BOTH, occurrences=2))

    answer = await there.acts.act(ask(Acknowledge(), expected=1), NOW)

    assert isinstance(answer, Stale)
    assert [(one.what, one.by) for one in answer.since] == [("updated", "scoring")]


async def test_what_cannot_be_done_changes_nothing(there):
    await there.acts.act(ask(Acknowledge()), NOW)

    answer = await there.acts.act(ask(Acknowledge(), BEN, "act-2"), NOW)

    assert isinstance(answer, Refused)
    assert answer.refusal is Refusal.ALREADY_TAKEN
    assert await there.pool.fetchval("SELECT version FROM alerts") == 2
    with pytest.raises(NotFoundError):
        await there.acts.act(Ask(GapId("nothing"), Acknowledge(), ANNA, "x"), NOW)


async def test_complaint_11_acknowledging_stops_every_channel_of_ours_at_once(there):
    await there.acts.act(ask(Acknowledge()), NOW)

    assert await there.ends() == {
        ("console", "attention"): ("suppressed", "acknowledged-before-send"),
        ("email", "attention"): ("suppressed", "acknowledged-before-send"),
        ("webhook", "attention"): ("waiting", None),
    }


async def test_complaint_11_acknowledged_between_claim_and_retry_it_is_not_sent_again(there):
    message = await there.store.claim(f"email:{ANNA}", NOW)
    assert message is not None
    await there.acts.act(ask(Acknowledge()), NOW)
    clock, mail = SteppedClock(), MemoryChannel()
    clock.forward(minutes=2)

    await Courier(there.store, {Channel.EMAIL: mail}, clock).send_due(f"email:{ANNA}")

    assert mail.messages == []
    assert (await there.ends())["email", "attention"] == ("suppressed", "acknowledged-before-send")


async def test_a_whole_life_is_written_down_with_author_time_and_reason(there):
    steps = [
        (Acknowledge(), ANNA),
        (Snooze(NOW + timedelta(hours=3), SnoozeReason.CALL_BACK_AGREED, "after lunch"), ANNA),
        (HandOver(BEN, HandOverReason.LANGUAGE), ANNA),
        (Start(), BEN),
        (Resolve(Resolution.CONTACT_MADE), BEN),
        (Reopen(ReopenReason.CLOSED_BY_MISTAKE), ANNA),
    ]
    for number, (action, by) in enumerate(steps):
        answer = await there.acts.act(ask(action, by, f"act-{number}", number + 1), NOW + timedelta(minutes=number))
        assert isinstance(answer, Done), answer

    rows = await there.pool.fetch(
        "SELECT kind, done_by, state, reason, outcome, note, version FROM acts ORDER BY version"
    )
    assert [tuple(row) for row in rows] == [
        ("acknowledged", ANNA, "acknowledged", None, None, None, 2),
        ("snoozed", ANNA, "snoozed", "call-back-agreed", None, "after lunch", 3),
        ("handed-over", ANNA, "open", "language", None, None, 4),
        ("started", BEN, "in-progress", None, None, None, 5),
        ("resolved", BEN, "resolved", None, "contact-made", None, 6),
        ("reopened", ANNA, "open", "closed-by-mistake", None, None, 7),
    ]
    assert await there.pool.fetchval("SELECT round FROM alerts") == 2
    values = await there.published(CARE_ALERT_ACTIVITY.name)
    assert not any(b"after lunch" in value for value in values), "a note stays in the house"
    assert [kind for kind, _ in await activities(there)] == [row["kind"] for row in rows]


async def test_who_gets_it_by_a_hand_over_is_told(there):
    await there.acts.act(ask(HandOver(BEN, HandOverReason.LANGUAGE)), NOW)

    told = await there.pool.fetch("SELECT recipient, channel FROM deliveries WHERE recipient = $1 ORDER BY 2", BEN)
    assert [tuple(row) for row in told] == [(BEN, "console"), (BEN, "email")]


async def test_a_partner_who_was_told_hears_that_a_person_resolved_it(there):
    hook = MemoryChannel()
    sender = Courier(there.store, {Channel.WEBHOOK: hook}, SteppedClock())
    await sender.send_due("webhook:endpoint-harbor")
    await there.acts.act(ask(Resolve(Resolution.DONE)), NOW)

    await sender.send_due("webhook:endpoint-harbor")

    assert [message.kind for message in hook.messages] == ["care-gap.opened", "care-gap.closed"]


async def test_closing_by_scoring_and_an_act_at_the_same_time_end_in_one_order(there):
    closing = care_alert(revision=2, audience=BOTH, change=AlertChange.CLOSED)

    _, answer = await asyncio.gather(there.hear(closing), there.acts.act(ask(Acknowledge()), NOW))

    assert isinstance(answer, (Done, Refused))
    assert (await there.states())["gap-1"][0] == "resolved"
    versions = await there.pool.fetchval("SELECT version FROM alerts")
    assert versions == (3 if isinstance(answer, Done) else 2)


async def test_the_history_of_leads_says_who_answered_since_when(there):
    rows = await there.pool.fetch("SELECT person_id, backup, named, reason FROM lead_history")

    assert [tuple(row) for row in rows] == [(ANNA, BEN, f"{ANNA}|{BEN}", "named")]
