"""People sign in with a name and a password, and out again."""

import re
import secrets

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from care_notifications.adapters.postgres_sessions import TooManyFailuresError
from care_notifications.web.desk import Desk, desk_of
from care_notifications.web.gate import visit_of

# Where a person may be led after signing in: the list or one alert, never another site.
OWN_PATH = re.compile(r"/(alerts/[A-Za-z0-9-]{1,64})?")
LONGEST_NAME, LONGEST_PASSWORD = 100, 200
WRONG = "That name or password is not right."
WAIT = "Too many tries. Wait fifteen minutes, then try again."


async def show_sign_in(request: Request) -> Response:
    """The form, tied to this browser by a cookie of its own."""
    desk, visit = desk_of(request), visit_of(request)
    cookie = visit.cookie or secrets.token_urlsafe(32)
    wanted = _own_path(request.query_params.get("next", "/"))
    response = desk.page(
        request, "sign_in.html", problem="", wanted=wanted, username="", form_token=desk.door.form_token(cookie)
    )
    _set_cookie(response, desk, desk.door.visitor_cookie, cookie)
    return response


async def sign_in(request: Request) -> Response:
    """A right name and password give a new session; its token was never known before."""
    desk, visit = desk_of(request), visit_of(request)
    username = visit.form.get("username", "").strip()[:LONGEST_NAME]
    password = visit.form.get("password", "")[:LONGEST_PASSWORD]
    source = request.client.host if request.client else ""
    wanted = _own_path(visit.form.get("next", "/"))
    try:
        token = await desk.sessions.sign_in(username, password, source, visit.now)
    except TooManyFailuresError:
        return _again(request, WAIT, 429)
    if token is None:
        return _again(request, WRONG, 401)
    response = RedirectResponse(wanted, 303)
    _set_cookie(response, desk, desk.door.session_cookie, token)
    response.delete_cookie(desk.door.visitor_cookie, secure=desk.door.secure, httponly=True)
    return response


async def sign_out(request: Request) -> Response:
    """The session ends here and in this browser."""
    desk, visit = desk_of(request), visit_of(request)
    await desk.sessions.sign_out(visit.cookie, visit.now)
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(desk.door.session_cookie, secure=desk.door.secure, httponly=True)
    response.headers["clear-site-data"] = '"cache", "storage"'
    return response


def _again(request: Request, problem: str, status: int) -> Response:
    visit = visit_of(request)
    return desk_of(request).page(
        request, "sign_in.html", status, problem=problem, wanted=_own_path(visit.form.get("next", "/")),
        username=visit.form.get("username", "")[:LONGEST_NAME], form_token=visit.form_token,
    )  # fmt: skip


def _own_path(text: str) -> str:
    return text if OWN_PATH.fullmatch(text) else "/"


def _set_cookie(response: Response, desk: Desk, name: str, value: str) -> None:
    response.set_cookie(name, value, path="/", secure=desk.door.secure, httponly=True, samesite="lax")


ROUTES = [
    Route("/sign-in", show_sign_in, methods=["GET"]),
    Route("/sign-in", sign_in, methods=["POST"]),
    Route("/sign-out", sign_out, methods=["POST"]),
]
