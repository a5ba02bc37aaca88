"""A partner's webhook inbox for trying out: takes only what our signature proves, each message once, and shows it."""

import base64
import binascii
import hashlib
import hmac
import json
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from care_local.addresses import LOOPBACK, free_ports
from care_local.web_page import table_page
from care_shared.errors import UnusableMessageError
from care_shared.runtime.clock import Clock, utc_now
from care_shared.runtime.health import serving

KEEP = 1000
MAX_BYTES = 256_000
TOLERANCE_SECONDS = 300  # Standard Webhooks 1.0: refuse what was signed more than five minutes away from now
SECRET_PREFIX = "whsec_"  # noqa: S105  # the public mark of such a secret, not a secret
NO_CONTENT, UNAUTHORIZED, TOO_LARGE = 204, 401, 413


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """One message that proved who sent it, and how often it came."""

    webhook_id: str
    received_at: str
    body: str
    times: int = 1


def signature(secret: str, webhook_id: str, timestamp: str, body: bytes) -> bytes:
    """HMAC-SHA256 over id, timestamp and body, as Standard Webhooks 1.0 writes them."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX) + "==")
    return hmac.new(key, b".".join((webhook_id.encode(), timestamp.encode(), body)), hashlib.sha256).digest()


def verify(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """The id of an authentic message; anything else is an UnusableMessageError that names the header."""
    webhook_id, timestamp = _required(headers, "webhook-id"), _required(headers, "webhook-timestamp")
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        raise UnusableMessageError("webhook-timestamp", "is not a number of seconds")
    if abs(int(timestamp) - now.timestamp()) > TOLERANCE_SECONDS:
        raise UnusableMessageError("webhook-timestamp", "is more than five minutes away from now")
    expected = signature(secret, webhook_id, timestamp, body)
    offered = [_signature_bytes(one) for one in _required(headers, "webhook-signature").split()]
    # Several signatures may come while a key is being replaced; each is compared, none answers early.
    if not any([hmac.compare_digest(expected, one) for one in offered]):  # noqa: C419
        raise UnusableMessageError("webhook-signature", "does not match")
    return webhook_id


def challenge_in(body: str) -> str:
    """The word that the sender wants repeated before it sends anything else; empty in every other message."""
    try:
        told = json.loads(body)
        return str(told["data"]["challenge"]) if told["type"] == "endpoint.challenge" else ""
    except (ValueError, LookupError, TypeError):
        return ""


class WebhookInbox:
    """What came in, newest last, each message once."""

    def __init__(self, secret: str, now: Clock = utc_now) -> None:
        self.port = 0
        self.entries: OrderedDict[str, InboxEntry] = OrderedDict()
        self._secret = secret
        self._now = now

    @property
    def page_url(self) -> str:
        """The page that lists what came in."""
        return f"http://{LOOPBACK}:{self.port}/"

    @property
    def target_url(self) -> str:
        """The address that a sender is given."""
        return f"{self.page_url}webhooks"

    def take(self, headers: Mapping[str, str], body: bytes) -> InboxEntry:
        """Keep an authentic message; one that came before is counted, not kept twice."""
        webhook_id = verify(self._secret, headers, body, self._now())
        known = self.entries.get(webhook_id)
        received_at = self._now().isoformat(timespec="seconds")
        entry = InboxEntry(webhook_id, received_at, body.decode("utf-8", "replace"))
        if known is not None:
            entry = InboxEntry(webhook_id, known.received_at, known.body, known.times + 1)
        self.entries[webhook_id] = entry
        while len(self.entries) > KEEP:
            self.entries.popitem(last=False)
        return entry

    def web_app(self) -> Starlette:
        """`POST /webhooks` takes, `/deliveries` tells as JSON, `/` shows."""

        async def webhooks(request: Request) -> Response:
            body = await _limited_body(request)
            if body is None:
                return _refusal("body is too large", TOO_LARGE)
            try:
                entry = self.take(request.headers, body)
            except UnusableMessageError as error:
                return _refusal(str(error), UNAUTHORIZED)
            word = challenge_in(entry.body)
            return JSONResponse({"challenge": word}) if word else Response(status_code=NO_CONTENT)

        async def deliveries(_: Request) -> JSONResponse:
            return JSONResponse([asdict(entry) for entry in self.entries.values()])

        async def page(_: Request) -> HTMLResponse:
            rows = [(e.received_at, e.webhook_id, str(e.times), e.body) for e in reversed(self.entries.values())]
            return table_page("Partner webhook inbox", ("received", "id", "times", "message"), rows)

        take = Route("/webhooks", webhooks, methods=["POST"])
        return Starlette(routes=[Route("/", page), take, Route("/deliveries", deliveries)])


@asynccontextmanager
async def receiving_webhooks(secret: str, now: Clock = utc_now) -> AsyncIterator[WebhookInbox]:
    """Serve the inbox on a free loopback port while the block runs."""
    inbox = WebhookInbox(secret, now)
    inbox.port = free_ports(1)[0]
    async with serving(inbox.web_app(), LOOPBACK, inbox.port, drain_seconds=1):
        yield inbox


async def _limited_body(request: Request) -> bytes | None:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            return None
    return bytes(body)


def _refusal(sentence: str, status: int) -> JSONResponse:
    return JSONResponse({"error": sentence}, status_code=status)


def _required(headers: Mapping[str, str], name: str) -> str:
    if not (value := headers.get(name, "")):
        raise UnusableMessageError(name, "is missing")
    return value


def _signature_bytes(versioned: str) -> bytes:
    version, _, text = versioned.partition(",")
    try:
        return base64.b64decode(text, validate=True) if version == "v1" else b""
    except binascii.Error:
        return b""
