"""The portal as an application of its own: its gate lets in people of partners and nobody else."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from care_notifications.web.gate import Admission, Gate, visit_of
from care_notifications.web.portal.desk import PORTAL, PortalDesk, desk_of, page
from care_notifications.web.portal.routes import about, attempts, endpoints, inbox
from care_shared.errors import NotFoundError, NotReadyError
from care_shared.runtime.clock import Clock

SENTENCES = {
    403: "No agreement that opens the portal is in force. Your contact at CareLead can tell you more.",
    404: "There is nothing at this address, or it is not yours to see any more.",
    405: "This address does not take that kind of request.",
    422: "The form was not complete. Go back and try again.",
    503: "The portal is not ready. Please try again in a moment.",
}


def build_portal(desk: PortalDesk, clock: Clock) -> Starlette:
    """The application for an ASGI server."""
    # Our own people have their worklist; a link to it that a partner follows leads to the same alert here.
    admission = Admission(desk.users, desk.sessions, lambda _path: "/")
    portal = Starlette(
        routes=[
            *inbox.ROUTES,
            *endpoints.ROUTES,
            *attempts.ROUTES,
            *about.ROUTES,
            Route("/sign-out", sign_out, methods=["POST"]),
        ],
        middleware=[Middleware(Gate, door=desk.door, admission=admission, clock=clock)],
        exception_handlers={HTTPException: _http_error, NotFoundError: _not_found, NotReadyError: _not_ready},
    )
    portal.state.desk = desk
    return portal


def place_of_partner(path: str) -> str:
    """Where somebody of a partner belongs who came to a page of our own people."""
    return f"{PORTAL}{path}" if path.startswith("/alerts/") else f"{PORTAL}/"


async def sign_out(request: Request) -> Response:
    """The session ends here and in this browser."""
    desk, visit = desk_of(request), visit_of(request)
    await desk.sessions.sign_out(visit.cookie, visit.now)
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(desk.door.session_cookie, secure=desk.door.secure, httponly=True)
    response.headers["clear-site-data"] = '"cache", "storage"'
    return response


def _sentence(request: Request, status: int) -> Response:
    sentence = SENTENCES.get(status, "Something went wrong. Nothing was changed.")
    return page(request, "portal_problem.html", status, sentence=sentence, closed=status == 403)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _sentence(request, error.status_code)


async def _not_found(request: Request, _error: Exception) -> Response:
    return _sentence(request, 404)


async def _not_ready(request: Request, _error: Exception) -> Response:
    return _sentence(request, 503)
