"""A program or page hears which alerts changed, each change once, from where it left off."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from care_notifications.adapters.feed import Entry, Place
from care_notifications.api.desk import ApiDesk, ApiDeskHere, Looker
from care_notifications.api.problems import TOO_MANY_REQUESTS, ProblemError, described
from care_notifications.core.callers import Caller
from care_shared.errors import NotReadyError
from care_shared.runtime.logs import get_log

log = get_log(__name__)
router = APIRouter(tags=["stream"])

HEARTBEAT_SECONDS = 10.0
# Whoever reads nothing for so long is let go, and may come back with what it heard last. Until then at most one
# batch of changes waits here for it.
READ_SECONDS = 30.0
RETRY_MS = 2000
MOST_OF_ONE = 8
LONGEST = 64

PROBLEMS = described(401, 403, 422, 429, 500, 503)
EVENT_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "`event: alert` names an alert that changed (`alert_id`); fetch it to see how. `event: ready` "
        "comes first and after it all that was missed. `event: reset` instead: more was missed than is kept (7 days); "
        "look at everything anew. `event: signed-out`: the session or token has ended. Comments are heartbeats.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


class Streams:
    """How many streams each caller has open here."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    def enter(self, caller: Caller) -> None:
        """One more. Raises ProblemError."""
        if self._open[caller.id] >= MOST_OF_ONE:
            raise ProblemError(TOO_MANY_REQUESTS, f"At most {MOST_OF_ONE} streams each.", headers={"retry-after": "10"})
        self._open[caller.id] += 1

    def leave(self, caller: Caller) -> None:
        """One less."""
        self._open[caller.id] -= 1
        if not self._open[caller.id]:
            del self._open[caller.id]


@router.get("/stream", response_class=Response, responses=PROBLEMS | EVENT_STREAM)
async def stream(
    request: Request,
    desk: ApiDeskHere,
    caller: Looker,
    last_event_id: Annotated[str | None, Header(max_length=LONGEST)] = None,
    after: Annotated[str | None, Query(max_length=LONGEST, description="as Last-Event-ID, for a first visit")] = None,
) -> Response:
    """Server-sent events from where the caller left off."""
    offered = last_event_id or after
    newest = await desk.feed.newest()
    place = newest if not offered else Place.parse(offered)
    lost = place is None or not await desk.feed.holds(place)
    streams: Streams = request.app.state.streams
    streams.enter(caller)
    told = _events(request, desk, caller, newest if place is None or lost else place, lost)
    return EventStream(told, lambda: streams.leave(caller))


async def _events(request: Request, desk: ApiDesk, caller: Caller, last: Place, lost: bool) -> AsyncIterator[str]:
    yield f"retry: {RETRY_MS}\nid: {last}\nevent: {'reset' if lost else 'ready'}\ndata: {{}}\n\n"
    try:
        while not desk.feed.closed:
            found = await desk.feed.entries(last, HEARTBEAT_SECONDS)
            if not await still_welcome(request, desk):
                yield "event: signed-out\ndata: {}\n\n"
                return
            last = found[-1].place if found else last
            yield _told(found, caller) or ": still here\n\n"
    except NotReadyError:
        return  # the caller comes back with what it heard last


def _told(found: tuple[Entry, ...], caller: Caller) -> str:
    seen = [one for one in found if caller.sees_sensitive or not one.labelled]
    return "".join(f"id: {one.place}\nevent: alert\ndata: {json.dumps({'alert_id': one.gap_id})}\n\n" for one in seen)


async def still_welcome(request: Request, desk: ApiDesk) -> bool:
    """A stream that is only left open keeps no session alive, and ends with it."""
    guard = desk.guard
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme:
        return await guard.tokens.who(token.strip(), guard.clock()) is not None
    cookie = request.cookies.get(guard.door.session_cookie, "")
    return await guard.sessions.who(cookie, guard.clock(), touch=False) is not None


class EventStream(Response):
    """Sends as fast as the caller reads, and lets go of whoever does not read."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncIterator[str], left: Callable[[], None]) -> None:
        super().__init__(headers={"x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._events = events
        self._left = left

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Until either side ends it."""
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            gone = asyncio.create_task(_gone(receive))
            sending = asyncio.create_task(self._send(send))
            done, pending = await asyncio.wait((gone, sending), return_when=asyncio.FIRST_COMPLETED)
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)
            for task in done:
                task.result()
        except TimeoutError:
            log.info("api.stream-reader-slow", seconds=READ_SECONDS)
        finally:
            self._left()

    async def _send(self, send: Send) -> None:
        async for text in self._events:
            async with asyncio.timeout(READ_SECONDS):
                await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
