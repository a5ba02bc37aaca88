"""`POST /texts/inbound`: the gateway hands over a text that came back, and gets the sentence to answer it with."""

import base64
import binascii
import hmac
import json
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from care_notifications.adapters.inbound_texts import InboundTexts
from care_notifications.web.partner import problem
from care_notifications.web.rates import Buckets
from care_shared.errors import NotReadyError
from care_shared.runtime.clock import Clock
from care_shared.runtime.logs import get_log

log = get_log(__name__)

PREFIX = "/texts"
LARGEST = 16 * 1024
MOST_FIELDS = 100
GUESSES_PER_MINUTE = 30


@dataclass(frozen=True, slots=True)
class Gate:
    """How the gateway proves itself, and how it names the two things we need."""

    secret: str
    number_field: str
    text_field: str


@dataclass(frozen=True, slots=True)
class _Here:
    gate: Gate
    texts: InboundTexts
    clock: Clock
    guesses: Buckets


def build_inbound(gate: Gate, texts: InboundTexts, clock: Clock) -> Starlette:
    """The application; without a secret the door is closed."""
    web = Starlette(
        routes=[Route("/inbound", inbound, methods=["POST"])], exception_handlers={NotReadyError: _not_ready}
    )
    web.state.here = _Here(gate, texts, clock, Buckets())
    return web


async def inbound(request: Request) -> Response:
    """What the text wants is done before the answer goes out: a gateway that hears nothing sends it again."""
    here: _Here = request.app.state.here
    if not here.gate.secret:
        return problem(404, "Nothing here answers to this.")
    if not _proven(request.headers.get("authorization", ""), here.gate.secret):
        source = request.client.host if request.client else ""
        if here.guesses.wait(source, GUESSES_PER_MINUTE, here.clock()):
            return problem(429, "Too many attempts.", {"retry-after": "60"})
        return problem(401, "The secret of the gateway is needed.", {"www-authenticate": "Bearer"})
    fields = _fields(await _body(request), request.headers.get("content-type", ""))
    number, text = (fields.get(name) for name in (here.gate.number_field, here.gate.text_field))
    if not isinstance(number, str) or not isinstance(text, str):
        return problem(400, f"{here.gate.number_field} and {here.gate.text_field} are needed, as JSON or as a form.")
    heard = await here.texts.hear(number, text, here.clock())
    log.info("text.heard", kind=heard.reply.value, count=heard.people)
    return JSONResponse({"text": heard.answer})


def _proven(header: str, secret: str) -> bool:
    """The secret as a bearer token, or as the password of Basic (for gateways that only know an address)."""
    scheme, _, offered = header.partition(" ")
    if scheme.lower() == "basic":
        try:
            offered = base64.b64decode(offered, validate=True).decode().partition(":")[2]
        except (binascii.Error, ValueError):
            return False
    elif scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(offered.strip().encode(), secret.encode())


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            return b""
    return bytes(body)


def _fields(body: bytes, kind: str) -> dict[str, object]:
    """The fields of a flat JSON object or of a form; nothing where it is neither."""
    try:
        if kind.startswith("application/json"):
            read = json.loads(body)
            return read if isinstance(read, dict) else {}
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except (ValueError, RecursionError):
        return {}


async def _not_ready(_request: Request, _error: Exception) -> Response:
    return problem(503, "Please try again in a moment.", {"retry-after": "5"})
