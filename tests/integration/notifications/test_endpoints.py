"""Partners' endpoints on real PostgreSQL: proven first, left alone while they fail, told in order when back."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from care_local.addresses import free_ports
from care_notifications.adapters.channels.webhook.connector import Connector
from care_notifications.adapters.channels.webhook.prober import Prober
from care_notifications.adapters.endpoint_watch import EndpointWatch, Told
from care_notifications.adapters.postgres import transaction
from care_notifications.adapters.postgres_agreements import put_agreements
from care_notifications.adapters.postgres_deliveries import PostgresDeliveryStore
from care_notifications.adapters.postgres_directory import NamedEndpoint, ensure_directory
from care_notifications.adapters.postgres_probes import PostgresProbes, ask
from care_notifications.adapters.sealed import Sealer
from care_notifications.core.agreements import Agreement, Grant
from care_notifications.core.attempts import Accepted, Unavailable
from care_notifications.core.challenges import ProbeKind
from care_notifications.core.state import Channel
from care_notifications.courier import Courier
from care_shared.runtime.health import serving
from care_shared.vocabulary import AlertChange
from tests.care_alerts import AGREEMENT, BOTH, HARBOR, NOW, TEAM, care_alert
from tests.fakes.memory_channel import MemoryChannel
from tests.integration.notifications.test_channels import Postbox, mail_server, mailer
from tests.notifications_world import SECRET, SteppedClock, nobody_rings

pytestmark = pytest.mark.stack

LANE = "webhook:endpoint-harbor"


def courier(there, clock, hook):
    return Courier(there.store, {Channel.WEBHOOK: hook}, clock)


async def endpoint(there, column):
    return await there.pool.fetchval(f"SELECT {column} FROM endpoints WHERE endpoint_id = 'endpoint-harbor'")


async def hook_rows(there, columns):
    rows = await there.pool.fetch(f"SELECT {columns} FROM deliveries WHERE channel = 'webhook' ORDER BY ordinal")
    return [tuple(row) for row in rows]


def gaps(count, first=0):
    return [care_alert(f"gap-{number:02}", audience=BOTH) for number in range(first, first + count)]


class Answering:
    """A partner's web server that knows, or does not know, how to answer a challenge."""

    def __init__(self, answer=lambda told: {"challenge": told["data"].get("challenge")}):
        self.port = free_ports(1)[0]
        self.got = []
        self._answer = answer
        self.app = Starlette(routes=[Route("/hook", self.take, methods=["POST"])])

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/hook"

    async def take(self, request: Request) -> Response:
        told = await request.json()
        self.got.append(told["type"])
        return JSONResponse(self._answer(told))

    def prober(self, there, sealer=None):
        connector = Connector(frozenset((f"127.0.0.1:{self.port}",)), timeout_seconds=5)
        return Prober(PostgresProbes(there.pool, sealer or Sealer()), connector)

    async def moves_in(self, there, sealer=None):
        await ensure_directory(
            there.pool, [], [], [NamedEndpoint("endpoint-harbor", HARBOR, self.url, (SECRET,))], sealer
        )


async def probes(there):
    rows = await there.pool.fetch("SELECT state, code FROM probes ORDER BY asked_at, state")
    return [tuple(row) for row in rows]


async def test_an_endpoint_gets_nothing_but_the_challenge_until_it_has_answered(there):
    partner, hook, clock = Answering(), MemoryChannel(), SteppedClock(NOW)
    await partner.moves_in(there)
    await there.hear(*gaps(2))
    await courier(there, clock, hook).send_due(LANE)
    assert hook.messages == [], "two notices wait"
    assert await there.store.due_lanes(NOW) == ["console:cm-anna", "email:cm-anna"]

    async with serving(partner.app, "127.0.0.1", partner.port, drain_seconds=1):
        assert await partner.prober(there).ask_next(now())
    await courier(there, SteppedClock(now()), hook).send_due(LANE)

    assert partner.got == ["endpoint.challenge"]
    assert await probes(there) == [("answered", "200")]
    assert [message.number for message in hook.messages] == [1, 1], "waiting used up no attempt"


def now():
    from care_shared.runtime.clock import utc_now

    return utc_now()


async def test_a_wrong_answer_proves_nothing_and_is_asked_again_until_the_challenge_is_too_old(there):
    partner = Answering(lambda _: {"challenge": "whatever"})
    await partner.moves_in(there)
    begun = now()
    async with serving(partner.app, "127.0.0.1", partner.port, drain_seconds=1):
        asked = 0
        for hour in range(26):
            asked += await partner.prober(there).ask_next(begun + timedelta(hours=hour, seconds=1))

    assert asked == 7, "0 s, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, each at the next full hour; then the day is over"
    assert await probes(there) == [("failed", "200.wrong-answer")]
    assert await endpoint(there, "verified_at") is None


async def test_an_answer_from_the_old_address_does_not_prove_the_new_one(there):
    partner = Answering()
    await partner.moves_in(there)
    asked = await PostgresProbes(there.pool, Sealer()).claim(now())
    elsewhere = Answering()
    await elsewhere.moves_in(there)

    await PostgresProbes(there.pool, Sealer()).settle(asked, True, "200", now())

    assert await endpoint(there, "verified_at") is None
    assert sorted(await probes(there)) == [("replaced", None), ("waiting", None)]


async def test_naming_an_endpoint_again_asks_nothing_and_a_new_address_asks(there):
    partner = Answering()
    await ensure_directory(
        there.pool, [], [], [NamedEndpoint("endpoint-harbor", HARBOR, "https://partner.example/hook", (SECRET,))]
    )
    assert await probes(there) == []
    assert await endpoint(there, "verified_at") == NOW

    await partner.moves_in(there)
    await partner.moves_in(there)

    assert await probes(there) == [("waiting", None)]


async def test_while_the_circuit_is_open_no_attempt_is_used_up_and_one_probe_asks(there):
    await there.hear(*gaps(8))
    clock, hook = SteppedClock(), MemoryChannel(lambda _: Unavailable("503"))
    sender = courier(there, clock, hook)

    await sender.send_due(LANE)
    assert len(hook.messages) == 5, "the fifth failure opens the circuit"
    assert LANE not in await there.store.due_lanes(clock.now)
    clock.forward(seconds=31)
    await sender.send_due(LANE)

    assert len(hook.messages) == 6, "one probe"
    assert [attempts for (attempts,) in await hook_rows(there, "attempts")] == [2, 1, 1, 1, 1, 0, 0, 0] or [
        attempts for (attempts,) in await hook_rows(there, "attempts")
    ] == [1, 1, 1, 1, 1, 1, 0, 0]


async def test_two_couriers_send_one_probe(there):
    await there.hear(*gaps(8))
    clock, hook = SteppedClock(), MemoryChannel(lambda _: Unavailable("503"))
    await courier(there, clock, hook).send_due(LANE)
    clock.forward(seconds=31)
    hook.gate.clear()

    first = await there.store.claim(LANE, clock.now)
    second = await there.store.claim(LANE, clock.now)

    assert first is not None
    assert second is None


async def test_a_probe_whose_courier_was_killed_is_followed_by_another(there):
    await there.hear(*gaps(8))
    clock, hook = SteppedClock(), MemoryChannel(lambda _: Unavailable("503"))
    await courier(there, clock, hook).send_due(LANE)
    clock.forward(seconds=31)
    assert await there.store.claim(LANE, clock.now) is not None

    clock.forward(seconds=61)

    assert LANE in await there.store.due_lanes(clock.now)
    assert await there.store.claim(LANE, clock.now) is not None


async def test_complaint_04_a_partner_that_was_down_for_72_hours_is_told_everything_in_order_by_itself(there):
    clock, up = SteppedClock(), False
    hook = MemoryChannel(lambda _: Accepted() if up else Unavailable("no-connection"))
    sender = courier(there, clock, hook)
    for hour in range(72):
        alert = care_alert(f"gap-{hour:02}", audience=BOTH, changed_at=clock.now, due_at=None)
        await there.hear(alert, now=clock.now)
        for _ in range(4):
            await sender.send_due(LANE)
            clock.forward(minutes=15)
    failed_attempts = len(hook.messages)
    hook.messages.clear()
    up = True

    clock.forward(minutes=16)
    await sender.send_due(LANE)
    await sender.send_due(LANE)

    told = [message.sequence for message in hook.messages]
    assert sorted(told) == list(range(1, 73)), "everything, once"
    assert told[1:] == sorted(told[1:]), "in order, after the one that was the probe"
    assert failed_attempts < 72 * 5, "one probe in a quarter of an hour, not every notice on its own schedule"
    assert {state for (state,) in await hook_rows(there, "state")} == {"delivered"}


async def test_5xx_for_six_hours_the_schedule_is_followed(there):
    await there.hear(*gaps(1))
    clock, sent_at = SteppedClock(), []
    hook = MemoryChannel(lambda _: (sent_at.append(clock.now - NOW), Unavailable("500"))[1])
    sender = courier(there, clock, hook)

    for _ in range(6 * 60 * 12):
        await sender.send_due(LANE)
        clock.forward(seconds=5)

    due = [
        timedelta(),
        timedelta(seconds=5),
        timedelta(minutes=5),
        timedelta(minutes=35),
        timedelta(hours=2, minutes=35),
    ]
    assert len(sent_at) == len(due)
    assert all(least <= at <= least * 1.1 + timedelta(seconds=11) for least, at in zip(due, sent_at, strict=True))


async def test_complaint_10_429_holds_the_whole_endpoint_back_for_as_long_as_it_asks(there):
    await there.hear(*gaps(5))
    clock = SteppedClock()
    hook = MemoryChannel(lambda _: Unavailable("429", timedelta(minutes=10)))
    sender = courier(there, clock, hook)

    await sender.send_due(LANE)
    clock.forward(minutes=9)
    await sender.send_due(LANE)
    assert len(hook.messages) == 1

    clock.forward(minutes=2)
    await sender.send_due(LANE)
    assert len(hook.messages) == 2


async def test_complaint_08_what_grows_too_old_behind_a_closed_door_ends_with_that_reason(there):
    await there.hear(*gaps(3))
    await there.pool.execute("UPDATE endpoints SET paused_at = $1", NOW)
    clock, hook = SteppedClock(), MemoryChannel()
    clock.forward(days=6)

    assert LANE in await there.store.due_lanes(clock.now)
    await courier(there, clock, hook).send_due(LANE)

    assert hook.messages == []
    assert set(await hook_rows(there, "state, reason")) == {("suppressed", "expired")}


async def test_a_paused_endpoint_gets_what_waited_when_it_goes_on(there):
    await there.hear(*gaps(3))
    await there.pool.execute("UPDATE endpoints SET paused_at = $1", NOW)
    hook = MemoryChannel()
    await courier(there, SteppedClock(), hook).send_due(LANE)
    assert hook.messages == []

    await there.pool.execute("UPDATE endpoints SET paused_at = NULL")
    await courier(there, SteppedClock(), hook).send_due(LANE)

    assert [message.sequence for message in hook.messages] == [1, 2, 3]


async def test_complaint_09_after_five_days_of_failure_it_is_switched_off_and_people_are_told_once(there):
    clock, hook = SteppedClock(), MemoryChannel(lambda _: Unavailable("503"))
    sender = courier(there, clock, hook)
    for hour in range(6 * 24):
        await there.hear(care_alert(f"gap-{hour}", audience=BOTH, changed_at=clock.now, due_at=None), now=clock.now)
        await sender.send_due(LANE)
        clock.forward(hours=1)

    assert await endpoint(there, "enabled") is False
    assert await endpoint(there, "switched_off_because") == "503"
    ends = {state for (state,) in await hook_rows(there, "state")}
    assert ends <= {"failed", "suppressed"}, "every notice has ended"
    postbox = Postbox()
    with mail_server(postbox) as port:
        channel = mailer(port)
        for _ in range(3):
            told = Told(channel, "ops@lead.example")
            await EndpointWatch(there.pool, None, told, clock).tell()
        channel.close()
    mails = [content for _, content in postbox.mails]
    assert len(mails) == 2, "one warning a day before, one when it was switched off"
    assert b"switched off" in mails[1]
    assert b"Juniper" not in b"".join(mails)


async def test_a_mail_server_that_is_away_is_told_a_minute_later(there):
    await there.pool.execute("INSERT INTO endpoint_news VALUES ('endpoint-harbor', 'switched-off', $1, '410', $1)", NOW)
    away = mailer(free_ports(1)[0])
    await EndpointWatch(there.pool, None, Told(away, "ops@lead.example"), SteppedClock()).tell()
    assert await there.pool.fetchval("SELECT told_at FROM endpoint_news") is None

    postbox = Postbox()
    with mail_server(postbox) as port:
        channel = mailer(port)
        await EndpointWatch(there.pool, None, Told(channel, "ops@lead.example"), SteppedClock()).tell()
        channel.close()
    assert len(postbox.mails) == 1


async def test_sequence_numbers_have_no_holes_whatever_becomes_of_the_notices(there):
    hook = MemoryChannel()
    await there.hear(*gaps(3))
    await there.hear(care_alert("gap-01", audience=BOTH, revision=2, change=AlertChange.CLOSED))
    await there.hear(*gaps(2, first=3))

    await courier(there, SteppedClock(), hook).send_due(LANE)

    numbered = await hook_rows(there, "sequence")
    assert [number for (number,) in numbered] == list(range(1, 7))
    assert await endpoint(there, "last_sequence") == 6


async def test_three_couriers_that_number_at_the_same_time_give_each_number_once(there):
    for round_of in range(5):
        await there.hear(*(care_alert(f"gap-{round_of}-{number}", audience=BOTH) for number in range(20)))
        await asyncio.gather(*(courier(there, SteppedClock(), MemoryChannel()).send_due(LANE) for _ in range(3)))

    assert sorted(number for (number,) in await hook_rows(there, "sequence")) == list(range(1, 101))


async def test_an_agreement_that_ends_before_the_send_ends_the_sending(there):
    await there.hear(*gaps(1))
    ended = Agreement(AGREEMENT.id, HARBOR, AGREEMENT.begin, end=NOW)
    await put_agreements(there.pool, [ended], "test", NOW)
    hook = MemoryChannel()

    await courier(there, SteppedClock(), hook).send_due(LANE)

    assert hook.messages == []
    assert await hook_rows(there, "state, reason") == [("suppressed", "no-agreement")]


async def test_complaint_06_an_agency_that_no_longer_serves_the_patient_is_not_told_of_an_older_alert(there):
    await there.hear(*gaps(1))
    moved = TEAM.model_copy(update={"agency": "agency-lakeside"})
    await there.hear(care_alert("gap-later", care_team=moved))
    hook = MemoryChannel()

    await courier(there, SteppedClock(), hook).send_due(LANE)

    assert hook.messages == []
    assert await hook_rows(there, "state, reason") == [("suppressed", "no-longer-recipient")]


async def test_what_the_agreement_grants_is_read_when_the_notice_leaves(there):
    await there.hear(*gaps(1))
    await there.pool.execute("UPDATE people SET phone = '+15550111' WHERE person_id = 'cm-anna'")
    wide = Agreement(AGREEMENT.id, HARBOR, AGREEMENT.begin, grants=frozenset({Grant.LEAD}))
    await put_agreements(there.pool, [wide], "test", NOW)
    hook = MemoryChannel()

    await courier(there, SteppedClock(), hook).send_due(LANE)

    assert hook.messages[0].granted == {"lead": {"name": "Anna", "phone": "+15550111"}}


async def test_secrets_rest_sealed_and_still_sign(there):
    sealer = Sealer(["bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmU="])
    partner = Answering()
    await partner.moves_in(there, sealer)
    assert SECRET not in str(await endpoint(there, "secrets"))
    async with serving(partner.app, "127.0.0.1", partner.port, drain_seconds=1):
        await partner.prober(there, sealer).ask_next(now())
    assert await endpoint(there, "verified_at") is not None
    await there.hear(*gaps(1))

    message = await PostgresDeliveryStore(there.pool, nobody_rings, sealer=sealer).claim(LANE, now())
    assert message.address.secrets == (SECRET,)


async def test_a_secret_whose_key_is_lost_sends_nothing_unsigned_and_gives_nothing_up(there):
    from care_notifications.adapters.channels.webhook.channel import WebhookChannel

    partner = Answering()
    await partner.moves_in(there, Sealer(["bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmU="]))
    await there.pool.execute("UPDATE endpoints SET verified_at = $1", NOW)
    await there.hear(*gaps(1))
    channel = WebhookChannel("https://care.example", Connector(frozenset((f"127.0.0.1:{partner.port}",))))
    async with serving(partner.app, "127.0.0.1", partner.port, drain_seconds=1):
        await courier(there, SteppedClock(), channel).send_due(LANE)

    assert partner.got == []
    assert await hook_rows(there, "state, code") == [("waiting", "unusable-secret")]


async def test_a_test_event_reaches_the_endpoint_and_is_written_down(there):
    partner = Answering(lambda _: {})
    await there.pool.execute("UPDATE endpoints SET url = $1", partner.url)
    async with transaction(there.pool) as connection:
        await ask(connection, "endpoint-harbor", ProbeKind.TEST, now())
    async with serving(partner.app, "127.0.0.1", partner.port, drain_seconds=1):
        await partner.prober(there).ask_next(now())

    assert partner.got == ["endpoint.test"]
    assert await probes(there) == [("answered", "200")]


async def test_a_person_who_opted_out_is_not_written_to(there):
    await there.hear(care_alert())
    await there.pool.execute("INSERT INTO opt_outs VALUES ('cm-anna', 'email', 'all', $1, 'cm-anna')", NOW)
    mail = MemoryChannel()

    await Courier(there.store, {Channel.EMAIL: mail}, SteppedClock()).send_due("email:cm-anna")

    assert mail.messages == []
    assert (await there.ends())["email", "attention"] == ("suppressed", "opted-out")


async def test_every_attempt_can_be_seen_afterwards(there):
    await there.hear(*gaps(1))
    clock, answers = SteppedClock(), iter([Unavailable("503"), Accepted("204")])
    sender = courier(there, clock, MemoryChannel(lambda _: next(answers)))
    await sender.send_due(LANE)
    clock.forward(seconds=6)
    await sender.send_due(LANE)

    rows = await there.pool.fetch("SELECT number, code FROM attempts ORDER BY number")
    assert [tuple(row) for row in rows] == [(1, "503"), (2, "204")]


def test_the_migration_keeps_partners_of_before():
    """Their endpoints count as proven and go on with ids and a link: nobody is cut off by an upgrade."""
    sql = Path("services/notifications/care_notifications/adapters/migrations/0004_partners.sql").read_text("utf-8")

    assert "UPDATE endpoints SET verified_at = now() WHERE enabled" in sql
    assert "'before-agreements-'" in sql
