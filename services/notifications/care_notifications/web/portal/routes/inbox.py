"""The partner's alerts: what needs an answer, what is in hand, what is over; and one of them with its answers."""

import re
from collections.abc import Sequence
from datetime import datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from care_notifications.adapters.postgres_partner_tasks import Saying, Shown
from care_notifications.adapters.postgres_portal import Pile, Place
from care_notifications.core.fhir.outcomes import Problem
from care_notifications.core.fhir.searches import ALWAYS, EARLIEST, LATEST, Search
from care_notifications.core.fhir.searches import Place as Beginning
from care_notifications.core.fhir.task_forms import LONGEST_NOTE
from care_notifications.core.partner_tasks import GIVEN_BACK, DeclineReason, Said, TaskOutcome, TaskStatus
from care_notifications.web.portal import words as portal_words
from care_notifications.web.portal.desk import PORTAL, Deed, Visitor, asks_for_part, desk_of, note, page, visitor_of
from care_notifications.web.portal.views import task_view
from care_shared.errors import NotFoundError

PAGE_SIZE = 50
ID = re.compile(r"[A-Za-z0-9-]{1,64}")
TABS = {Pile.TO_ANSWER: "Needs an answer", Pile.IN_HAND: "In hand", Pile.OVER: "Over"}
LAST_ID = "~"  # behind every id


async def show_inbox(request: Request) -> Response:
    """One pile; by itself a page asks for the inner part only."""
    desk, visitor = desk_of(request), await visitor_of(request)
    pile = _pile(request)
    rows = await desk.portal.pile(visitor.caller, pile, _beginning(request, pile), PAGE_SIZE)
    shown, following = rows[:PAGE_SIZE], len(rows) > PAGE_SIZE
    await note(request, visitor, listed(shown))
    counts = await desk.portal.counts(visitor.caller)
    template = "_portal_inbox.html" if asks_for_part(request) else "portal_inbox.html"
    return page(
        request, template, pile=pile.value,
        tabs=[
            {"href": f"{PORTAL}/?pile={one.value}", "word": word, "current": one is pile, "count": counts.get(one)}
            for one, word in TABS.items()
        ],
        tasks=[task_view(one, visitor.now, desk.house.zone) for one in shown],
        following=_place_name(shown[-1], pile) if following else "",
    )  # fmt: skip


async def show_task(request: Request) -> Response:
    """One alert: what, about whom, until when, whom to call, and what can be answered."""
    visitor = await visitor_of(request)
    shown = await _one(request, visitor)
    await note(request, visitor, Deed("read", "Task", shown.task.task_id, shown.task.patient_id))
    return _task_page(request, visitor, shown)


async def show_alert(request: Request) -> Response:
    """A webhook's link names the alert; its newest task is what there is to see."""
    visitor = await visitor_of(request)
    task_id = await desk_of(request).portal.task_of_gap(visitor.caller, _id(request, "gap_id"))
    if task_id is None:
        raise NotFoundError("no task of this partner is about that alert")
    return RedirectResponse(f"{PORTAL}/tasks/{task_id}", 303)


async def say(request: Request) -> Response:
    """Accept, decline, start, complete or give up; the task is as the partner last saw it, or nothing changes."""
    visitor, task_id = await visitor_of(request), _id(request, "task_id")
    saying = Saying(task_id, _version(visitor.form), _said(visitor.form))
    problem, status = None, 303
    try:
        await desk_of(request).tasks.say(visitor.caller, saying, visitor.now)
    except Problem as refused:
        if refused.status == 404:
            raise NotFoundError("no such task for this partner") from None
        problem, status = refused, 409
    shown = await _one(request, visitor)
    await note(request, visitor, Deed("update", "Task", task_id, shown.task.patient_id, status=problem_status(problem)))
    if problem is None:
        return RedirectResponse(f"{PORTAL}/tasks/{task_id}?said=1", status)
    return _task_page(request, visitor, shown, status, is_stale=True)


def problem_status(problem: Problem | None) -> int:
    """How an act ended, for the trail."""
    return 200 if problem is None else problem.status


def _task_page(
    request: Request, visitor: Visitor, shown: Shown, status: int = 200, *, is_stale: bool = False
) -> Response:
    zone = desk_of(request).house.zone
    return page(
        request, "portal_task.html", status, task=task_view(shown, visitor.now, zone), is_stale=is_stale,
        has_said=request.query_params.get("said") == "1", declines=portal_words.DECLINES,
        outcomes=portal_words.OUTCOMES,
    )  # fmt: skip


async def _one(request: Request, visitor: Visitor) -> Shown:
    wanted = Search({"_id": _id(request, "task_id")}, ALWAYS, 1, Beginning())
    found = await desk_of(request).tasks.search(visitor.caller, wanted)
    if not found:
        raise NotFoundError("no such task for this partner")
    return found[0].seen_by(visitor.caller)


def _said(form: dict[str, str]) -> Said:
    """What the form says. Raises a 422 when it is no form of ours."""
    text = form.get("note", "").strip()
    try:
        status = TaskStatus(form["status"])
        reason = DeclineReason(form["reason"]) if status in GIVEN_BACK else None
        outcome = TaskOutcome(form["outcome"]) if status is TaskStatus.COMPLETED else None
    except (KeyError, ValueError):
        raise HTTPException(422) from None
    if len(text) > LONGEST_NOTE:
        raise HTTPException(422)
    return Said(status, reason, text or None, outcome)


def _version(form: dict[str, str]) -> int:
    text = form.get("version", "")
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise HTTPException(422)
    return int(text)


def _id(request: Request, name: str) -> str:
    text: str = request.path_params[name]
    if not ID.fullmatch(text):
        raise HTTPException(404)
    return text


def _pile(request: Request) -> Pile:
    try:
        return Pile(request.query_params.get("pile", Pile.TO_ANSWER))
    except ValueError:
        raise HTTPException(404) from None


def _beginning(request: Request, pile: Pile) -> Place:
    """Where the page begins: behind a place of an earlier page, else at the beginning of the pile."""
    offered = request.query_params.get("after")
    if offered is None:
        return Place(LATEST, LAST_ID) if pile is Pile.OVER else Place(EARLIEST, "")
    at, _, task_id = offered.partition("_")
    try:
        place = datetime.fromisoformat(at)
    except ValueError:
        raise HTTPException(404) from None
    if place.tzinfo is None or not ID.fullmatch(task_id):
        raise HTTPException(404)
    return Place(place, task_id)


def _place_name(shown: Shown, pile: Pile) -> str:
    task = shown.task
    return f"{(task.updated_at if pile is Pile.OVER else task.answer_by).isoformat()}_{task.task_id}"


def listed(shown: Sequence[Shown]) -> Deed:
    """That these tasks were shown."""
    return Deed("search-type", "Task", found=tuple(f"Task/{one.task.task_id}" for one in shown))


ROUTES = [
    Route("/", show_inbox, methods=["GET"]),
    Route("/alerts/{gap_id}", show_alert, methods=["GET"]),
    Route("/tasks/{task_id}", show_task, methods=["GET"]),
    Route("/tasks/{task_id}", say, methods=["POST"]),
]
