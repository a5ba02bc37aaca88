"""A partner that was away fetches what it missed, in order, and people at the desk can do what the book says."""

import asyncio
import base64
import json
import re
from datetime import timedelta

import pytest
import pytest_asyncio
import structlog
from starlette.testclient import TestClient

from care_local.addresses import free_ports
from care_notifications.adapters.partner_desk import NewEndpoint, PartnerDesk
from care_notifications.adapters.postgres_agreements import put_agreements
from care_notifications.adapters.postgres_catch_up import PostgresCatchUp
from care_notifications.adapters.postgres_directory import NamedOrganization
from care_notifications.adapters.postgres_probes import PostgresProbes
from care_notifications.adapters.sealed import Sealer
from care_notifications.adapters.tokens import token_hash
from care_notifications.core.agreements import Agreement, Grant
from care_notifications.core.attempts import Refused, Unavailable
from care_notifications.core.challenges import ProbeKind
from care_notifications.core.notice_policy import SHIPPED
from care_notifications.core.state import Channel
from care_notifications.courier import Courier
from care_notifications.web.partner import build_partner
from care_shared.contracts.alert_activity import AlertActivity
from care_shared.errors import NotFoundError
from care_shared.runtime.clock import utc_now
from care_shared.runtime.health import serving
from care_shared.topics import CARE_ALERT_ACTIVITY
from care_shared.vocabulary import AlertChange, OrganizationId, SensitivityLabel
from tests.care_alerts import AGREEMENT, BOTH, HARBOR, NOW, TEAM, care_alert
from tests.fakes.memory_channel import MemoryChannel
from tests.notifications_world import SECRET, SteppedClock, nobody_rings

pytestmark = pytest.mark.stack

LANE = "webhook:endpoint-harbor"
TOKEN = "clp_" + "t" * 43


@pytest_asyncio.fixture
async def there(there):
    await there.pool.execute("UPDATE endpoints SET token_hash = $1", token_hash(TOKEN))
    return there


def catch_up(there):
    return PostgresCatchUp(there.pool, nobody_rings, SHIPPED, "https://care.example")


def courier(there, clock, hook):
    return Courier(there.store, {Channel.WEBHOOK: hook}, clock)


async def fetched(there, after=0, limit=100, at=NOW):
    page = await catch_up(there).after("endpoint-harbor", after, limit, at)
    return [(one["type"], one["data"]["sequence"], one["data"].get("gap_id")) for one in page.events]


def gaps(count):
    return [care_alert(f"gap-{number}", audience=BOTH) for number in range(count)]


async def test_everything_comes_in_order_of_its_numbers_page_by_page(there):
    await there.hear(*gaps(5))

    first = await fetched(there, limit=3)
    second = await fetched(there, after=3)

    assert [number for _, number, _ in first + second] == [1, 2, 3, 4, 5]
    assert [gap for _, _, gap in first + second] == [f"gap-{number}" for number in range(5)]
    assert await fetched(there, after=5) == []


async def test_complaint_04_a_partner_that_was_down_for_72_hours_catches_up_without_being_pushed(there):
    clock, hook = SteppedClock(), MemoryChannel(lambda _: Unavailable("no-connection"))
    for hour in range(72):
        await there.hear(care_alert(f"gap-{hour:02}", audience=BOTH, changed_at=clock.now, due_at=None), now=clock.now)
        await courier(there, clock, hook).send_due(LANE)
        clock.forward(hours=1)

    got, after = [], 0
    while page := await fetched(there, after, 20, clock.now):
        got += page
        after = page[-1][1]

    assert [gap for _, _, gap in got] == [f"gap-{hour:02}" for hour in range(72)]
    ends = await there.pool.fetch("SELECT DISTINCT state, code FROM deliveries WHERE channel = 'webhook'")
    assert {tuple(row) for row in ends} == {("delivered", "caught-up")}, "and nothing of it is sent again"
    told = [AlertActivity.model_validate_json(one) for one in await there.published(CARE_ALERT_ACTIVITY.name)]
    assert len({one.gap_id for one in told if one.detail.get("code") == "caught-up"}) == 72


async def test_a_number_that_was_never_shown_does_not_count_as_received(there):
    await there.hear(*gaps(3))

    await fetched(there, after=10**9)
    await fetched(there, after=0, limit=1)
    await fetched(there, after=10**9)

    ends = await there.pool.fetch("SELECT sequence, state FROM deliveries WHERE channel = 'webhook' ORDER BY sequence")
    assert [tuple(row) for row in ends] == [(1, "delivered"), (2, "waiting"), (3, "waiting")]


async def test_what_the_partner_may_not_have_any_more_is_a_number_without_words(there):
    moved = TEAM.model_copy(update={"agency": OrganizationId("agency-lakeside")})
    await there.hear(*gaps(4))
    await there.hear(
        care_alert("gap-0", audience=BOTH, revision=2, labels=(SensitivityLabel.PART_2,), patient_id="patient-2"),
        care_alert("gap-1", audience=BOTH, revision=2, care_team=moved, patient_id="patient-3"),
    )

    page = await catch_up(there).after("endpoint-harbor", 0, 100, NOW)

    assert [one["type"] for one in page.events] == ["care-gap.withheld"] * 2 + ["care-gap.opened"] * 2
    assert page.events[0] == {"type": "care-gap.withheld", "timestamp": None, "data": {"sequence": 1}}


async def test_when_the_agreement_ends_catch_up_ends(there):
    await there.hear(*gaps(2))
    await put_agreements(there.pool, [Agreement(AGREEMENT.id, HARBOR, AGREEMENT.begin, end=NOW)], "test", NOW)

    assert {kind for kind, _, _ in await fetched(there)} == {"care-gap.withheld"}


async def test_what_opened_and_closed_meanwhile_is_told_without_a_hole(there):
    hook = MemoryChannel()
    await there.hear(*gaps(1))
    await courier(there, SteppedClock(), hook).send_due(LANE)
    await there.hear(care_alert("gap-0", audience=BOTH, revision=2, change=AlertChange.CLOSED))

    assert await fetched(there) == [("care-gap.opened", 1, "gap-0"), ("care-gap.closed", 2, "gap-0")]


async def test_catch_up_opens_no_secret_and_complains_of_none(there):
    sealed = Sealer([base64.b64encode(b"k" * 32).decode()]).seal(SECRET, "endpoint-harbor")
    await there.pool.execute("UPDATE endpoints SET secrets = $1", [sealed])
    await there.hear(*gaps(2))

    with structlog.testing.capture_logs() as said:
        found = await fetched(there)

    assert [gap for _, _, gap in found] == ["gap-0", "gap-1"]
    assert said == [], "nothing is signed here: a sealed secret is no trouble"


async def test_granted_fields_travel_in_catch_up_too(there):
    await there.hear(*gaps(1))
    wide = Agreement(AGREEMENT.id, HARBOR, AGREEMENT.begin, grants=frozenset({Grant.RULE}))
    await put_agreements(there.pool, [wide], "test", NOW)

    page = await catch_up(there).after("endpoint-harbor", 0, 1, NOW)

    assert page.events[0]["data"]["rule"] == "discharge-follow-up"
    assert page.last_sequence == 1


@pytest.mark.parametrize(
    ("query", "token", "status"),
    [
        ("", TOKEN, 200),
        ("?after=0&limit=200", TOKEN, 200),
        ("", "clp_wrong", 401),
        ("", TOKEN + "x" * 300, 401),
        ("?after=-1", TOKEN, 400),
        ("?after=1e3", TOKEN, 400),
        ("?after=99999999999999999999", TOKEN, 400),
        ("?limit=0", TOKEN, 400),
        ("?limit=201", TOKEN, 400),
        ("?after=" + "9" * 5000, TOKEN, 400),
    ],
)
async def test_the_address_of_catch_up_over_http(there, query, token, status):
    await there.hear(*gaps(1))
    port = free_ports(1)[0]
    web = build_partner(catch_up(there), lambda: NOW)
    async with serving(web, "127.0.0.1", port, drain_seconds=1):
        code, body = await get(port, f"/v1/events{query}", token)

    assert code == status
    if status == 200:
        assert body["last_sequence"] == 1
        assert "Juniper" not in json.dumps(body)


async def get(port, path, token):
    import httpx2

    async with httpx2.AsyncClient() as client:
        answer = await client.get(f"http://127.0.0.1:{port}{path}", headers={"authorization": f"Bearer {token}"})
    kind = answer.headers["content-type"]
    return answer.status_code, answer.json() if "json" in kind else {}


async def test_without_a_word_of_authorization_nobody_is_known(there):
    web = build_partner(catch_up(there), lambda: NOW)

    def ask():
        with TestClient(web) as client:
            return client.get("/v1/events")

    answer = await asyncio.to_thread(ask)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


# ---------------------------------------------------------------- the desk


def desk(there, sealer=None):
    return PartnerDesk(there.pool, sealer or Sealer())


async def test_a_new_endpoint_gets_keys_and_has_to_prove_itself(there):
    new = NewEndpoint(
        "lakeside", NamedOrganization(OrganizationId("agency-lakeside"), "Lakeside"), "https://lakeside.example/hook",
        "it@lakeside.example", asymmetric=True,
    )  # fmt: skip

    keys = await desk(there).add(new)

    assert re.fullmatch(r"whpk_[A-Za-z0-9+/]{43}=", keys.verify_with)
    assert await catch_up(there).who(keys.token) == "lakeside"
    assert keys.token not in repr(keys)
    row = next(one for one in await desk(there).endpoints() if one["endpoint_id"] == "lakeside")
    assert row["verified_at"] is None
    assert row["probed"] == "waiting"


async def test_while_a_key_is_changed_both_sign_and_after_that_the_new_one_only(there):
    keys = await desk(there).rotate("endpoint-harbor", timedelta(hours=24), NOW)
    await there.hear(*gaps(2))

    during = await there.store.claim(LANE, NOW + timedelta(hours=23))
    after = await there.store.claim(LANE, NOW + timedelta(hours=24))

    assert len(during.address.secrets) == 2
    assert after.address.secrets == (keys.verify_with,)


async def test_pause_keeps_and_resume_sends(there):
    await desk(there).pause("endpoint-harbor", NOW)
    await there.hear(*gaps(2))
    hook = MemoryChannel()
    await courier(there, SteppedClock(), hook).send_due(LANE)
    assert hook.messages == []

    await desk(there).resume("endpoint-harbor", NOW)
    await courier(there, SteppedClock(), hook).send_due(LANE)
    assert [message.sequence for message in hook.messages] == [1, 2]


async def test_one_that_was_switched_off_proves_itself_before_it_goes_on(there):
    await there.hear(*gaps(1))
    gone = MemoryChannel(lambda _: Refused("410", switch_off=True))
    await courier(there, SteppedClock(), gone).send_due(LANE)

    await desk(there).resume("endpoint-harbor", utc_now())

    asked = await PostgresProbes(there.pool, Sealer()).claim(utc_now())
    assert asked.probe.kind is ProbeKind.CHALLENGE
    assert LANE not in await there.store.due_lanes(NOW)


async def test_replay_sends_everything_behind_a_number_in_order_under_the_same_ids(there):
    clock, hook = SteppedClock(), MemoryChannel()
    await there.hear(*gaps(5))
    await courier(there, clock, hook).send_due(LANE)
    first = [(one.sequence, one.delivery_id) for one in hook.messages]
    hook.messages.clear()
    clock.forward(days=6)

    assert await desk(there).replay("endpoint-harbor", 2, clock.now) == 3
    await courier(there, clock, hook).send_due(LANE)

    assert [(one.sequence, one.delivery_id) for one in hook.messages] == first[2:]


async def test_what_is_sent_again_has_the_whole_schedule_before_it(there):
    clock = SteppedClock()
    hook = MemoryChannel(lambda _: Unavailable("503"))
    await there.hear(*gaps(1))
    for _ in range(120):
        await courier(there, clock, hook).send_due(LANE)
        clock.forward(hours=1)
    assert (await there.ends())["webhook", "attention"] == ("failed", "attempts-used-up")
    hook.messages.clear()
    await there.pool.execute("UPDATE endpoints SET failures = 0, failing_since = NULL, open_until = NULL")
    delivery = await there.pool.fetchval("SELECT delivery_id FROM deliveries WHERE channel = 'webhook'")

    await desk(there).resend(delivery, clock.now)
    for _ in range(120):
        await courier(there, clock, hook).send_due(LANE)
        clock.forward(hours=1)

    assert len(hook.messages) == 10


async def test_resending_what_waits_or_what_is_unknown_is_refused(there):
    await there.hear(*gaps(1))
    waiting = await there.pool.fetchval("SELECT delivery_id FROM deliveries WHERE channel = 'webhook'")

    for delivery in (waiting, "no-such-delivery"):
        with pytest.raises(NotFoundError):
            await desk(there).resend(delivery, NOW)


async def test_an_endpoint_nobody_knows(there):
    with pytest.raises(NotFoundError):
        await desk(there).pause("no-such-endpoint", NOW)
    with pytest.raises(NotFoundError):
        await put_agreements(there.pool, [Agreement("a", OrganizationId("nobody"), NOW)], "test", NOW)
