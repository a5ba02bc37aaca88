"""What somebody asked for may be taken back for ten seconds; then it is done once, whoever looks and however often."""

import pytest

from care_notifications.adapters.postgres_held import Held
from care_notifications.core.acts import (
    Done,
    HandOver,
    HandOverReason,
    Refused,
    Resolution,
    Resolve,
    Reused,
    Snooze,
    SnoozeReason,
    Stale,
)
from care_notifications.core.holding import Contact
from care_shared.runtime.clock import random_id
from care_shared.topics import CARE_EVENTS
from care_shared.vocabulary import ContactChannel, ContactId, ContactOutcome, ContactParty, ContactPurpose, GapId, Tier
from tests.care_alerts import ANNA, BEN, NOW, care_alert

pytestmark = pytest.mark.stack
GAP = GapId("gap-1")
RESOLVE = Resolve(Resolution.VISIT_ARRANGED, "for Friday")


def contact():
    return Contact(
        ContactId(random_id()),
        ContactOutcome.NO_ANSWER,
        ContactChannel.PHONE,
        ContactParty.PATIENT,
        ContactPurpose.CARE,
    )


class Desk:
    """Who holds and takes back, on the site's clock."""

    def __init__(self, site):
        self.site, self.held = site, site.app.doors.web.state.desk.held

    async def hold(self, what, by=ANNA, act_id=None, seen=1):
        name = act_id or (what.contact_id if isinstance(what, Contact) else random_id())
        return name, await self.held.hold(Held(name, GAP, what, by, seen), self.site.clock())

    async def ten_seconds_later(self):
        self.site.clock.forward(seconds=10)
        return await self.held.release_due(self.site.clock())

    async def state(self):
        return (await self.site.states())["gap-1"][0]


@pytest.fixture
def desk(site):
    return Desk(site)


async def test_it_is_done_when_nobody_takes_it_back_and_only_once(site, desk):
    await site.hear(care_alert())

    _, answer = await desk.hold(RESOLVE)
    assert isinstance(answer, Done)
    assert await desk.state() == "open"
    assert await desk.held.release_due(site.clock()) == 0, "nine seconds are left"
    assert await desk.ten_seconds_later() == 1
    assert await desk.state() == "resolved"
    assert await desk.held.release_due(site.clock()) == 0
    assert await site.pool.fetchval("SELECT count(*) FROM acts WHERE kind = 'resolved' AND note = 'for Friday'") == 1


async def test_taken_back_leaves_no_trace_outside(site, desk):
    await site.hear(care_alert())

    act_id, _ = await desk.hold(contact())
    assert await desk.held.undo(act_id, BEN, site.clock()) is None, "it is not Ben's"
    assert await desk.held.undo(act_id, ANNA, site.clock()) == GAP
    assert await desk.ten_seconds_later() == 0
    assert await site.published(CARE_EVENTS.name) == []
    assert await desk.held.undo(act_id, ANNA, site.clock()) is None, "a second time changes nothing"


async def test_a_contact_is_published_as_of_when_it_was_logged(site, desk):
    await site.hear(care_alert())

    await desk.hold(contact())
    await desk.ten_seconds_later()

    (fact,) = await site.published(CARE_EVENTS.name)
    assert NOW.isoformat()[:19].encode() in fact


async def test_the_same_form_sent_twice_is_held_once_and_another_under_its_name_is_refused(site, desk):
    await site.hear(care_alert())

    act_id, _ = await desk.hold(RESOLVE)
    _, again = await desk.hold(RESOLVE, act_id=act_id)
    _, other = await desk.hold(RESOLVE, by=BEN, act_id=act_id)

    assert isinstance(again, Done)
    assert again.repeated
    assert isinstance(other, Reused)
    assert await desk.ten_seconds_later() == 1


async def test_the_second_of_two_people_hears_of_the_first_at_once(site, desk):
    await site.hear(care_alert())

    await desk.hold(RESOLVE)
    _, late = await desk.hold(contact(), by=BEN)

    assert isinstance(late, Stale)
    assert [(one.what, one.by) for one in late.since] == [("resolved", "Anna")]


async def test_who_goes_on_with_the_same_alert_meant_what_they_did_before(site, desk):
    await site.hear(care_alert())

    await desk.hold(contact())
    await desk.hold(RESOLVE)

    assert len(await site.published(CARE_EVENTS.name)) == 1
    await desk.ten_seconds_later()
    assert await desk.state() == "resolved"


async def test_what_cannot_be_is_refused_when_it_is_asked(site, desk):
    await site.hear(care_alert(tier=Tier.P1))

    _, snoozed = await desk.hold(Snooze(NOW.replace(hour=20), SnoozeReason.OTHER))
    _, old = await desk.hold(RESOLVE, seen=7)

    assert isinstance(snoozed, Refused)
    assert isinstance(old, Stale)
    assert await desk.ten_seconds_later() == 0


async def test_what_became_impossible_meanwhile_is_told_to_whoever_asked(site, desk):
    await site.hear(care_alert())

    await desk.hold(HandOver(BEN, HandOverReason.LANGUAGE))
    await site.pool.execute("UPDATE people SET active = false WHERE person_id = $1", BEN)
    await desk.ten_seconds_later()

    (told,) = await desk.held.of(ANNA, site.clock())
    assert (told["ended_as"], await desk.state()) == ("nobody-of-that-name", "open")
    await site.browser.sign_in()
    page = (await site.browser.http.get("/")).text
    assert "was not done: nobody of that name works here now" in page
