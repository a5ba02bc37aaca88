"""Codes of a sender that mean nothing to us, and the lines by which they are agreed."""

import re

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from care_notifications.adapters.intake_errors import IntakeRefusedError
from care_notifications.core.callers import Right
from care_notifications.web.code_views import agreement, code_views
from care_notifications.web.desk import desk_of, zone_of
from care_notifications.web.gate import visit_of
from care_notifications.web.interface_words import tabs
from care_notifications.web.roles import only_for

SOURCE = re.compile(r"[A-Za-z0-9._-]{1,100}")


async def show_codes(request: Request) -> Response:
    """What to ask the sender, and where the answer goes."""
    desk, visit, source = desk_of(request), visit_of(request), request.path_params["source"]
    if not SOURCE.fullmatch(source):
        raise HTTPException(404)
    try:
        found = await desk.intake.codes(source)
    except IntakeRefusedError:
        raise HTTPException(404) from None
    return desk.page(
        request, "interface_codes.html", tabs=tabs(request, "feeds"), source=source, messages=found.messages,
        codes=code_views(found.codes, visit.now, zone_of(desk, visit)), lines=agreement(source, found.codes),
    )  # fmt: skip


ROUTES = only_for(
    Right.WORK_ON_MESSAGES, [Route("/interfaces/feeds/{source}/codes", show_codes, methods=["GET"])]
)  # fmt: skip
