"""One attempt: how it went and what was sent, as far as the partner may still have it; and sending it once more."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from care_notifications.adapters.postgres_attempts import Wanted
from care_notifications.web import words
from care_notifications.web.portal import words as portal_words
from care_notifications.web.portal.desk import PORTAL, Deed, desk_of, note, page, visitor_of
from care_notifications.web.portal.routes.endpoints import endpoint_id_of
from care_notifications.web.portal.routes.inbox import ID
from care_notifications.web.portal.views import milliseconds

MOST_DIGITS = 6


async def show(request: Request) -> Response:
    """One attempt."""
    desk, visitor = desk_of(request), await visitor_of(request)
    endpoint_id, delivery_id = endpoint_id_of(request), _delivery_id(request)
    wanted = Wanted(visitor.user.organization, endpoint_id, delivery_id, _number(request))
    sent = await desk.attempts.one(wanted, visitor.now)
    await note(request, visitor, Deed("read", "CommunicationRequest", delivery_id))
    return page(
        request, "portal_attempt.html", sent=sent, endpoint_id=endpoint_id, delivery_id=delivery_id,
        at=words.past(sent.started_at, visitor.now, desk.house.zone),
        answer=portal_words.answer_in_words(sent.code), is_good=sent.code.startswith("2"),
        milliseconds=milliseconds(sent.ended_at - sent.started_at), state=words.DELIVERY_STATES[sent.state],
        may_resend=sent.state in ("delivered", "failed") and sent.body is not None,
    )  # fmt: skip


async def resend(request: Request) -> Response:
    """The notice leaves once more, if the partner may still have it: that is judged when it leaves."""
    desk, visitor = desk_of(request), await visitor_of(request)
    endpoint_id, delivery_id = endpoint_id_of(request), _delivery_id(request)
    own = desk.endpoints_of(visitor.user.organization)
    await own.endpoint(endpoint_id)
    await own.resend(delivery_id, visitor.now)
    await note(request, visitor, Deed("resend", "CommunicationRequest", delivery_id))
    return RedirectResponse(f"{PORTAL}/endpoints/{endpoint_id}?done=resend", 303)


def _delivery_id(request: Request) -> str:
    text: str = request.path_params["delivery_id"]
    if not ID.fullmatch(text):
        raise HTTPException(404)
    return text


def _number(request: Request) -> int:
    text: str = request.path_params["number"]
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise HTTPException(404)
    return int(text)


ONE = "/endpoints/{endpoint_id}/attempts/{delivery_id}"
ROUTES = [
    Route(f"{ONE}/resend", resend, methods=["POST"]),
    Route(f"{ONE}/{{number}}", show, methods=["GET"]),
]
