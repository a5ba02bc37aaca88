"""Who is who: messages whose numbers leave that open, what speaks for and against, and a person's word."""

import re

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from care_notifications.adapters.intake_errors import IntakeRefusedError
from care_notifications.adapters.intake_identities import Evidence
from care_notifications.core.callers import Right
from care_notifications.web.desk import desk_of, viewer, zone_of
from care_notifications.web.gate import visit_of
from care_notifications.web.identity_views import DECISIONS, NEEDS_RECORD, doubt_rows, evidence_view
from care_notifications.web.interface_acts import LONGEST_REASON, SHORTEST_REASON, note
from care_notifications.web.interface_words import tabs
from care_notifications.web.roles import only_for
from care_shared.errors import NotFoundError

NUMBER = re.compile(r"[1-9][0-9]{0,17}")
SAID = {
    "settled": "Settled. What was held goes out now, in the name of the record you named.",
    "kept": "Kept apart: nobody hears of that message. It stays stored.",
    "before": "Somebody settled it before you. Nothing was changed.",
    "tied": "Done. What both records know moves to where it belongs.",
    "tied-before": "It was so already. Nothing was changed.",
}


async def show_doubts(request: Request) -> Response:
    """What waits for a person, the oldest first."""
    return await _list(request)


async def show_doubt(request: Request) -> Response:
    """One doubt; numbers are replaced, and it says whether name and birth date agree."""
    return await _page(request, await desk_of(request).intake.identities.shown(_number(request)))


async def show_values(request: Request) -> Response:
    """The same with numbers, name and birth date: written down at intake and here before anything is shown."""
    desk = desk_of(request)
    shown = await desk.intake.identities.values(_number(request), viewer(visit_of(request)).username)
    await note(request, "read_identity_values", shown.receipt_id)
    return await _page(request, shown)


async def settle(request: Request) -> Response:
    """A person's word."""
    desk, visit, number = desk_of(request), visit_of(request), _number(request)
    decided, reason = visit.form.get("decided", ""), visit.form.get("reason", "").strip()[:LONGEST_REASON]
    record = visit.form.get("record", "").strip()[:200] if decided in NEEDS_RECORD else ""
    problem = _missing(decided, record, reason)
    if not problem:
        word = {"by": viewer(visit).username, "reason": reason, "decided": decided, "record": record}
        try:
            done = await desk.intake.identities.settle(number, word)
        except (IntakeRefusedError, NotFoundError) as error:
            problem = f"Not possible: {error}."
        else:
            await note(request, "settle_identity", str(number))
            said = ("kept" if decided == "kept" else "settled") if done.is_settled else "before"
            return RedirectResponse(f"/interfaces/identities?said={said}", 303)
    return await _page(request, await desk.intake.identities.shown(number), problem)


async def tie(request: Request) -> Response:
    """Two records are one person from now on, or two after all."""
    visit = visit_of(request)
    survivor, other = (visit.form.get(name, "").strip()[:200] for name in ("survivor", "other"))
    reason, is_one = visit.form.get("reason", "").strip()[:LONGEST_REASON], visit.form.get("is_one", "yes") == "yes"
    if not survivor or not other or len(reason) < SHORTEST_REASON:
        return await _list(request, "Name both records, and say why you know it.")
    word = {"by": viewer(visit).username, "reason": reason, "survivor": survivor, "other": other, "is_one": is_one}
    try:
        done = await desk_of(request).intake.identities.tie(word)
    except (IntakeRefusedError, NotFoundError) as error:
        return await _list(request, f"Not possible: {error}.")
    await note(request, "merge_records" if is_one else "part_records", "")
    return RedirectResponse(f"/interfaces/identities?said={'tied' if done.is_changed else 'tied-before'}", 303)


def _missing(decided: str, record: str, reason: str) -> str:
    if decided not in DECISIONS:
        return "Choose what is right."
    if decided in NEEDS_RECORD and not record:
        return "Choose the record."
    return "" if len(reason) >= SHORTEST_REASON else "Say why you know it; it stays on record beside your name."


def _number(request: Request) -> int:
    text = request.path_params["number"]
    if not NUMBER.fullmatch(text):
        raise HTTPException(404)
    return int(text)


async def _list(request: Request, problem: str = "") -> Response:
    desk, visit = desk_of(request), visit_of(request)
    found = await desk.intake.identities.doubts()
    return desk.page(
        request, "interface_identities.html", tabs=tabs(request, "identities"),
        doubts=doubt_rows(found.doubts, visit.now, zone_of(desk, visit)), is_cut=found.is_cut, problem=problem,
        said=SAID.get(request.query_params.get("said", ""), ""), form=visit.form,
    )  # fmt: skip


async def _page(request: Request, shown: Evidence, problem: str = "") -> Response:
    desk, visit = desk_of(request), visit_of(request)
    return desk.page(
        request, "interface_identity.html", tabs=tabs(request, "identities"), problem=problem, form=visit.form,
        doubt=evidence_view(shown, visit.now, zone_of(desk, visit)), decisions=DECISIONS,
    )  # fmt: skip


PAGES = [
    Route("/interfaces/identities", show_doubts, methods=["GET"]),
    Route("/interfaces/identities/tie", tie, methods=["POST"]),
    Route("/interfaces/identities/{number}", show_doubt, methods=["GET"]),
    Route("/interfaces/identities/{number}/values", show_values, methods=["POST"]),
    Route("/interfaces/identities/{number}/settle", settle, methods=["POST"]),
]
ROUTES = only_for(Right.WORK_ON_MESSAGES, PAGES)
