"""One page says what the words and colours mean, which keys there are, and whom to ask."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from care_notifications.core.callers import Right
from care_notifications.web.desk import desk_of, viewer
from care_notifications.web.gate import visit_of
from care_notifications.web.roles import may
from care_notifications.web.words import TIERS


async def show_help(request: Request) -> Response:
    """The same place on every page leads here."""
    desk, looks = desk_of(request), viewer(visit_of(request))
    return desk.page(
        request,
        "help.html",
        tiers=TIERS,
        single_keys=await desk.views.single_keys(looks.person),
        cares=may(looks, Right.SEE_ALERTS),
        mends=may(looks, Right.WORK_ON_MESSAGES),
    )


ROUTES = [Route("/help", show_help, methods=["GET"])]
