"""Operations at a glance: which service is up, what waits where, and for each red number what to do about it."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from care_notifications.core.callers import Right
from care_notifications.web.desk import desk_of, zone_of
from care_notifications.web.gate import visit_of
from care_notifications.web.glance_views import entries_for, in_short, service_views
from care_notifications.web.interface_words import tabs
from care_notifications.web.roles import entitled, may
from care_notifications.web.run_book import ENTRIES


async def show_glance(request: Request) -> Response:
    """Every service, asked now; the page asks for itself anew."""
    signed_in = entitled(request, Right.SEE_INTERFACES)
    desk, visit = desk_of(request), visit_of(request)
    views = service_views(await desk.services.look())
    served = {route.path for route in request.app.routes if isinstance(route, Route)}
    sentence, tone = in_short(views)
    return desk.page(
        request, "interfaces_glance.html", services=views, sentence=sentence, tone=tone,
        book={key: ENTRIES[key] for key in entries_for(views)}, tabs=tabs(request, "glance"),
        as_of=visit.now.astimezone(zone_of(desk, visit)).strftime("%H:%M:%S"),
        pages=served if may(signed_in, Right.WORK_ON_MESSAGES) else (),
    )  # fmt: skip


ROUTES = [Route("/interfaces/glance", show_glance, methods=["GET"])]
