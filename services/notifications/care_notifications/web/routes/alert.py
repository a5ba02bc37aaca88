"""One alert with its whole story, and the two things done most: take it, log a contact."""

from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from care_notifications.core.acts import Acknowledge, Ask, Refused
from care_notifications.core.holding import Contact
from care_notifications.web.asking import CODE, TABS
from care_notifications.web.desk import desk_of, viewer
from care_notifications.web.gate import visit_of
from care_notifications.web.routes.answering import answered, back_of, changed, hold_or_log, story_page
from care_notifications.web.routes.worklist import colleagues, gap_id_of
from care_notifications.web.views import alert_view
from care_notifications.web.words import OUTCOMES, home_of, past
from care_shared.runtime.clock import random_id
from care_shared.vocabulary import ContactChannel, ContactId, ContactOutcome, ContactParty, ContactPurpose


async def show_alert(request: Request) -> Response:
    """One alert: why it is there, what to do, what happened."""
    return await story_page(request, gap_id_of(request))


async def acknowledge(request: Request) -> Response:
    """This person takes the alert; with a version, only as they saw it."""
    desk, visit = desk_of(request), visit_of(request)
    gap_id, act_id = gap_id_of(request), visit.form.get("act_id", "")
    try:
        seen = int(visit.form["version"]) if "version" in visit.form else None
        ask = Ask(gap_id, Acknowledge(), viewer(visit).person, str(UUID(act_id)) if act_id else random_id(), seen)
    except ValueError:
        raise HTTPException(422) from None
    answer = await desk.acts.act(ask, visit.now)
    if isinstance(answer, Refused) and ask.actor in answer.record.takers:
        return await changed(request, gap_id, "You have it already.")
    return await answered(request, gap_id, answer, "Acknowledged.")


async def log_contact(request: Request) -> Response:
    """This person reached somebody, or tried to."""
    contact = _contact(visit_of(request).form)
    sentence = f"Contact logged: {OUTCOMES[contact.outcome].lower()}."
    return await hold_or_log(request, gap_id_of(request), contact, sentence)


async def show_forms(request: Request) -> Response:
    """What opens in a row on demand: fifty times all forms would be a heavy page."""
    desk, visit = desk_of(request), visit_of(request)
    which, tab = request.path_params["which"], request.query_params.get("from", "")
    if which not in ("contact", "more"):
        raise HTTPException(404)
    listed = await desk.listing.one(gap_id_of(request))
    return desk.page(
        request, "_row_forms.html", which=which, alert=alert_view(listed, visit.now, viewer(visit).person),
        tab=tab if tab in TABS else "mine", back=back_of(request.query_params.get("back", ""), tab),
        colleagues=await colleagues(request) if which == "more" else {},
    )  # fmt: skip


async def show_trace(request: Request) -> Response:
    """The way of one message through this service: where the evidence came from, and what it led to."""
    desk, gap_id, event_id = desk_of(request), gap_id_of(request), request.path_params["event_id"]
    if not CODE.fullmatch(event_id):
        raise HTTPException(404)
    story = await desk.worklist.story(gap_id)
    if event_id not in {one.event_id for one in story.listed.alert.evidence}:
        raise HTTPException(404)
    zone = home_of(story.listed.alert)
    steps = [(one, past(one.at, visit_of(request).now, zone)) for one in await desk.trace(event_id)]
    return desk.page(request, "trace.html", gap_id=gap_id, event_id=event_id, steps=steps)


def _contact(form: dict[str, str]) -> Contact:
    """What the form says; anything our own form could not say is refused."""
    try:
        return Contact(
            contact_id=ContactId(str(UUID(form["contact_id"]))),
            outcome=ContactOutcome(form["outcome"]),
            channel=ContactChannel(form["channel"]),
            party=ContactParty(form["party"]),
            purpose=ContactPurpose(form["purpose"]),
        )
    except (KeyError, ValueError) as error:
        raise HTTPException(422) from error


ROUTES = [
    Route("/alerts/{gap_id}", show_alert, methods=["GET"]),
    Route("/alerts/{gap_id}/forms/{which}", show_forms, methods=["GET"]),
    Route("/alerts/{gap_id}/trace/{event_id}", show_trace, methods=["GET"]),
    Route("/alerts/{gap_id}/acknowledge", acknowledge, methods=["POST"]),
    Route("/alerts/{gap_id}/contacts", log_contact, methods=["POST"]),
]
