"""People sign in with their organisation's own account: there and back, and nobody but the one who left comes back."""

import base64
import hashlib
import hmac
import secrets

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from care_notifications.adapters.identity_provider import Attempt, IdentityProvider, SignInRefusedError
from care_notifications.web.desk import Desk, desk_of
from care_notifications.web.gate import visit_of
from care_notifications.web.routes.sign_in import again, let_in, own_path, set_cookie
from care_shared.errors import NotFoundError, NotReadyError
from care_shared.runtime.logs import get_log

log = get_log(__name__)

MINUTES_AWAY = 10
LONGEST_CODE = 4096
REFUSED = "Your organisation's sign-in did not confirm who you are. Please try again."
UNKNOWN = "You are signed in there, but nobody has given you an account here yet. Ask your CareLead administrator."
AWAY = "Your organisation's sign-in does not answer. Please try again in a moment."


async def leave(request: Request) -> Response:
    """Off to the provider. A fresh cookie ties what comes back to this browser; where to go then waits in another."""
    desk, visit = desk_of(request), visit_of(request)
    provider, cookie = _provider(desk), secrets.token_urlsafe(32)
    try:
        address = await provider.address(attempt_of(desk, cookie), visit.now)
    except NotReadyError as error:
        return _not_ready(request, error)
    response = RedirectResponse(address, 303)
    set_cookie(response, desk, desk.door.visitor_cookie, cookie, MINUTES_AWAY * 60)
    set_cookie(response, desk, _next_cookie(desk), own_path(request.query_params.get("next", "/")), MINUTES_AWAY * 60)
    return response


async def come_back(request: Request) -> Response:
    """The provider sent somebody back: if it is who left from this browser, a new session begins."""
    desk, visit = desk_of(request), visit_of(request)
    provider, attempt = _provider(desk), attempt_of(desk, visit.cookie)
    try:
        subject = await provider.subject(_code(request, attempt), attempt, visit.now)
    except SignInRefusedError as error:
        log.warning("sign-in.refused", reason=str(error))
        return again(request, REFUSED, 401)
    except NotReadyError as error:
        return _not_ready(request, error)
    token = await desk.sessions.sign_in_as(provider.settings.issuer, subject, visit.now)
    if token is None:
        log.warning("sign-in.refused", reason="no account")
        return again(request, UNKNOWN, 403)
    response = let_in(desk, token, own_path(request.cookies.get(_next_cookie(desk), "/")))
    response.delete_cookie(_next_cookie(desk), secure=desk.door.secure, httponly=True)
    return response


async def part(request: Request) -> Response:
    """Out of the provider, too: on a shared computer the next person would otherwise be let in without being asked."""
    desk, visit = desk_of(request), visit_of(request)
    back = _provider(desk).settings.redirect_uri.removesuffix("/callback")
    try:
        address = await _provider(desk).farewell(back, visit.now)
    except NotReadyError as error:
        return _not_ready(request, error)
    return RedirectResponse(address or "/sign-in", 303)


def attempt_of(desk: Desk, cookie: str) -> Attempt:
    """Nothing of an attempt is stored: all of it follows from the browser's cookie and our key."""
    state, nonce, verifier = (desk.door.derived(purpose, cookie) for purpose in ("state", "nonce", "verifier"))
    digest = hashlib.sha256(verifier.encode()).digest()
    return Attempt(state, nonce, verifier, base64.urlsafe_b64encode(digest).rstrip(b"=").decode())


def _code(request: Request, attempt: Attempt) -> str:
    """What the provider sent along, if it answers the attempt of this very browser."""
    state, code = request.query_params.get("state", ""), request.query_params.get("code", "")
    if not visit_of(request).cookie or not hmac.compare_digest(state.encode(), attempt.state.encode()):
        raise SignInRefusedError("not what left this browser")
    if not code:
        raise SignInRefusedError("no code")
    return code[:LONGEST_CODE]


def _provider(desk: Desk) -> IdentityProvider:
    if desk.ways.provider is None:
        raise NotFoundError("no identity provider is set")
    return desk.ways.provider


def _next_cookie(desk: Desk) -> str:
    return f"{desk.door.visitor_cookie}-next"


def _not_ready(request: Request, error: NotReadyError) -> Response:
    log.warning("sign-in.waiting", reason=str(error))
    return again(request, AWAY, 503)


ROUTES = [
    Route("/sign-in/elsewhere", leave, methods=["GET"]),
    Route("/sign-in/callback", come_back, methods=["GET"]),
    Route("/sign-in/elsewhere/out", part, methods=["GET"]),
]
