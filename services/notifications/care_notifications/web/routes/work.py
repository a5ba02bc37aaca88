"""What a care manager does with an alert beside a call: start, snooze, hand over, resolve, reopen."""

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from care_notifications.core.acts import (
    Acknowledge,
    Action,
    Ask,
    Escalate,
    GiveBack,
    HandOver,
    HandOverReason,
    Reopen,
    ReopenReason,
    Resolution,
    Resolve,
    Snooze,
    SnoozeReason,
    Start,
)
from care_notifications.core.local_time import zone_named
from care_notifications.web.desk import desk_of, viewer
from care_notifications.web.gate import visit_of
from care_notifications.web.routes.answering import answered, changed, hold_or_do
from care_notifications.web.routes.worklist import gap_id_of
from care_notifications.web.work_words import SNOOZES
from care_shared.runtime.clock import random_id
from care_shared.vocabulary import PersonId

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
    return await hold_or_do(request, ask, SAID[request.path_params["deed"]])


async def undo(request: Request) -> Response:
    """Take back what waits, or give back what was just acknowledged."""
    desk, visit, gap_id = desk_of(request), visit_of(request), gap_id_of(request)
    person, act_id = viewer(visit).person, visit.form.get("undo", "")
    if act_id == TAKEN:
        answer = await desk.acts.act(Ask(gap_id, GiveBack(), person, random_id()), visit.now)
        return await answered(request, gap_id, answer, "Taken back: it is open again.")
    found = await desk.held.undo(act_id[:64], person, visit.now)
    sentence = "Taken back: nothing was changed." if found == gap_id else "Too late: it was done already."
    return await changed(request, gap_id, sentence)


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
    "acknowledge": lambda _form, _now: Acknowledge(),
    "escalate": lambda form, _now: Escalate(_note(form)),
    "give-back": lambda _form, _now: GiveBack(),
    "reopen": lambda form, _now: Reopen(ReopenReason(form["reason"]), _note(form)),
}

# What a person hears when it is done, or held for as long as they may take it back.
SAID = {
    "start": "Started.",
    "snooze": "Snoozed.",
    "resolve": "Resolved.",
    "hand-over": "Handed over.",
    "reopen": "Open again.",
    "acknowledge": "Acknowledged.",
    "escalate": "The next person is told now.",
    "give-back": "Given back: it is open again.",
}
TAKEN = "taken"

ROUTES = [
    Route("/alerts/{gap_id}/do/{deed}", work, methods=["POST"]),
    Route("/alerts/{gap_id}/undo", undo, methods=["POST"]),
]
