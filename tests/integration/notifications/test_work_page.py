"""What a care manager does on an alert's page beside a call, and what two people at once are told."""

import re

import pytest

from care_shared.runtime.clock import random_id
from care_shared.vocabulary import Tier
from tests.care_alerts import BEN, care_alert

pytestmark = pytest.mark.stack


async def do(site, deed, seen=None, **fields):
    page = (await site.browser.http.get("/alerts/gap-1")).text
    version = seen or re.search(r'name="version" value="(\d+)"', page).group(1)
    return await site.browser.post(f"/alerts/gap-1/do/{deed}", act_id=random_id(), version=version, **fields)


async def state(site):
    return await site.pool.fetchval("SELECT state FROM alerts")


async def test_an_alert_is_started_snoozed_with_a_reason_resolved_with_an_outcome_and_reopened(site):
    await site.hear(care_alert(tier=Tier.P2))
    await site.browser.sign_in()

    assert (await do(site, "start")).status_code == 303
    assert await state(site) == "in-progress"
    assert (
        await do(site, "snooze", **{"for": "1d", "reason": "call-back-agreed", "note": "Ring after ten"})
    ).status_code == 303
    assert await state(site) == "snoozed"
    until = await site.pool.fetchval("SELECT snoozed_until AT TIME ZONE 'America/New_York' FROM alerts")
    assert (until.hour, until.minute) == (9, 0), "nine in the morning at the patient's home"
    assert "Ring after ten" in (await site.browser.http.get("/alerts/gap-1")).text
    assert (await do(site, "resolve", outcome="contact-made")).status_code == 303
    assert await state(site) == "resolved"
    assert (await do(site, "reopen", reason="closed-by-mistake")).status_code == 303
    assert await state(site) == "open"


async def test_an_alert_is_handed_over_to_a_colleague_who_answers_from_then_on(site):
    await site.hear(care_alert())
    await site.browser.sign_in()

    page = (await site.browser.http.get("/alerts/gap-1")).text
    assert f'value="{BEN}"' in page
    assert (await do(site, "hand-over", to=BEN, reason="language")).status_code == 303
    assert await site.pool.fetchval("SELECT owner FROM alerts") == BEN


async def test_who_acts_on_an_old_page_is_told_what_happened_since_and_changes_nothing(site):
    await site.hear(care_alert())
    await site.browser.sign_in()
    page = (await site.browser.http.get("/alerts/gap-1")).text
    seen = re.search(r'name="version" value="(\d+)"', page).group(1)
    await do(site, "start")

    late = await do(site, "resolve", seen=seen, outcome="done")

    assert late.status_code == 409
    assert "somebody was faster" in late.text
    assert "Started by Anna, just now" in late.text
    assert await state(site) == "in-progress"


async def test_an_urgent_alert_offers_no_snooze_and_refuses_one_that_is_asked_for_anyway(site):
    await site.hear(care_alert(tier=Tier.P1))
    await site.browser.sign_in()

    assert "/do/snooze" not in (await site.browser.http.get("/alerts/gap-1")).text
    answer = await do(site, "snooze", **{"for": "2h", "reason": "other"})
    assert answer.status_code == 409
    assert "never snoozed" in answer.text


@pytest.mark.parametrize(
    ("deed", "fields"),
    [
        ("dance", {}),
        ("snooze", {"for": "99d", "reason": "other"}),
        ("snooze", {"for": "2h", "reason": "boredom"}),
        ("resolve", {}),
        ("hand-over", {"reason": "other"}),
        ("reopen", {"reason": "why not"}),
    ],
)
async def test_what_our_own_forms_could_not_say_is_refused_and_changes_nothing(site, deed, fields):
    await site.hear(care_alert(tier=Tier.P2))
    await site.browser.sign_in()

    assert (await do(site, deed, **fields)).status_code == 422
    assert await state(site) == "open"


async def test_sending_a_form_twice_is_doing_it_once(site):
    await site.hear(care_alert())
    await site.browser.sign_in()
    once = random_id()

    for _ in range(2):
        answer = await site.browser.post("/alerts/gap-1/do/start", act_id=once, version="1")
        assert answer.status_code == 303
    assert await site.pool.fetchval("SELECT count(*) FROM acts WHERE kind = 'started'") == 1
