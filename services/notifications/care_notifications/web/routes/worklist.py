"""The list of alerts, one alert with its whole story, and the two things a person can do: take it, log a contact."""

import json
import re
from collections.abc import Sequence
from urllib.parse import urlencode
from uuid import UUID

import asyncpg
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from care_notifications.adapters.postgres_acts import Contact
from care_notifications.adapters.postgres_worklist import BADGE_LIMIT
from care_notifications.core.acts import REFUSED_BECAUSE, Acknowledge, Ask, Refused
from care_notifications.web.desk import desk_of, viewer
from care_notifications.web.gate import visit_of
from care_notifications.web.views import alert_view, story_view
from care_notifications.web.words import OUTCOMES
from care_shared.runtime.clock import random_id
from care_shared.vocabulary import ContactChannel, ContactId, ContactOutcome, ContactParty, ContactPurpose, GapId

PAGE_SIZE = 50
TABS = ("mine", "all", "closed")
GAP_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


async def show_list(request: Request) -> Response:
    """Mine, all, or the recently closed; by itself a page asks for the inner part only."""
    desk, visit = desk_of(request), visit_of(request)
    person = viewer(visit).person
    tab = request.query_params.get("tab", "mine")
    after = _checked(request.query_params["after"]) if "after" in request.query_params else None
    if tab not in TABS:
        raise HTTPException(404)
    if tab == "closed":
        page = await desk.worklist.closed_alerts(after, PAGE_SIZE)
    else:
        page = await desk.worklist.open_alerts(person if tab == "mine" else None, after, PAGE_SIZE)
    following = urlencode({"tab": tab, "after": page.next_after}) if page.next_after else ""
    return desk.page(
        request,
        "_list.html" if _asks_for_part(request) else "worklist.html",
        tab=tab,
        continued=after is not None,
        alerts=[alert_view(one, visit.now, person) for one in page.alerts],
        following=following,
        counts=await desk.worklist.counts(person),
        badge_limit=BADGE_LIMIT,
        last_id=await desk.feed.newest(),
    )


async def show_alert(request: Request) -> Response:
    """One alert: why it is there, what to do, what happened."""
    desk, visit = desk_of(request), visit_of(request)
    last_id = await desk.feed.newest()
    story = await desk.worklist.story(gap_id_of(request))
    template = "_story.html" if _asks_for_part(request) else "alert.html"
    shown = story_view(story, visit.now, viewer(visit).person)
    alert = story.listed.alert
    steps = desk.shelf.offered(alert, await desk.shelf.around(alert.patient_id, visit.now))
    remarks = await desk.shelf.words_of(alert, story.listed.record, viewer(visit))
    colleagues = await _colleagues(request)
    return desk.page(
        request, template, story=shown, steps=steps, remarks=remarks, colleagues=colleagues, last_id=last_id
    )


async def acknowledge(request: Request) -> Response:
    """This person takes the alert."""
    desk, visit = desk_of(request), visit_of(request)
    gap_id = gap_id_of(request)
    answer = await desk.acts.act(Ask(gap_id, Acknowledge(), viewer(visit).person, random_id()), visit.now)
    sentence = (
        f"Nothing changed: {REFUSED_BECAUSE[answer.refusal]}." if isinstance(answer, Refused) else "Acknowledged."
    )
    return await _done(request, gap_id, sentence)


async def log_contact(request: Request) -> Response:
    """This person reached somebody, or tried to."""
    desk, visit = desk_of(request), visit_of(request)
    gap_id = gap_id_of(request)
    contact = _contact(visit.form)
    await desk.acts.log_contact(gap_id, contact, viewer(visit).person, visit.now)
    return await _done(request, gap_id, f"Contact logged: {OUTCOMES[contact.outcome].lower()}.")


async def _done(request: Request, gap_id: GapId, sentence: str) -> Response:
    """Back to where the form stood; a script gets the changed part and the sentence to say."""
    desk, visit = desk_of(request), visit_of(request)
    at_list = visit.form.get("from") in TABS
    if "hx-request" not in request.headers:
        return RedirectResponse(f"/?tab={visit.form['from']}" if at_list else f"/alerts/{gap_id}", 303)
    story = await desk.worklist.story(gap_id)
    person = viewer(visit).person
    if at_list:
        shown = alert_view(story.listed, visit.now, person)
        response: Response = desk.page(request, "_row.html", alert=shown, tab=visit.form["from"])
    else:
        shown_story = story_view(story, visit.now, person)
        response = desk.page(request, "_story.html", story=shown_story, colleagues=await _colleagues(request))
    response.headers["hx-trigger"] = json.dumps({"carelead:said": {"sentence": sentence}})
    return response


async def _colleagues(request: Request) -> Sequence[asyncpg.Record]:
    """To whom this person may hand something over: whoever works here and is not away."""
    desk, visit = desk_of(request), visit_of(request)
    here = [one for one in await desk.people.all(visit.now) if one["active"] and not one["on_leave"]]
    return [one for one in here if one["person_id"] != viewer(visit).person]


def _asks_for_part(request: Request) -> bool:
    return request.headers.get("x-carelead-part") == "1"


def gap_id_of(request: Request) -> GapId:
    """The alert in the address. Raises a 404 when it is no id."""
    return _checked(request.path_params["gap_id"])


def _checked(text: str) -> GapId:
    if not GAP_ID.fullmatch(text):
        raise HTTPException(404)
    return GapId(text)


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
    Route("/", show_list, methods=["GET"]),
    Route("/alerts/{gap_id}", show_alert, methods=["GET"]),
    Route("/alerts/{gap_id}/acknowledge", acknowledge, methods=["POST"]),
    Route("/alerts/{gap_id}/contacts", log_contact, methods=["POST"]),
]
