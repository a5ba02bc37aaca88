"""Channels against real servers on this machine: a partner's web server in all its moods, and a mail server."""

import asyncio
import socket
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from standardwebhooks.webhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from care_notifications.adapters.channels.email import EmailChannel, Smtp
from care_notifications.adapters.channels.webhook import WebhookChannel
from care_notifications.core.attempts import Accepted, Refused, Unavailable
from care_notifications.core.messages import Address
from care_notifications.core.state import Channel
from care_shared.runtime.clock import utc_now
from care_shared.runtime.health import serving
from tests.unit.notifications.adapters.test_webhook import NEW_KEY, message

pytestmark = pytest.mark.stack


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Partner:
    """A web server that notes what it gets."""

    def __init__(self):
        self.got = []
        self.port = free_port()
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
        return WebhookChannel("https://care.example", allowed, timeout_seconds=timeout)

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
    outcome = await WebhookChannel("https://care.example", frozenset()).send(partner.message(), utc_now())

    assert outcome == Refused("unsafe-address.not-https")
    assert partner.got == []


async def test_a_name_that_turns_private_is_refused_at_the_next_attempt():
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])

    async def rebinding(_host, _port):
        return next(answers)

    channel = WebhookChannel("https://care.example", frozenset(), rebinding, timeout_seconds=0.05)
    first = await channel.send(message(), utc_now())
    second = await channel.send(message(), utc_now())

    assert isinstance(first, Unavailable)
    assert second == Refused("unsafe-address.private-address")


class Postbox:
    """A mail server that keeps what it gets."""

    def __init__(self, answer="250 OK"):
        self.mails = []
        self.answer = answer

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
    server = Controller(postbox, hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        channel = EmailChannel(Smtp("127.0.0.1", server.port, "none", "care@lead.example"), "https://care.example")
        mail = message(channel=Channel.EMAIL, address=Address(email="anna@lead.example"))

        assert await channel.send(mail, utc_now()) == outcome
    finally:
        server.stop()
    assert [recipients for recipients, _ in postbox.mails] == ([["anna@lead.example"]] if answer == "250 OK" else [])


async def test_no_mail_server():
    channel = EmailChannel(Smtp("127.0.0.1", free_port(), "none", "care@lead.example"), "https://care.example")
    mail = message(channel=Channel.EMAIL, address=Address(email="anna@lead.example"))

    assert isinstance(await channel.send(mail, utc_now()), Unavailable)
