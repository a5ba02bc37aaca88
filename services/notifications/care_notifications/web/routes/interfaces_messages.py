"""Any message by any of its numbers; its whole way; mending a copy of it, and having it read again."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from care_notifications.adapters.intake_errors import IntakeRefusedError
from care_notifications.adapters.intake_messages import Sought, Whole
from care_notifications.core.callers import Right
from care_notifications.web.desk import desk_of, viewer, zone_of
from care_notifications.web.gate import visit_of
from care_notifications.web.interface_acts import act_in, moment_in, note, sentence_of_fix, sentence_of_replay
from care_notifications.web.interface_words import VERDICTS, tabs, verdict_word
from care_notifications.web.message_views import events_of, message_rows, way_of
from care_notifications.web.roles import only_for
from care_notifications.web.words import past

RECEIPT_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
NEWEST_OF = timedelta(days=7)  # what the page shows when nothing was asked for
MOST_EVENTS = 20  # of one message, whose way through this service is told
PLACES = 3
SAID = {
    "mended": "The mended copy was taken. This is it; the original keeps its bytes and names this copy.",
    "replayed": "Replayed. How it stands now is below; who asked is on record.",
}


async def show_messages(request: Request) -> Response:
    """The newest messages, or those that were asked for. What is asked comes in a form: it may name a patient."""
    desk, visit = desk_of(request), visit_of(request)
    zone = zone_of(desk, visit)
    try:
        sought = _sought(visit.form, zone)
    except ValueError:
        raise HTTPException(422) from None
    asked = replace(sought, since=visit.now - NEWEST_OF) if sought == Sought() else sought
    found = await desk.intake.messages.search(asked)
    return desk.page(
        request, "interface_messages.html", tabs=tabs(request, "messages"), sought=visit.form,
        is_asked=sought != Sought(), rows=message_rows(found.messages, visit.now, zone), following=found.next,
        sources=await desk.intake.sources(), verdicts=VERDICTS, zone=str(zone),
    )  # fmt: skip


async def show_message(request: Request) -> Response:
    """Where it came from, what it says, what became of it. Values are replaced."""
    shown = await desk_of(request).intake.messages.shown(receipt_of(request))
    return await _page(request, shown, said=SAID.get(request.query_params.get("said", ""), ""))


async def show_values(request: Request) -> Response:
    """The same with its values: a deliberate act, written down at intake and here before anything is shown."""
    desk, receipt_id = desk_of(request), receipt_of(request)
    shown = await desk.intake.messages.values(receipt_id, viewer(visit_of(request)).username)
    await note(request, "read_message_values", receipt_id)
    return await _page(request, shown)


async def fix(request: Request) -> Response:
    """Try other values at some places, or keep the copy that has them."""
    desk, receipt_id, form = desk_of(request), receipt_of(request), visit_of(request).form
    changes, act = _changes(form), act_in(request)
    if not changes or act is None:
        return await _again(request, "Say at which place which value is right, and why you know it.")
    try:
        done = await desk.intake.messages.fix(receipt_id, changes, act)
    except IntakeRefusedError as error:
        return await _again(request, f"Not possible: {error}.")
    if act.is_trial or not done.is_kept:
        return await _again(request, sentence_of_fix(done), tone="good" if done.is_kept else "warn")
    await note(request, "fix_message", receipt_id)
    return RedirectResponse(f"/interfaces/messages/{done.receipt_id}?said=mended", 303)


async def replay(request: Request) -> Response:
    """Have the stored bytes decided again, or see what would come of it."""
    desk, receipt_id, act = desk_of(request), receipt_of(request), act_in(request)
    if act is None:
        return await _again(request, "Say why; it stays on record beside your name.")
    try:
        done = await desk.intake.messages.replay(receipt_id, act)
    except IntakeRefusedError as error:
        return await _again(request, f"Not possible: {error}.")
    if act.is_trial:
        return await _again(request, sentence_of_replay(done), tone="good" if done.is_applied else "warn")
    await note(request, "replay_message", receipt_id)
    return RedirectResponse(f"/interfaces/messages/{receipt_id}?said=replayed", 303)


def receipt_of(request: Request) -> str:
    """The message in the address. Raises a 404 when it is no id."""
    text: str = request.path_params["receipt_id"]
    if not RECEIPT_ID.fullmatch(text):
        raise HTTPException(404)
    return text


async def _again(request: Request, said: str, tone: str = "bad") -> Response:
    shown = await desk_of(request).intake.messages.shown(receipt_of(request))
    return await _page(request, shown, said=said, tone=tone)


async def _page(request: Request, shown: Whole, said: str = "", tone: str = "good") -> Response:
    desk, visit = desk_of(request), visit_of(request)
    zone = zone_of(desk, visit)
    here = [step for event in events_of(shown)[:MOST_EVENTS] for step in await desk.trace(event)]
    there, led_to = way_of(shown.steps, here, visit.now, zone)
    return desk.page(
        request, "interface_message.html", tabs=tabs(request, "messages"), message=shown, form=visit.form,
        verdict=verdict_word(shown.verdict), received=past(shown.received_at, visit.now, zone), steps=there,
        led_to=led_to, hands=[(one, past(one.at, visit.now, zone)) for one in shown.hands],
        twins=[(one, past(one.received_at, visit.now, zone), verdict_word(one.verdict)) for one in shown.twins],
        said=said, tone=tone, places=range(1, PLACES + 1),
        is_mendable=shown.verdict in ("quarantined", "rejected") and not shown.mended_by,
    )  # fmt: skip


def _sought(form: Mapping[str, str], zone: ZoneInfo) -> Sought:
    """What the form asks for. Raises ValueError for a time that is none, or a verdict that is none."""
    verdict = form.get("verdict", "")
    if verdict and verdict not in VERDICTS:
        raise ValueError("verdict")
    return Sought(
        named=form.get("named", "").strip()[:200],
        source=form.get("source", "")[:100],
        verdicts=(verdict,) if verdict else (),
        since=moment_in(form.get("since", ""), zone),
        until=moment_in(form.get("until", ""), zone),
        after=form.get("after", "")[:64],
    )


def _changes(form: Mapping[str, str]) -> dict[str, str]:
    named = [(form.get(f"place{one}", "").strip(), form.get(f"value{one}", "")) for one in range(1, PLACES + 1)]
    return {place: value for place, value in named if place}


PAGES = [
    Route("/interfaces/messages", show_messages, methods=["GET", "POST"]),
    Route("/interfaces/messages/{receipt_id}", show_message, methods=["GET"]),
    Route("/interfaces/messages/{receipt_id}/values", show_values, methods=["POST"]),
    Route("/interfaces/messages/{receipt_id}/fix", fix, methods=["POST"]),
    Route("/interfaces/messages/{receipt_id}/replay", replay, methods=["POST"]),
]
ROUTES = only_for(Right.WORK_ON_MESSAGES, PAGES)
