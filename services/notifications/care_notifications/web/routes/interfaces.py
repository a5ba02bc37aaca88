"""How the feeds do: which spoke last when, what is wrong with one, and what to do next."""

from collections import Counter

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from care_notifications.core.callers import Right
from care_notifications.web.desk import desk_of, zone_of
from care_notifications.web.feed_views import feed_views, in_short
from care_notifications.web.gate import visit_of
from care_notifications.web.interface_words import tabs
from care_notifications.web.roles import entitled, may


async def show_feeds(request: Request) -> Response:
    """Every feed, the one that needs somebody first. The page asks for it anew by itself."""
    signed_in = entitled(request, Right.SEE_INTERFACES)
    desk, visit = desk_of(request), visit_of(request)
    if not desk.intake.is_connected:
        return desk.page(request, "interfaces_none.html", tabs=tabs(request, "feeds"))
    waiting = Counter[str]()
    for cause in await desk.intake.causes():
        waiting[cause.source] += cause.messages
    zone = zone_of(desk, visit)
    feeds = feed_views(await desk.intake.feeds(), waiting, visit.now, zone)
    return desk.page(
        request, "interfaces.html", feeds=feeds, in_short=in_short(feeds), tabs=tabs(request, "feeds"),
        as_of=visit.now.astimezone(zone).strftime("%H:%M:%S"), works=may(signed_in, Right.WORK_ON_MESSAGES),
    )  # fmt: skip


ROUTES = [Route("/interfaces", show_feeds, methods=["GET"])]
