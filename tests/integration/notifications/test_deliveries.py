"""Notices on real PostgreSQL: leased, looked at once more, retried on schedule, never forgotten, never doubled."""

import asyncio
import contextlib
from datetime import timedelta

import pytest

from care_notifications.core.attempts import Refused, Unavailable
from care_notifications.core.state import Channel
from care_notifications.courier import Courier
from care_shared.contracts.alert_activity import AlertActivity
from care_shared.topics import CARE_ALERT_ACTIVITY
from care_shared.vocabulary import AlertChange, SensitivityLabel
from tests.care_alerts import ANNA, BOTH, NOW, care_alert
from tests.fakes.memory_channel import MemoryChannel
from tests.notifications_world import SteppedClock

pytestmark = pytest.mark.stack

HOOK_LANE, MAIL_LANE = "webhook:endpoint-harbor", f"email:{ANNA}"


def courier(there, clock, **channels):
    return Courier(there.store, {Channel(name): channel for name, channel in channels.items()}, clock)


async def activities(there):
    values = await there.published(CARE_ALERT_ACTIVITY.name)
    return [
        (one.kind.value, one.detail["channel"])
        for one in map(AlertActivity.model_validate_json, values)
        if "channel" in one.detail
    ]


async def test_a_notice_leaves_once_and_its_delivery_is_published(there):
    await there.hear(care_alert(audience=BOTH))
    hook = MemoryChannel()

    await courier(there, SteppedClock(), webhook=hook).send_due(HOOK_LANE)
    await courier(there, SteppedClock(), webhook=hook).send_due(HOOK_LANE)

    assert [message.gap_id for message in hook.messages] == ["gap-1"]
    assert (await there.ends())["webhook", "attention"] == ("delivered", None)
    assert await activities(there) == [("delivered", "webhook")]


async def test_killed_between_send_and_record_it_is_sent_again_under_the_same_id(there):
    await there.hear(care_alert(audience=BOTH))
    clock, hook = SteppedClock(), MemoryChannel()
    hook.gate.clear()
    killed = asyncio.create_task(courier(there, clock, webhook=hook).send_due(HOOK_LANE))
    await hook.arrived.wait()
    killed.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await killed
    hook.gate.set()

    await courier(there, clock, webhook=hook).send_due(HOOK_LANE)
    assert len(hook.messages) == 1, "the lease still holds"
    clock.forward(seconds=61)
    await courier(there, clock, webhook=hook).send_due(HOOK_LANE)

    first, second = hook.messages
    assert first.delivery_id == second.delivery_id
    assert (first.number, second.number) == (1, 2)
    assert (await there.ends())["webhook", "attention"] == ("delivered", None)


async def test_what_closed_before_it_left_is_not_sent_and_neither_is_its_closing(there):
    await there.hear(care_alert(audience=BOTH))
    await there.hear(care_alert(audience=BOTH, revision=2, change=AlertChange.CLOSED))
    hook, mail = MemoryChannel(), MemoryChannel()
    sender = courier(there, SteppedClock(), webhook=hook, email=mail)

    await sender.send_due(HOOK_LANE)
    await sender.send_due(MAIL_LANE)

    assert hook.messages == mail.messages == []
    assert await there.ends() == {
        ("webhook", "attention"): ("suppressed", "closed-before-send"),
        ("webhook", "closed"): ("suppressed", "never-told"),
        ("email", "attention"): ("suppressed", "closed-before-send"),
        ("console", "attention"): ("waiting", None),
    }


async def test_a_partner_who_was_told_hears_once_that_it_closed(there):
    hook = MemoryChannel()
    sender = courier(there, SteppedClock(), webhook=hook)
    await there.hear(care_alert(audience=BOTH))
    await sender.send_due(HOOK_LANE)
    await there.hear(care_alert(audience=BOTH, revision=2, change=AlertChange.CLOSED))
    await there.hear(care_alert(audience=BOTH, revision=3, change=AlertChange.CLOSED))

    await sender.send_due(HOOK_LANE)

    assert [message.kind for message in hook.messages] == ["care-gap.opened", "care-gap.closed"]


async def test_a_closing_does_not_overtake_a_notice_that_is_in_flight(there):
    hook = MemoryChannel()
    hook.gate.clear()
    sender = courier(there, SteppedClock(), webhook=hook)
    await there.hear(care_alert(audience=BOTH))
    flight = asyncio.create_task(sender.send_due(HOOK_LANE))
    await hook.arrived.wait()
    await there.hear(care_alert(audience=BOTH, revision=2, change=AlertChange.CLOSED))

    assert await there.store.claim(HOOK_LANE, NOW) is None
    hook.gate.set()
    await flight

    assert [message.kind for message in hook.messages] == ["care-gap.opened", "care-gap.closed"]


async def test_acknowledging_silences_our_own_channels_and_not_the_partner(there):
    await there.hear(care_alert(audience=BOTH))
    await there.taken("gap-1", ANNA)
    hook, mail = MemoryChannel(), MemoryChannel()
    sender = courier(there, SteppedClock(), webhook=hook, email=mail)

    await sender.send_due(HOOK_LANE)
    await sender.send_due(MAIL_LANE)

    assert (len(hook.messages), len(mail.messages)) == (1, 0)
    assert (await there.ends())["email", "attention"] == ("suppressed", "acknowledged-before-send")


async def test_a_label_that_comes_before_the_send_keeps_the_partner_out(there):
    await there.hear(care_alert(audience=BOTH))
    await there.hear(care_alert(audience=BOTH, revision=2, labels=(SensitivityLabel.PART_2,)))
    hook = MemoryChannel()

    await courier(there, SteppedClock(), webhook=hook).send_due(HOOK_LANE)

    assert hook.messages == []
    assert (await there.ends())["webhook", "attention"] == ("suppressed", "sensitive")


async def test_a_partner_that_is_away_is_tried_again_on_schedule_until_it_answers(there):
    await there.hear(care_alert(audience=BOTH))
    clock, answers = SteppedClock(), iter([Unavailable("503"), Unavailable("500"), Unavailable("no-connection")])
    hook = MemoryChannel(lambda _: next(answers))
    sender = courier(there, clock, webhook=hook)

    sent_after = []
    for _ in range(3):
        await sender.send_due(HOOK_LANE)
        row = await there.pool.fetchrow("SELECT next_attempt_at FROM deliveries WHERE channel = 'webhook'")
        sent_after.append(row["next_attempt_at"] - clock.now)
        await sender.send_due(HOOK_LANE)
        clock.now = row["next_attempt_at"]

    assert len(hook.messages) == 3
    assert len({message.delivery_id for message in hook.messages}) == 1
    assert [int(wait / least * 10) for wait, least in zip(sent_after, SCHEDULE, strict=True)] == [10, 10, 10]


SCHEDULE = (timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30))


async def test_a_partner_that_never_answers_is_given_up_in_sight(there):
    await there.hear(care_alert(audience=BOTH))
    clock, hook = SteppedClock(), MemoryChannel(lambda _: Unavailable("503"))
    sender = courier(there, clock, webhook=hook)

    for _ in range(200):
        await sender.send_due(HOOK_LANE)
        clock.forward(hours=1)

    assert (await there.ends())["webhook", "attention"] == ("failed", "attempts-used-up")
    assert len(hook.messages) == 10, "0 s, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h"
    assert await activities(there) == [("delivery-failed", "webhook")]


async def test_410_switches_the_endpoint_off_and_the_next_alert_says_so(there):
    await there.hear(care_alert(audience=BOTH))
    hook = MemoryChannel(lambda _: Refused("410", switch_off=True))
    await courier(there, SteppedClock(), webhook=hook).send_due(HOOK_LANE)

    await there.hear(care_alert("gap-2", audience=BOTH))

    assert (await there.ends())["webhook", "attention"] == ("failed", "refused")
    said = await there.pool.fetchval("SELECT reason FROM suppressions WHERE gap_id = 'gap-2'")
    assert said == "endpoint-off"


async def test_a_slow_partner_delays_nobody_else(there):
    await there.hear(*(care_alert(f"gap-{n}", patient_id=f"patient-{n}", audience=BOTH) for n in range(3)))
    hook, mail = MemoryChannel(), MemoryChannel()
    hook.gate.clear()
    sender = courier(there, SteppedClock(), webhook=hook, email=mail)

    running = asyncio.create_task(sender.run())
    async with asyncio.timeout(10):
        await hook.arrived.wait()
        while len(mail.messages) < 3:
            mail.arrived.clear()
            await mail.arrived.wait()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running

    assert len(hook.messages) == 1, "its lane holds one at a time"


async def test_three_couriers_send_each_notice_once(there):
    await there.hear(*(care_alert(f"gap-{number}", audience=BOTH) for number in range(20)))
    hook = MemoryChannel()
    couriers = [courier(there, SteppedClock(), webhook=hook) for _ in range(3)]

    await asyncio.gather(*(one.send_due(HOOK_LANE) for one in couriers))

    assert sorted(message.gap_id for message in hook.messages) == sorted(f"gap-{number}" for number in range(20))
