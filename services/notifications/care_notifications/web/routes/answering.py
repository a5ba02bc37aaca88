"""What a person sees after they did something: what changed and a sentence, or kindly why nothing did."""

import json
from datetime import datetime
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from care_notifications.adapters.postgres_held import Held
from care_notifications.core.acts import REFUSED_BECAUSE, Answer, Ask, Done, Refused, Reused, Stale
from care_notifications.core.holding import Contact
from care_notifications.core.next_attempt import next_attempt
from care_notifications.web import words
from care_notifications.web.asking import TABS, asked_in
from care_notifications.web.desk import desk_of, viewer
from care_notifications.web.gate import visit_of
from care_notifications.web.routes.worklist import asks_for_part, colleagues
from care_notifications.web.views import alert_view, story_view
from care_notifications.web.work_words import SINCE
from care_shared.vocabulary import GapId


async def story_page(request: Request, gap_id: GapId) -> Response:
    """The alert's own page, or its inner part."""
    desk, visit = desk_of(request), visit_of(request)
    last_id = await desk.feed.newest()
    story = await desk.worklist.story(gap_id)
    alert = story.listed.alert
    return desk.page(
        request,
        "_story.html" if asks_for_part(request) else "alert.html",
        story=story_view(story, visit.now, viewer(visit).person),
        steps=desk.shelf.offered(alert, await desk.shelf.around(alert.patient_id, visit.now)),
        remarks=await desk.shelf.words_of(alert, story.listed.record, viewer(visit)),
        colleagues=await colleagues(request),
        last_id=last_id,
    )


async def hold_or_log(request: Request, gap_id: GapId, contact: Contact, sentence: str) -> Response:
    """A contact is logged at once, or held for as long as it may be taken back when the form says so."""
    desk, visit = desk_of(request), visit_of(request)
    person = viewer(visit).person
    if "hold" in visit.form:
        sentence += await _suggestion(request, gap_id, contact)
        held = Held(contact.contact_id, gap_id, contact, person, 0)
        return await answered(request, gap_id, await desk.held.hold(held, visit.now), sentence)
    await desk.acts.log_contact(gap_id, contact, person, visit.now)
    return await changed(request, gap_id, sentence)


async def hold_or_do(request: Request, ask: Ask, sentence: str) -> Response:
    """The same for what moves an alert."""
    desk, visit = desk_of(request), visit_of(request)
    if "hold" in visit.form:
        held = Held(ask.action_id, ask.gap_id, ask.action, ask.actor, ask.expected_version or 0)
        return await answered(request, ask.gap_id, await desk.held.hold(held, visit.now), sentence)
    return await answered(request, ask.gap_id, await desk.acts.act(ask, visit.now), sentence)


async def answered(request: Request, gap_id: GapId, answer: Answer, sentence: str) -> Response:
    """Done: what changed. Else why not, and what happened since the page was drawn."""
    if isinstance(answer, Done):
        return await changed(request, gap_id, sentence)
    why, since = why_not(answer, visit_of(request).now)
    if "hx-request" in request.headers:
        told = " ".join([why, *since])
        return await changed(request, gap_id, told, status=409)
    return desk_of(request).page(request, "conflict.html", 409, gap_id=gap_id, sentence=why, since=since)


async def changed(request: Request, gap_id: GapId, sentence: str, status: int = 200) -> Response:
    """Back to where the form stood; a script gets the changed part and the sentence to say."""
    desk, visit = desk_of(request), visit_of(request)
    tab = visit.form.get("from", "")
    back = back_of(visit.form.get("back", ""), tab)
    if "hx-request" not in request.headers:
        return RedirectResponse(f"/?{back}" if tab in TABS else f"/alerts/{gap_id}", 303)
    if tab in TABS:
        listed = await desk.listing.one(gap_id)
        shown = alert_view(listed, visit.now, viewer(visit).person)
        response: Response = desk.page(request, "_row.html", status, alert=shown)
    else:
        response = await story_page(request, gap_id)
        response.status_code = status
    response.headers["hx-trigger"] = json.dumps({"carelead:said": {"sentence": sentence}})
    return response


def back_of(text: str, tab: str) -> str:
    """The address of the list that the form stood on: ours, or only its tab."""
    try:
        return asked_in(text).query() if text else urlencode({"tab": tab})
    except ValueError:
        return urlencode({"tab": tab})


def why_not(answer: Refused | Stale | Reused, now: datetime) -> tuple[str, tuple[str, ...]]:
    """A sentence, and what happened since the page was drawn."""
    match answer:
        case Refused(refusal=refusal):
            return f"Nothing was changed: {REFUSED_BECAUSE[refusal]}.", ()
        case Stale(since=changes):
            since = tuple(f"{SINCE.get(one.what, one.what)} by {one.by}, {words.ago(one.at, now)}" for one in changes)
            return "Nothing was changed: somebody was faster. Look at the alert as it is now, then decide.", since
        case Reused():
            return "Nothing was changed: this form was sent before.", ()


async def _suggestion(request: Request, gap_id: GapId, contact: Contact) -> str:
    """When to try again, and which attempt that would be."""
    desk, visit = desk_of(request), visit_of(request)
    listed = await desk.listing.one(gap_id)
    tries = await desk.worklist.attempts(listed.record.patient_id, listed.alert.opened_at) + 1
    home = words.home_of(listed.alert)
    at = next_attempt(contact.outcome, tries, visit.now.astimezone(home))
    return f" Attempt {tries}; try again {words.until_clock(at, visit.now, home)}." if at is not None else ""
