"""Nobody gets past the gate without a session, and nothing is changed by a request that another site made."""

import asyncio
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from urllib.parse import parse_qsl, quote

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from care_notifications.adapters.postgres_partner_users import PartnerUser
from care_notifications.adapters.postgres_sessions import SignedIn
from care_notifications.web.uploads import LARGEST_UPLOAD, MULTIPART, read_upload
from care_shared.errors import NotReadyError
from care_shared.runtime.clock import Clock

PUBLIC = ("/sign-in", "/static/", "/c/")
SAFE_METHODS = frozenset(("GET", "HEAD"))
LARGEST_FORM = 16 * 1024
TAKES_FILES = ("/insight/backtests", "/interfaces/onboarding/try")
MOST_FIELDS = 80  # a page of the list, each row picked
# Fetched by the page itself: no sign that a person is there, so it does not keep a session alive.
BY_ITSELF = "x-carelead-refresh"


@dataclass(frozen=True, slots=True)
class Door:
    """What the gate knows: by which names this site is reached, and the key of the form tokens."""

    origins: frozenset[str]
    secure: bool
    secret: bytes

    @property
    def session_cookie(self) -> str:
        """`__Host-` binds the cookie to this very host, and works with https only."""
        return "__Host-carelead" if self.secure else "carelead"

    @property
    def visitor_cookie(self) -> str:
        """Ties the sign-in form to the browser that asked for it."""
        return "__Host-carelead-visitor" if self.secure else "carelead-visitor"

    def form_token(self, cookie: str) -> str:
        """The token that forms shown to the bearer of this cookie carry."""
        return self.derived("form", cookie)

    def derived(self, purpose: str, cookie: str) -> str:
        """64 letters that nobody else can work out, one for each purpose and bearer."""
        return hmac.new(self.secret, f"{purpose}\0{cookie}".encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Visit:
    """What routes may know about a request that was let in. `signed_in` is None at the sign-in page only."""

    now: datetime
    cookie: str
    form_token: str
    form: dict[str, str]
    signed_in: SignedIn | PartnerUser | None


class Sessions(Protocol):
    """One kind of people who sign in: our own, or those of partners."""

    async def who(self, token: str, now: datetime, touch: bool) -> SignedIn | PartnerUser | None:
        """Whose session this is, if it is of this kind and lives."""
        ...


@dataclass(frozen=True, slots=True)
class Admission:
    """Who is let in. Whoever is of the `others` is led to where they belong."""

    ours: Sessions
    others: Sessions
    place_of_others: Callable[[str], str]


class Gate:
    """The outermost layer of a web application."""

    def __init__(self, app: ASGIApp, door: Door, admission: Admission, clock: Clock) -> None:
        self._app = app
        self._door = door
        self._admission = admission
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let in, send to the sign-in page, or refuse."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        try:
            refusal = await self._look_at(request)
        except NotReadyError:
            refusal = PlainTextResponse("The worklist is not ready. Please try again in a moment.", 503)
        await (refusal or self._app)(scope, receive, _kept(send) if request.url.path.startswith("/static/") else send)

    async def _look_at(self, request: Request) -> Response | None:
        unsafe = request.method not in SAFE_METHODS
        if unsafe and request.headers.get("origin") not in self._door.origins:
            return _refused("This request did not come from this site.")
        public = request.url.path.startswith(PUBLIC)
        name = self._door.visitor_cookie if public else self._door.session_cookie
        cookie, now = request.cookies.get(name, ""), self._clock()
        signed_in = None
        if not public:
            touch = BY_ITSELF not in request.headers
            signed_in = await self._admission.ours.who(cookie, now, touch) if cookie else None
            if signed_in is None:
                return await self._elsewhere(request, cookie, now)
        form = await _form(request) if unsafe else {}
        if form is None:
            return PlainTextResponse("The form is too large.", 413)
        token = self._door.form_token(cookie)
        if unsafe and not (cookie and hmac.compare_digest(_offered(request, form), token.encode())):
            return _refused("This form has expired. Go back, reload the page and try again.")
        request.state.visit = Visit(now, cookie, token, form, signed_in)
        return None

    async def _elsewhere(self, request: Request, cookie: str, now: datetime) -> Response:
        """Whoever has no session for this door: to the sign-in page, or to the door that is theirs."""
        if not cookie or await self._admission.others.who(cookie, now, touch=False) is None:
            return _to_sign_in(request)
        if request.method not in SAFE_METHODS:
            return _refused("This is not for you.")
        return RedirectResponse(self._admission.place_of_others(request.url.path), 303)


def visit_of(request: Request) -> Visit:
    """What the gate found out about this request."""
    visit: Visit = request.state.visit
    return visit


def _offered(request: Request, form: dict[str, str]) -> bytes:
    return (request.headers.get("x-form-token") or form.get("form_token", "")).encode()


async def _form(request: Request) -> dict[str, str] | None:
    """The fields of the form, read here and nowhere else; None when it is larger than any form of ours."""
    content_type = request.headers.get("content-type", "")
    has_file = content_type.startswith(MULTIPART) and request.url.path in TAKES_FILES
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > (LARGEST_UPLOAD if has_file else LARGEST_FORM):
            return None
    if has_file:
        return await asyncio.to_thread(read_upload, content_type, bytes(body))
    try:
        # PostgreSQL keeps no NUL; here it becomes the sign for an unreadable letter.
        text = body.decode().replace("%00", "%EF%BF%BD")
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        return {}


def _refused(sentence: str) -> Response:
    return PlainTextResponse(sentence, 403)


def _to_sign_in(request: Request) -> Response:
    """A person is led to the sign-in page; a script is told that the session is over."""
    by_script = "hx-request" in request.headers or BY_ITSELF in request.headers
    if by_script or request.method not in SAFE_METHODS or request.headers.get("accept") == "text/event-stream":
        return PlainTextResponse("Please sign in again.", 401)
    return RedirectResponse(f"/sign-in?next={quote(request.url.path, safe='')}", 303)


def _kept(send: Send) -> Send:
    """Static files have their content in their address: browsers may keep them for ever."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["cache-control"] = "public, max-age=31536000, immutable"
        await send(message)

    return sending
