"""`GET /partner/v1/events`: a partner's program fetches its numbered events with the token of its endpoint."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from care_notifications.adapters.postgres_catch_up import PostgresCatchUp
from care_shared.errors import NotReadyError
from care_shared.runtime.clock import Clock
from care_shared.runtime.logs import get_log

log = get_log(__name__)

PREFIX = "/partner"
MOST = 200
LARGEST_SEQUENCE = 2**62
LONGEST_TOKEN = 200


def build_partner(catch_up: PostgresCatchUp, clock: Clock) -> Starlette:
    """The application; it knows tokens and nothing of sessions."""
    web = Starlette(
        routes=[Route("/v1/events", events, methods=["GET"])], exception_handlers={NotReadyError: _not_ready}
    )
    web.state.catch_up, web.state.clock = catch_up, clock
    return web


async def events(request: Request) -> Response:
    """What follows `after`, at most `limit`; an empty list when there is nothing."""
    catch_up: PostgresCatchUp = request.app.state.catch_up
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    usable = scheme.lower() == "bearer" and 0 < len(token) <= LONGEST_TOKEN
    endpoint_id = await catch_up.who(token.strip()) if usable else None
    if endpoint_id is None:
        return problem(401, "The token of an endpoint is needed.", {"www-authenticate": "Bearer"})
    after = _number(request.query_params.get("after", "0"), 0, LARGEST_SEQUENCE)
    limit = _number(request.query_params.get("limit", "100"), 1, MOST)
    if after is None or limit is None:
        return problem(400, f"after is a sequence number, limit a number from 1 to {MOST}.")
    page = await catch_up.after(endpoint_id, after, limit, request.app.state.clock())
    log.info("partner.caught-up", recipient=endpoint_id, first_offset=after, count=len(page.events))
    told = {"events": page.events, "last_sequence": page.last_sequence}
    return JSONResponse(told)


def problem(status: int, sentence: str, headers: dict[str, str] | None = None) -> Response:
    """RFC 9457."""
    told = {"type": "about:blank", "status": status, "detail": sentence}
    return JSONResponse(told, status, headers, "application/problem+json")


def _number(text: str, least: int, most: int) -> int | None:
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        return None
    return int(text) if least <= int(text) <= most else None


async def _not_ready(_request: Request, _error: Exception) -> Response:
    return problem(503, "Please try again in a moment.", {"retry-after": "5"})
