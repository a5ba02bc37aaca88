"""The web application: every route behind the gate, every error a sentence."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from care_notifications.adapters.intake_errors import IntakeAwayError, IntakeRefusedError
from care_notifications.core.callers import Right
from care_notifications.web.desk import Desk, desk_of
from care_notifications.web.gate import SAFE_METHODS, Admission, Gate, visit_of
from care_notifications.web.menu import places_of
from care_notifications.web.portal.application import place_of_partner
from care_notifications.web.roles import only_for
from care_notifications.web.routes import (
    alert,
    backtests,
    bulk,
    check_in,
    check_in_wishes,
    events,
    follow_up,
    help_page,
    interface_glance,
    interface_letters,
    interface_onboarding,
    interfaces,
    interfaces_codes,
    interfaces_identities,
    interfaces_messages,
    interfaces_set_aside,
    my_mails,
    patients,
    programme,
    rules,
    saved_views,
    shift,
    sign_in,
    sign_in_elsewhere,
    team,
    work,
    worklist,
)
from care_shared.errors import NotFoundError, NotReadyError
from care_shared.runtime.clock import Clock

SENTENCES = {
    403: "This page is for other roles than yours. If you should see it, ask your supervisor for the role.",
    404: "There is nothing at this address. The alert may have been withdrawn, or what waited was settled.",
    405: "This address does not take that kind of request.",
    422: "The form was not complete. Go back and try again.",
    503: "The worklist is not ready. Please try again in a moment.",
}


def build_web(desk: Desk, clock: Clock) -> Starlette:
    """The application for an ASGI server."""
    admission = Admission(desk.sessions, desk.partners, place_of_partner)
    web = Starlette(
        routes=[
            *only_for(Right.SEE_ALERTS, worklist.ROUTES),
            *only_for(Right.SEE_ALERTS, bulk.ROUTES),
            *only_for(Right.SEE_ALERTS, saved_views.ROUTES),
            *only_for(Right.SEE_ALERTS, alert.ROUTES),
            *only_for(Right.SEE_ALERTS, follow_up.ROUTES),
            *check_in.ROUTES,
            *check_in_wishes.ROUTES,
            *only_for(Right.SEE_ALERTS, work.ROUTES),
            *patients.ROUTES,
            *team.ROUTES,
            *shift.ROUTES,
            *my_mails.ROUTES,
            *programme.ROUTES,
            *rules.ROUTES,
            *backtests.ROUTES,
            *interfaces.ROUTES,
            *interface_glance.ROUTES,
            *interface_letters.ROUTES,
            *interfaces_codes.ROUTES,
            *interfaces_messages.ROUTES,
            *interfaces_set_aside.ROUTES,
            *interfaces_identities.ROUTES,
            *interface_onboarding.ROUTES,
            *help_page.ROUTES,
            *sign_in.ROUTES,
            *sign_in_elsewhere.ROUTES,
            *only_for(Right.SEE_ALERTS, events.ROUTES),
            # Files hold no secret, so they may be compressed; pages hold a form's token, and are not (BREACH).
            Mount("/static", GZipMiddleware(StaticFiles(directory=Path(__file__).parent / "static"))),
        ],
        middleware=[Middleware(Gate, door=desk.door, admission=admission, clock=clock)],
        exception_handlers={
            HTTPException: _http_error,
            NotFoundError: _not_found,
            NotReadyError: _not_ready,
            IntakeAwayError: _intake_away,
            IntakeRefusedError: _intake_refused,
        },
    )
    web.state.desk, web.state.places = desk, places_of(web.routes)
    web.state.clock = clock
    return web


def _sentence(request: Request, status: int) -> Response:
    sentence = SENTENCES.get(status, "Something went wrong. Nothing was changed.")
    template = "problem.html" if visit_of(request).signed_in is not None else "problem_outside.html"
    return desk_of(request).page(request, template, status, sentence=sentence)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _sentence(request, error.status_code)


async def _not_found(request: Request, _error: Exception) -> Response:
    return _sentence(request, 404)


async def _not_ready(request: Request, _error: Exception) -> Response:
    return _sentence(request, 503)


async def _intake_away(request: Request, error: Exception) -> Response:
    changing = request.method not in SAFE_METHODS
    again = "/interfaces" if changing else request.url.path
    return desk_of(request).page(
        request, "interfaces_away.html", 503, reason=str(error), changing=changing, again=again
    )  # fmt: skip


async def _intake_refused(request: Request, _error: Exception) -> Response:
    return _sentence(request, 422)
