"""An open page hears which alerts changed, by id only, and asks for what it shows anew."""

import json
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from care_notifications.adapters.feed import Entry, Place
from care_notifications.web.desk import Desk, desk_of
from care_notifications.web.gate import Visit, visit_of
from care_shared.errors import NotReadyError
from care_shared.runtime.clock import Clock

HEARTBEAT_SECONDS = 10.0
RETRY_MS = 2000
PULSE = "event: pulse\ndata: {}\n\n"  # nothing new, and still listening


async def stream(request: Request) -> Response:
    """Server-sent events from where the page left off: its last event's id, or what the page was made with."""
    desk, visit = desk_of(request), visit_of(request)
    offered = request.headers.get("last-event-id") or request.query_params.get("after", "")
    newest = await desk.feed.newest()
    last = min(Place.parse(offered) or newest, newest)
    return StreamingResponse(
        _events(desk, visit, last, request.app.state.clock),
        media_type="text/event-stream",
        headers={"x-accel-buffering": "no"},
    )


async def _events(desk: Desk, visit: Visit, last: Place, clock: Clock) -> AsyncIterator[str]:
    yield f"retry: {RETRY_MS}\n\n"
    try:
        while not desk.feed.closed:
            found = await desk.feed.entries(last, HEARTBEAT_SECONDS)
            last = found[-1].place if found else last
            # A page that is only left open does not keep its session alive, and ends with it.
            if await desk.sessions.who(visit.cookie, clock(), touch=False) is None:
                yield "event: signed-out\ndata: {}\n\n"
                return
            yield _event(found) if found else PULSE
    except NotReadyError:
        return


def _event(found: tuple[Entry, ...]) -> str:
    gaps = list(dict.fromkeys(one.gap_id for one in found))
    return f"id: {found[-1].place}\nevent: alerts\ndata: {json.dumps({'gaps': gaps})}\n\n"


ROUTES = [Route("/events/stream", stream, methods=["GET"])]
