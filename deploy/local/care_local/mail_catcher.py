"""A mail server for trying out: it delivers nothing, keeps every message in memory and shows it."""

import asyncio
import email
import email.policy
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from typing import Protocol

from aiosmtpd.smtp import SMTP
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route

from care_local.addresses import LOOPBACK, free_ports
from care_local.web_page import table_page
from care_shared.runtime.clock import Clock, utc_now
from care_shared.runtime.health import serving

KEEP = 5000
MAX_BYTES = 1_000_000
ACCEPTED = "250 Message kept, not delivered"


@dataclass(frozen=True, slots=True)
class CaughtMail:
    """One message as it was handed to us."""

    number: int
    received_at: str
    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    # The sender's own number of the mail: the same mail handed over twice has it twice.
    message_id: str = ""


class SmtpEnvelope(Protocol):
    """What aiosmtpd hands over with a message."""

    mail_from: str | None
    rcpt_tos: list[str]
    original_content: bytes | None


class MailCatcher:
    """The messages that came in, newest last."""

    def __init__(self, now: Clock = utc_now) -> None:
        self.smtp_port = 0
        self.http_port = 0
        self.messages: deque[CaughtMail] = deque(maxlen=KEEP)
        self._now = now
        self._count = 0
        self._arrival = asyncio.Condition()

    @property
    def url(self) -> str:
        """The page that lists what was caught."""
        return f"http://{LOOPBACK}:{self.http_port}/"

    async def first(self, wanted: Callable[[CaughtMail], bool]) -> CaughtMail:
        """The first message that is wanted; waits for it."""
        async with self._arrival:
            while True:
                for message in self.messages:
                    if wanted(message):
                        return message
                await self._arrival.wait()

    async def until(self, enough: Callable[[Sequence[CaughtMail]], bool]) -> Sequence[CaughtMail]:
        """All messages, once they are enough; waits for that."""
        async with self._arrival:
            await self._arrival.wait_for(lambda: enough(self.messages))
            return tuple(self.messages)

    async def handle_DATA(self, _server: object, _session: object, envelope: SmtpEnvelope) -> str:  # noqa: N802
        """Keep one message; the name is aiosmtpd's."""
        parsed = email.message_from_bytes(envelope.original_content or b"", policy=email.policy.default)
        self._count += 1
        caught = CaughtMail(
            number=self._count,
            received_at=self._now().isoformat(timespec="seconds"),
            sender=envelope.mail_from or "",
            recipients=tuple(envelope.rcpt_tos),
            subject=str(parsed.get("Subject", "")),
            text=_text_of(parsed),
            message_id=str(parsed.get("Message-ID", "")),
        )
        async with self._arrival:
            self.messages.append(caught)
            self._arrival.notify_all()
        return ACCEPTED

    def web_app(self) -> Starlette:
        """`/messages` as JSON, `/` as a page."""

        async def messages(_: Request) -> JSONResponse:
            return JSONResponse([asdict(message) for message in self.messages])

        async def page(_: Request) -> HTMLResponse:
            rows = [(m.received_at, ", ".join(m.recipients), m.subject, m.text) for m in reversed(self.messages)]
            return table_page("Mail catcher", ("received", "to", "subject", "text"), rows)

        return Starlette(routes=[Route("/", page), Route("/messages", messages)])


@asynccontextmanager
async def catching_mail(now: Clock = utc_now) -> AsyncIterator[MailCatcher]:
    """Listen for mail and show it, both on loopback, while the block runs."""
    catcher = MailCatcher(now)
    catcher.http_port = free_ports(1)[0]
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(catcher, data_size_limit=MAX_BYTES, enable_SMTPUTF8=True, hostname="carelead.local", loop=loop),
        LOOPBACK,
        0,
    )
    catcher.smtp_port = int(server.sockets[0].getsockname()[1])
    try:
        async with serving(catcher.web_app(), LOOPBACK, catcher.http_port, drain_seconds=1):
            yield catcher
    finally:
        server.close()


def _text_of(message: EmailMessage) -> str:
    body = message.get_body(preferencelist=("plain", "html"))
    # Lines end with CR LF on the wire only.
    return "" if body is None else str(body.get_content()).replace("\r\n", "\n")
