"""What a care manager does with an alert beside a call: start, snooze, hand over, resolve, reopen."""

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from care_notifications.core.acts import (
    REFUSED_BECAUSE,
    Action,
    Answer,
    Ask,
    Done,
    HandOver,
    HandOverReason,
    Refused,
    Reopen,
    ReopenReason,
    Resolution,
    Resolve,
    Reused,
    Snooze,
    SnoozeReason,
    Stale,
    Start,
)
from care_notifications.core.local_time import zone_named
from care_notifications.web import words
from care_notifications.web.desk import desk_of, viewer
from care_notifications.web.gate import visit_of
from care_notifications.web.routes.worklist import gap_id_of
from care_notifications.web.work_words import SINCE, SNOOZES
from care_shared.vocabulary import GapId, PersonId

Form = Mapping[str, str]
MORNING = time(9)  # when a snooze of days ends, at the patient's home


async def work(request: Request) -> Response:
    """Do it, or say kindly why not: what the page showed may be older than what is."""
    desk, visit = desk_of(request), visit_of(request)
    gap_id = gap_id_of(request)
    story = await desk.worklist.story(gap_id)
    home = zone_named(story.listed.alert.patient.home_zone)
    try:
        action = DEEDS[request.path_params["deed"]](visit.form, visit.now.astimezone(home))
        ask = Ask(gap_id, action, viewer(visit).person, str(UUID(visit.form["act_id"])), int(visit.form["version"]))
    except (KeyError, ValueError):
        raise HTTPException(422) from None
    return _answered(request, gap_id, await desk.acts.act(ask, visit.now))


def _answered(request: Request, gap_id: GapId, answer: Answer) -> Response:
    if isinstance(answer, Done):
        return RedirectResponse(f"/alerts/{gap_id}", 303)
    sentence, since = _why_not(answer, visit_of(request).now)
    return desk_of(request).page(request, "conflict.html", 409, gap_id=gap_id, sentence=sentence, since=since)


def _why_not(answer: Refused | Stale | Reused, now: datetime) -> tuple[str, tuple[str, ...]]:
    """A sentence, and what happened since the page was drawn."""
    match answer:
        case Refused(refusal=refusal):
            return f"Nothing was changed: {REFUSED_BECAUSE[refusal]}.", ()
        case Stale(since=changes):
            since = tuple(f"{SINCE.get(one.what, one.what)} by {one.by}, {words.ago(one.at, now)}" for one in changes)
            return "Nothing was changed: somebody was faster. Look at the alert as it is now, then decide.", since
        case Reused():
            return "Nothing was changed: this form was sent before.", ()


def _snooze(form: Form, now: datetime) -> Action:
    """`now` is local to the patient's home: tomorrow is tomorrow there."""
    span = form["for"]
    if span not in SNOOZES:
        raise ValueError(span)
    if span.endswith("h"):
        until = now + timedelta(hours=int(span[:-1]))
    else:
        until = datetime.combine(now.date() + timedelta(days=int(span[:-1])), MORNING, now.tzinfo)
    return Snooze(until, SnoozeReason(form["reason"]), _note(form))


def _note(form: Form) -> str:
    return form.get("note", "").strip()


DEEDS: dict[str, Callable[[Form, datetime], Action]] = {
    "start": lambda _form, _now: Start(),
    "snooze": _snooze,
    "resolve": lambda form, _now: Resolve(Resolution(form["outcome"]), _note(form)),
    "hand-over": lambda form, _now: HandOver(PersonId(form["to"]), HandOverReason(form["reason"]), _note(form)),
    "reopen": lambda form, _now: Reopen(ReopenReason(form["reason"]), _note(form)),
}

ROUTES = [Route("/alerts/{gap_id}/do/{deed}", work, methods=["POST"])]
