"""What a person gets by mail: digests may be switched off; what cannot wait is sent all the same."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from care_notifications.adapters.postgres_choices import Choice, Entry
from care_notifications.core.callers import Right
from care_notifications.web.desk import desk_of
from care_notifications.web.gate import visit_of
from care_notifications.web.roles import entitled, may
from care_notifications.web.words import past

PATH = "/team/mails"
DOORS = {
    Entry.LINK: "by the link in a mail",
    Entry.COMMAND: "by an operator",
    Entry.API: "by a program",
    Entry.PAGE: "here",
}


async def show_mails(request: Request) -> Response:
    """Whether digests come, and how that came to be."""
    signed_in = entitled(request, Right.SEE_ALERTS)
    desk, now = desk_of(request), visit_of(request).now
    history = [
        (past(row["changed_at"], now, desk.insight.zone), row["wanted"], DOORS[Entry(row["door"])])
        for row in await desk.insight.digests.history(signed_in.person)
    ]
    return desk.page(
        request,
        "my_mails.html",
        wanted=await desk.insight.digests.wanted(signed_in.person),
        history=history,
        oversees=may(signed_in, Right.SEE_OPERATIONS),
    )


async def choose_mails(request: Request) -> Response:
    """Digests from now on, or none."""
    signed_in = entitled(request, Right.SEE_ALERTS)
    visit = visit_of(request)
    wish = visit.form.get("digests", "")
    if wish not in ("yes", "no"):
        raise HTTPException(422)
    choice = Choice(signed_in.person, wish == "yes", signed_in.person, Entry.PAGE)
    await desk_of(request).insight.digests.choose(choice, visit.now)
    return RedirectResponse(PATH, 303)


ROUTES = [Route(PATH, show_mails, methods=["GET"]), Route(PATH, choose_mails, methods=["POST"])]
