"""People sign in with a name and a password, where that is allowed, and out again."""

import re
import secrets

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from care_notifications.adapters.postgres_sessions import TooManyFailuresError
from care_notifications.web.desk import Desk, desk_of
from care_notifications.web.gate import visit_of

# Where a person may be led after signing in: the list, one alert, the portal, the interface desk; never another site.
OWN_PATH = re.compile(r"/(alerts/[A-Za-z0-9-]{1,64}|portal/|interfaces(/[a-z0-9/-]{1,80})?)?")
LONGEST_NAME, LONGEST_PASSWORD = 100, 200
WRONG = "That name or password is not right."
NO_PASSWORDS = "Names and passwords do not open this door. Use your organisation's sign-in."
WAIT = "Too many tries. Wait fifteen minutes, then try again."


async def show_sign_in(request: Request) -> Response:
    """The form, tied to this browser by a cookie of its own."""
    desk, visit = desk_of(request), visit_of(request)
    cookie = visit.cookie or secrets.token_urlsafe(32)
    wanted = own_path(request.query_params.get("next", "/"))
    response = desk.page(
        request, "sign_in.html", problem="", wanted=wanted, username="", form_token=desk.door.form_token(cookie),
        ways=desk.ways,
    )  # fmt: skip
    set_cookie(response, desk, desk.door.visitor_cookie, cookie)
    return response


async def sign_in(request: Request) -> Response:
    """A right name and password give a new session; its token was never known before."""
    desk, visit = desk_of(request), visit_of(request)
    if not desk.ways.passwords:
        return again(request, NO_PASSWORDS, 403)
    username = visit.form.get("username", "").strip()[:LONGEST_NAME]
    password = visit.form.get("password", "")[:LONGEST_PASSWORD]
    source = request.client.host if request.client else ""
    wanted = own_path(visit.form.get("next", "/"))
    try:
        token = await desk.sessions.sign_in(username, password, source, visit.now)
    except TooManyFailuresError:
        return again(request, WAIT, 429)
    if token is None:
        return again(request, WRONG, 401)
    return let_in(desk, token, wanted)


async def sign_out(request: Request) -> Response:
    """The session ends here and in this browser."""
    desk, visit = desk_of(request), visit_of(request)
    await desk.sessions.sign_out(visit.cookie, visit.now)
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(desk.door.session_cookie, secure=desk.door.secure, httponly=True)
    response.headers["clear-site-data"] = '"cache", "storage"'
    return response


def let_in(desk: Desk, token: str, wanted: str) -> Response:
    """A session begins: its cookie comes, the visitor's goes."""
    response = RedirectResponse(wanted, 303)
    set_cookie(response, desk, desk.door.session_cookie, token)
    response.delete_cookie(desk.door.visitor_cookie, secure=desk.door.secure, httponly=True)
    return response


def again(request: Request, problem: str, status: int) -> Response:
    """The form once more, with what was wrong."""
    visit, desk = visit_of(request), desk_of(request)
    return desk.page(
        request, "sign_in.html", status, problem=problem, wanted=own_path(visit.form.get("next", "/")),
        username=visit.form.get("username", "")[:LONGEST_NAME], form_token=visit.form_token, ways=desk.ways,
    )  # fmt: skip


def own_path(text: str) -> str:
    """The path asked for if it is one of ours, else the list."""
    return text if OWN_PATH.fullmatch(text) else "/"


def set_cookie(response: Response, desk: Desk, name: str, value: str, seconds: int | None = None) -> None:
    """For this site only, out of scripts' reach; until the browser closes when no seconds are given."""
    response.set_cookie(name, value, seconds, path="/", secure=desk.door.secure, httponly=True, samesite="lax")


ROUTES = [
    Route("/sign-in", show_sign_in, methods=["GET"]),
    Route("/sign-in", sign_in, methods=["POST"]),
    Route("/sign-out", sign_out, methods=["POST"]),
]
