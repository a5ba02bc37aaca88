"""One page says what the words and colours mean, which keys there are, and whom to ask."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from care_notifications.web.desk import desk_of
from care_notifications.web.words import TIERS


async def show_help(request: Request) -> Response:
    """The same place on every page leads here."""
    return desk_of(request).page(request, "help.html", tiers=TIERS)


ROUTES = [Route("/help", show_help, methods=["GET"])]
