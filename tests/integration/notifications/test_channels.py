"""Channels against real servers on this machine: a partner's web server in all its moods, and a mail server."""

import asyncio
import contextlib
from datetime import timedelta
from email.parser import BytesParser

import pytest
from aiosmtpd.controller import Controller
from pydantic import SecretStr
from standardwebhooks.webhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from care_local.addresses import free_ports
from care_notifications.adapters.channels.email.channel import EmailChannel
from care_notifications.adapters.channels.email.connections import Smtp
from care_notifications.adapters.channels.sms.channel import SmsChannel
from care_notifications.adapters.channels.sms.gateway import Gateway, GatewaySettings
from care_notifications.adapters.channels.webhook.channel import WebhookChannel
from care_notifications.adapters.channels.webhook.connector import Connector
from care_notifications.core.attempts import Accepted, Refused, Unavailable
from care_notifications.core.messages import Address
from care_notifications.core.state import Channel
from care_shared.runtime.clock import utc_now
from care_shared.runtime.health import serving
from tests.unit.notifications.adapters.test_webhook import NEW_KEY, message

pytestmark = pytest.mark.stack


class Partner:
    """A web server that notes what it gets."""

    def __init__(self):
        self.got = []
        self.port = free_ports(1)[0]
        self.app = Starlette(
            routes=[
                Route("/hook", self.take, methods=["POST"]),
                Route("/moved", self.move, methods=["POST"]),
                Route("/endless", self.talk, methods=["POST"]),
                Route("/silent", self.sleep, methods=["POST"]),
                Route("/busy", self.busy, methods=["POST"]),
            ]
        )

    async def take(self, request: Request):
        self.got.append((dict(request.headers), await request.body()))
        return Response(status_code=204)

    async def move(self, _):
        return RedirectResponse(f"http://127.0.0.1:{self.port}/hook", 307)

    async def talk(self, request: Request):
        async def for_ever():
            while not await request.is_disconnected():
                yield b"x" * 65536

        return StreamingResponse(for_ever())

    async def sleep(self, request: Request):
        while not await request.is_disconnected():  # noqa: ASYNC110  # it has no event to wait for
            await asyncio.sleep(0.05)
        return Response()

    async def busy(self, _):
        return Response(status_code=429, headers={"retry-after": "30"})

    def channel(self, timeout=5.0):
        allowed = frozenset((f"127.0.0.1:{self.port}",))
        return WebhookChannel("https://care.example", Connector(allowed, timeout_seconds=timeout))

    def message(self, path="/hook"):
        return message(address=Address(url=f"http://127.0.0.1:{self.port}{path}", secrets=(NEW_KEY,)))


@pytest.fixture
async def partner():
    one = Partner()
    async with serving(one.app, "127.0.0.1", one.port, drain_seconds=1):
        yield one


async def test_a_receiver_verifies_what_arrives(partner):
    assert await partner.channel().send(partner.message(), utc_now()) == Accepted("204")

    ((headers, body),) = partner.got
    Webhook(NEW_KEY).verify(body, headers)
    assert headers["webhook-id"] == message().delivery_id
    assert headers["host"] == f"127.0.0.1:{partner.port}"
    assert b"patient" not in body


async def test_a_redirect_is_not_followed(partner):
    assert await partner.channel().send(partner.message("/moved"), utc_now()) == Unavailable("307")
    assert partner.got == []


async def test_an_answer_without_end_is_cut(partner):
    assert await partner.channel().send(partner.message("/endless"), utc_now()) == Accepted("200")


async def test_a_partner_that_does_not_answer_may_have_received_it(partner):
    outcome = await partner.channel(timeout=0.3).send(partner.message("/silent"), utc_now())

    assert outcome == Unavailable("no-answer", perhaps_received=True)


async def test_a_busy_partner_is_given_the_time_it_asks_for(partner):
    outcome = await partner.channel().send(partner.message("/busy"), utc_now())

    assert outcome == Unavailable("429", timedelta(seconds=30))


async def test_nobody_there():
    absent = Partner()

    assert await absent.channel().send(absent.message(), utc_now()) == Unavailable("no-connection")


async def test_a_machine_inside_is_not_sent_to(partner):
    outcome = await WebhookChannel("https://care.example", Connector(frozenset())).send(partner.message(), utc_now())

    assert outcome == Refused("unsafe-address.not-https")
    assert partner.got == []


async def test_a_name_that_turns_private_is_not_connected_to_at_the_next_attempt_and_may_turn_back():
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])

    async def rebinding(_host, _port):
        return next(answers)

    channel = WebhookChannel("https://care.example", Connector(frozenset(), rebinding, timeout_seconds=0.05))
    first = await channel.send(message(), utc_now())
    second = await channel.send(message(), utc_now())

    assert isinstance(first, Unavailable)
    assert second == Unavailable("unsafe-address.private-address")


class Postbox:
    """A mail server that keeps what it gets."""

    def __init__(self, answer="250 OK"):
        self.mails = []
        self.answer = answer
        self.greetings = 0
        self.envelope_senders = []

    async def handle_EHLO(self, _server, session, _envelope, hostname, responses):  # noqa: N802
        self.greetings += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, _server, _session, envelope, address, _options):  # noqa: N802
        envelope.mail_from = address
        self.envelope_senders.append(address)
        return "250 OK"

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802  # aiosmtpd's name
        if not self.answer.startswith("250"):
            return self.answer
        envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
        self.mails.append((envelope.rcpt_tos, envelope.content))
        return "250 OK"


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("250 OK", Accepted("250")),
        ("550 no such person", Refused("550")),
        ("451 later please", Unavailable("451")),
    ],
)
async def test_a_mail_server_in_its_moods(answer, outcome):
    postbox = Postbox(answer)
    server = Controller(postbox, hostname="127.0.0.1", port=free_ports(1)[0])
    server.start()
    try:
        channel = EmailChannel(Smtp("127.0.0.1", server.port, "none", "care@lead.example"), "https://care.example")
        mail = message(channel=Channel.EMAIL, address=Address(email="anna@lead.example"))

        assert await channel.send(mail, utc_now()) == outcome
    finally:
        server.stop()
    assert [recipients for recipients, _ in postbox.mails] == ([["anna@lead.example"]] if answer == "250 OK" else [])


async def test_no_mail_server():
    channel = EmailChannel(Smtp("127.0.0.1", free_ports(1)[0], "none", "care@lead.example"), "https://care.example")
    mail = message(channel=Channel.EMAIL, address=Address(email="anna@lead.example"))

    assert isinstance(await channel.send(mail, utc_now()), Unavailable)


@contextlib.contextmanager
def mail_server(postbox):
    server = Controller(postbox, hostname="127.0.0.1", port=free_ports(1)[0])
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


def mailer(port, **changed):
    return EmailChannel(Smtp("127.0.0.1", port, "none", "care@lead.example", **changed), "https://care.example")


def mail_to(address, **changed):
    return message(channel=Channel.EMAIL, address=Address(email=address), **changed)


async def test_many_mails_go_over_one_connection_and_each_names_itself():
    postbox = Postbox()
    with mail_server(postbox) as port:
        channel = mailer(port, bounces="bounces@lead.example")
        outcomes = [await channel.send(mail_to("anna@lead.example"), utc_now()) for _ in range(20)]
        channel.close()

    assert outcomes == [Accepted("250")] * 20
    assert postbox.greetings == 1
    assert set(postbox.envelope_senders) == {"bounces@lead.example"}
    assert len({BytesParser().parsebytes(content)["Message-ID"] for _, content in postbox.mails}) == 1, (
        "a repeat can be seen to be one"
    )


async def test_no_more_mails_are_handed_over_at_once_than_the_setting_says():
    postbox = Postbox()
    with mail_server(postbox) as port:
        channel = mailer(port, connections=3)
        outcomes = await asyncio.gather(*(channel.send(mail_to("anna@lead.example"), utc_now()) for _ in range(20)))
        channel.close()

    assert outcomes == [Accepted("250")] * 20
    assert postbox.greetings == 3


async def test_a_server_that_hung_up_between_two_mails_costs_no_mail_and_doubles_none():
    postbox = Postbox()
    with mail_server(postbox) as port:
        channel = mailer(port)
        assert await channel.send(mail_to("anna@lead.example"), utc_now()) == Accepted("250")
    again = Controller(postbox, hostname="127.0.0.1", port=port)
    again.start()
    try:
        assert await channel.send(mail_to("ben@lead.example"), utc_now()) == Accepted("250")
    finally:
        channel.close()
        again.stop()

    assert [to for (to,), _ in postbox.mails] == ["anna@lead.example", "ben@lead.example"]


async def test_a_refused_recipient_does_not_spoil_the_next_mail():
    postbox = Postbox()
    with mail_server(postbox) as port:
        channel = mailer(port)
        postbox.answer = "550 no such person"
        refused = await channel.send(mail_to("nobody@lead.example"), utc_now())
        postbox.answer = "250 OK"
        accepted = await channel.send(mail_to("anna@lead.example"), utc_now())
        channel.close()

    assert (refused, accepted) == (Refused("550"), Accepted("250"))


class TextGateway:
    """An SMS gateway that notes what it gets."""

    def __init__(self, status=202, headers=None):
        self.got = []
        self.port = free_ports(1)[0]
        self._answer = status, headers or {}
        self.app = Starlette(routes=[Route("/messages", self.take, methods=["POST"])])

    async def take(self, request: Request):
        self.got.append((dict(request.headers), await request.json()))
        status, headers = self._answer
        return Response(status_code=status, headers=headers)

    def channel(self):
        settings = GatewaySettings(
            f"http://127.0.0.1:{self.port}/messages", SecretStr("gateway-token"), "CareLead",
            '{"to": "{to}", "from": "{sender}", "text": "{text}"}',
        )  # fmt: skip
        return SmsChannel(Gateway(settings), "https://care.example")


@pytest.mark.parametrize(
    ("status", "headers", "outcome"),
    [
        (202, {}, Accepted("202")),
        (429, {"retry-after": "30"}, Unavailable("429", timedelta(seconds=30))),
        (500, {}, Unavailable("500")),
        (401, {}, Unavailable("401")),
        (400, {}, Refused("400")),
    ],
)
async def test_a_text_gateway_in_its_moods(status, headers, outcome):
    gateway = TextGateway(status, headers)
    notice = message(channel=Channel.SMS, address=Address(mobile="+15550100"))
    async with serving(gateway.app, "127.0.0.1", gateway.port, drain_seconds=1):
        assert await gateway.channel().send(notice, utc_now()) == outcome

    ((seen, body),) = gateway.got
    assert seen["idempotency-key"] == notice.delivery_id
    assert seen["authorization"] == "Bearer gateway-token"
    assert body["to"] == "+15550100"
    assert "Juniper" not in str(body)
