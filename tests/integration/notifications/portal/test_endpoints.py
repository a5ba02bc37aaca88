"""Partners look after their endpoints themselves: add, prove, change the key, pause, replay, see what was sent."""

import asyncio
import html
import json
import re
from datetime import timedelta

import pytest
import pytest_asyncio

from care_local.webhook_inbox import receiving_webhooks
from care_notifications.adapters.channels.webhook.connector import Connector
from care_notifications.adapters.channels.webhook.prober import Prober
from care_notifications.adapters.postgres_agreements import put_agreements
from care_notifications.adapters.postgres_probes import PostgresProbes
from care_notifications.adapters.sealed import Sealer
from care_notifications.core.agreements import Agreement, Grant
from care_shared.runtime.clock import utc_now
from care_shared.vocabulary import SensitivityLabel
from tests.care_alerts import AGREEMENT, HARBOR, NOW
from tests.notifications_world import SECRET
from tests.portal_world import portal_world

pytestmark = pytest.mark.stack

LANE = "webhook:endpoint-harbor"
HOOK = "/portal/endpoints/endpoint-harbor"


@pytest_asyncio.fixture
async def portal(postgres_dsn):
    """Harbor listens at an address that this installation may reach."""
    async with (
        receiving_webhooks(SECRET) as inbox,
        portal_world(postgres_dsn, inbox.target_url, webhook_private_allow=f"127.0.0.1:{inbox.port}") as real,
    ):
        real.inbox = inbox
        yield real


async def new_endpoint(portal, **fields):
    return await portal.harbor.post("/portal/endpoints", url=portal.inbox.target_url, email="", sign="shared", **fields)


async def ask(portal, now=None):
    """What waits to be asked is asked now; an address that was entered just now waits by the clock on the wall."""
    prober = Prober(PostgresProbes(portal.pool, Sealer()), Connector(frozenset((f"127.0.0.1:{portal.inbox.port}",))))
    while await prober.ask_next(now or portal.clock()):
        pass


async def of(portal, endpoint_id="endpoint-harbor"):
    return await portal.pool.fetchrow("SELECT * FROM endpoints WHERE endpoint_id = $1", endpoint_id)


def text_of(page):
    return html.unescape(re.sub(r"<[^>]+>", " ", page))


async def test_a_new_endpoint_shows_its_keys_once_and_proves_itself_before_ones_eyes(portal):
    made = await new_endpoint(portal)
    endpoint_id = re.search(r"/portal/endpoints/(agency-harbor-[0-9a-f]{8})", made.text).group(1)
    secret, token = (re.search(mark, made.text).group(0) for mark in (r"whsec_[A-Za-z0-9+/=]+", r"clp_[\w-]+"))

    before = (await portal.harbor.get(f"/portal/endpoints/{endpoint_id}")).text
    portal.inbox._secret = secret
    await ask(portal, utc_now())
    after = (await portal.harbor.get(f"/portal/endpoints/{endpoint_id}")).text

    assert made.status_code == 201
    assert "Not proven" in before
    assert "Challenge on its way" in " ".join(text_of(before).split())
    assert "Live" in after
    assert "Challenge answered" in " ".join(text_of(after).split())
    assert secret not in after
    assert token not in after


async def test_an_address_we_would_never_send_to_is_refused_with_its_reason(portal):
    for url, because in (
        ("http://partner.example/hook", "the address is not https"),
        ("https://partner.example:22/hook", "only ports 443 and 8443 are used"),
        ("https://pat:secret@partner.example/", "the address cannot be used"),
        ("https://", "the address cannot be used"),
        ("javascript:alert(1)", "the address cannot be used"),
        ("https://[::1", "the address cannot be used"),
        ("https://partner.example/#part", "without a part behind #"),
        ("https://partner.example/" + "x" * 500, "at most 500 characters"),
        ("", "Enter the whole address"),
    ):
        answer = await portal.harbor.post("/portal/endpoints", url=url, email="", sign="shared")
        assert (answer.status_code, because in html.unescape(answer.text)) == (422, True), url
    assert await portal.pool.fetchval("SELECT count(*) FROM endpoints") == 2


async def test_ten_endpoints_are_enough(portal):
    answers = [(await new_endpoint(portal)).status_code for _ in range(10)]

    assert answers == [201] * 9 + [409]


async def test_a_new_key_signs_beside_the_old_one_and_is_shown_once(portal):
    answer = await portal.harbor.post(f"{HOOK}/rotate", overlap="72")
    fresh = re.search(r"whsec_[A-Za-z0-9+/=]+", answer.text).group(0)

    row = await of(portal)
    assert row["secrets"] == [fresh, SECRET]
    assert row["old_secret_until"] == NOW + timedelta(hours=72)
    page = (await portal.harbor.get(HOOK)).text
    assert "The old key signs beside the new one" in page
    assert fresh not in page
    assert (await portal.harbor.post(f"{HOOK}/rotate", overlap="9999")).status_code == 422


async def test_pause_keeps_resume_sends_and_the_attempt_shows_the_body_as_it_was_sent(portal):
    await portal.harbor.post(f"{HOOK}/do/pause")
    await portal.open_gaps("gap-1")
    await portal.app.sending.courier.send_due(LANE)
    assert portal.inbox.entries == {}
    assert "Paused" in (await portal.harbor.get(HOOK)).text

    await portal.harbor.post(f"{HOOK}/do/resume")
    portal.inbox._now = portal.clock
    await portal.app.sending.courier.send_due(LANE)

    (entry,) = portal.inbox.entries.values()
    page = (await portal.harbor.get(HOOK)).text
    attempt = re.search(rf"{HOOK}/attempts/[0-9a-f-]+/1", page).group(0)
    shown = html.unescape((await portal.harbor.get(attempt)).text)
    body = re.search(r'aria-label="Body as sent">(\{.*?\})</pre>', shown, re.DOTALL).group(1)
    assert json.loads(body) == json.loads(entry.body)
    assert f"webhook-id: {entry.webhook_id}" in shown
    assert "204" in page
    assert "Juniper" not in shown


async def test_a_body_holds_what_was_granted_then_and_is_still_granted_now(portal):
    portal.inbox._now = portal.clock
    wide = Agreement(AGREEMENT.id, HARBOR, AGREEMENT.begin, grants=frozenset({Grant.PATIENT_NAME, Grant.RULE}))
    await put_agreements(portal.pool, [wide], "test", NOW)
    await portal.open_gaps("gap-1")
    await portal.app.sending.courier.send_due(LANE)
    delivery = await portal.pool.fetchval("SELECT delivery_id FROM deliveries WHERE channel = 'webhook'")
    then = (await portal.harbor.get(f"{HOOK}/attempts/{delivery}/1")).text

    await put_agreements(portal.pool, [AGREEMENT], "test", NOW)
    now = (await portal.harbor.get(f"{HOOK}/attempts/{delivery}/1")).text

    assert "Juniper, Carl" in then
    assert "Juniper" not in now
    assert "discharge-follow-up" not in now
    assert "Fields that your agreement names no longer are left out." in now


async def test_an_alert_that_became_labelled_is_withheld_from_the_attempts_too(portal):
    portal.inbox._now = portal.clock
    await portal.open_gaps("gap-1")
    await portal.app.sending.courier.send_due(LANE)
    delivery = await portal.pool.fetchval("SELECT delivery_id FROM deliveries WHERE channel = 'webhook'")
    await portal.open_gaps("gap-1", revision=2, labels=(SensitivityLabel.PART_2,))

    attempt = (await portal.harbor.get(f"{HOOK}/attempts/{delivery}/1")).text
    page = (await portal.harbor.get(HOOK)).text

    assert "Withheld" in attempt
    assert "gap-1" not in attempt
    assert "care-gap.opened" not in page
    assert (await portal.harbor.get("/portal/alerts/gap-1")).status_code == 404


async def test_resend_one_and_replay_since_a_time_leave_under_the_same_ids(portal):
    portal.inbox._now = portal.clock
    await portal.open_gaps("gap-1", "gap-2")
    await portal.app.sending.courier.send_due(LANE)
    first, second = portal.inbox.entries
    portal.clock.forward(minutes=1)

    await portal.harbor.post(f"{HOOK}/attempts/{first}/resend")
    await portal.app.sending.courier.send_due(LANE)
    again = await portal.harbor.post(f"{HOOK}/replay", hours="1", since="")
    await portal.app.sending.courier.send_due(LANE)
    nothing = await portal.harbor.post(f"{HOOK}/replay", hours="1", since="2026-11-30T00:00")

    assert [portal.inbox.entries[one].times for one in (first, second)] == [3, 2]
    assert again.headers["location"].endswith("?done=replay&count=2")
    assert nothing.headers["location"].endswith("&count=0")
    assert (await portal.harbor.post(f"{HOOK}/replay", hours="5", since="")).status_code == 422
    assert (await portal.harbor.post(f"{HOOK}/replay", hours="1", since="soon")).status_code == 422


async def test_a_test_event_is_about_nobody_and_one_that_waits_is_enough(portal):
    portal.inbox._now = portal.clock
    for _ in range(3):
        assert (await portal.harbor.post(f"{HOOK}/do/test")).status_code == 303
    await ask(portal)

    (entry,) = portal.inbox.entries.values()
    assert json.loads(entry.body)["type"] == "endpoint.test"
    assert "Test event answered" in " ".join(text_of((await portal.harbor.get(HOOK)).text).split())


async def test_a_removed_endpoint_gets_nothing_and_keeps_no_key(portal):
    await portal.open_gaps("gap-1")
    await portal.harbor.post(f"{HOOK}/do/remove")
    await portal.app.sending.courier.send_due(LANE)

    row = await of(portal)
    assert (row["url"], row["enabled"], row["token_hash"], SECRET in row["secrets"]) == ("", False, None, False)
    assert portal.inbox.entries == {}
    assert await portal.pool.fetchval("SELECT reason FROM deliveries WHERE channel = 'webhook'") == "endpoint-off"
    assert (await portal.harbor.get(HOOK)).status_code == 404
    assert (await portal.harbor.post(f"{HOOK}/do/resume")).status_code == 404


async def test_service_levels_count_weeks_as_they_are_lived_where_the_partner_works(portal):
    """One was delivered on Sunday at ten in New York, which is Monday in UTC; one failed; one came after a retry."""
    portal.inbox._now = portal.clock
    await portal.open_gaps("gap-1", "gap-2", "gap-3")
    sunday = NOW - timedelta(hours=11)
    await portal.pool.execute(
        "UPDATE deliveries SET state = 'delivered', noticed_at = $1, ended_at = $1::timestamptz + interval '2 seconds'"
        " WHERE gap_id = 'gap-1' AND channel = 'webhook'", sunday,
    )  # fmt: skip
    await portal.pool.execute(
        "UPDATE deliveries SET state = 'failed', reason = 'attempts-used-up', noticed_at = $1, ended_at = $1"
        " WHERE gap_id = 'gap-2' AND channel = 'webhook'", NOW,
    )  # fmt: skip
    await portal.pool.execute(
        "UPDATE deliveries SET state = 'delivered', noticed_at = $1, ended_at = $1::timestamptz + interval '5 minutes'"
        " WHERE gap_id = 'gap-3' AND channel = 'webhook'", NOW,
    )  # fmt: skip

    rows = await portal.app.doors.portal.state.desk.levels.weeks(
        HARBOR, NOW - timedelta(weeks=2), NOW, "America/New_York"
    )
    page = " ".join(text_of((await portal.harbor.get("/portal/service")).text).split())

    assert [(str(row["week"]), row["ended"], row["delivered"]) for row in rows] == [
        ("2026-11-23", 2, 1),
        ("2026-11-16", 1, 1),
        ("2026-11-09", 0, 0),
    ]
    assert [row["p95"] for row in rows] == [timedelta(minutes=5), timedelta(seconds=2), None]
    assert "50.0 %" in page
    assert "Wait for your answer 3" in page


async def test_the_samples_verify_answer_the_challenge_and_see_a_repeat(portal):
    page = html.unescape((await portal.harbor.get("/portal/code")).text)

    assert page.count("<pre") == 3
    for word in ("createServer", "HTTPServer", "curl --fail"):
        assert word in page


async def test_what_was_done_to_endpoints_is_in_the_trail(portal):
    await portal.pool.execute("DELETE FROM fhir_accesses")
    await new_endpoint(portal)
    for path, fields in (
        (f"{HOOK}/rotate", {"overlap": "24"}),
        (f"{HOOK}/do/pause", {}),
        (f"{HOOK}/do/resume", {}),
        (f"{HOOK}/do/test", {}),
        (f"{HOOK}/do/challenge", {}),
        (f"{HOOK}/replay", {"hours": "1", "since": ""}),
        (f"{HOOK}/do/remove", {}),
    ):
        await portal.harbor.post(path, **fields)
    await asyncio.sleep(0)

    did = [what for who, what, _, _ in await portal.trail() if what not in ("search-type", "read")]
    assert did == ["create", "rotate", "pause", "resume", "test", "challenge", "replay", "remove"]
