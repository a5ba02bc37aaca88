"""An open page hears which alerts changed, by id only, and asks for what it shows anew."""

import json
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from care_notifications.adapters.feed import Changes
from care_notifications.web.desk import Desk, desk_of
from care_notifications.web.gate import Visit, visit_of
from care_shared.errors import NotReadyError
from care_shared.runtime.clock import Clock

HEARTBEAT_SECONDS = 10.0
RETRY_MS = 2000
MOST_DIGITS = 18


async def stream(request: Request) -> Response:
    """Server-sent events from where the page left off: its last event's id, or what the page was made with."""
    desk, visit = desk_of(request), visit_of(request)
    offered = request.headers.get("last-event-id") or request.query_params.get("after", "")
    newest = await desk.feed.newest()
    last_id = min(int(offered), newest) if offered.isdecimal() and len(offered) <= MOST_DIGITS else newest
    return StreamingResponse(
        _events(desk, visit, last_id, request.app.state.clock),
        media_type="text/event-stream",
        headers={"x-accel-buffering": "no"},
    )


async def _events(desk: Desk, visit: Visit, last_id: int, clock: Clock) -> AsyncIterator[str]:
    yield f"retry: {RETRY_MS}\n\n"
    try:
        while not desk.feed.closed:
            changes = await desk.feed.changes(last_id, HEARTBEAT_SECONDS)
            last_id = changes.last_id
            # A page that is only left open does not keep its session alive, and ends with it.
            if await desk.sessions.who(visit.cookie, clock(), touch=False) is None:
                yield "event: signed-out\ndata: {}\n\n"
                return
            yield _event(changes) if changes.gap_ids else ": still here\n\n"
    except NotReadyError:
        return


def _event(changes: Changes) -> str:
    return f"id: {changes.last_id}\nevent: alerts\ndata: {json.dumps({'gaps': changes.gap_ids})}\n\n"


ROUTES = [Route("/events/stream", stream, methods=["GET"])]
