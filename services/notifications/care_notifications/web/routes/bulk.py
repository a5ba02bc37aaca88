"""Several alerts at once: acknowledge them, or hand them to one colleague; each is judged and kept by itself."""

import json
import re
from collections.abc import Awaitable, Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from care_notifications.adapters.postgres_held import Held
from care_notifications.core.acts import Acknowledge, Answer, Ask, Done, HandOver, HandOverReason
from care_notifications.web.desk import desk_of, viewer
from care_notifications.web.gate import visit_of
from care_notifications.web.routes.answering import back_of, why_not
from care_notifications.web.routes.worklist import GAP_ID
from care_shared.contracts.envelope import derived_id
from care_shared.errors import NotFoundError
from care_shared.vocabulary import GapId, PersonId

PICK = "pick."
VERSION = re.compile(r"[0-9]{1,15}")


async def acknowledge_all(request: Request) -> Response:
    """This person takes each of them, as they saw it."""
    desk, visit = desk_of(request), visit_of(request)
    person, act_id = viewer(visit).person, visit.form.get("act_id", "")
    answers = {}
    for gap_id, seen in _picked(visit.form).items():
        ask = Ask(gap_id, Acknowledge(), person, derived_id("bulk", act_id, gap_id), seen)
        answers[gap_id] = await _or_nothing(desk.acts.act(ask, visit.now))
    return _told(request, answers, "acknowledged")


async def hand_over_all(request: Request) -> Response:
    """One colleague answers for each of them, ten seconds from now unless it is taken back."""
    desk, visit = desk_of(request), visit_of(request)
    person, act_id = viewer(visit).person, visit.form.get("act_id", "")
    try:
        action = HandOver(PersonId(visit.form["to"]), HandOverReason(visit.form["reason"]))
    except (KeyError, ValueError):
        raise HTTPException(422) from None
    answers = {}
    for gap_id, seen in _picked(visit.form).items():
        held = Held(derived_id("bulk", act_id, gap_id), gap_id, action, person, seen)
        answers[gap_id] = await _or_nothing(desk.held.hold(held, visit.now))
    return _told(request, answers, "handed over")


async def _or_nothing(answering: Awaitable[Answer]) -> Answer | None:
    """None when the alert is no longer there: the others are done all the same."""
    try:
        return await answering
    except NotFoundError:
        return None


def _picked(form: Mapping[str, str]) -> dict[GapId, int]:
    """Which alerts, and what was seen of each. Raises a 422 for what our own form could not say, and for none."""
    found = {name.removeprefix(PICK): value for name, value in form.items() if name.startswith(PICK)}
    sound = all(GAP_ID.fullmatch(gap) and VERSION.fullmatch(value) for gap, value in found.items())
    if not sound or not found:
        raise HTTPException(422)
    return {GapId(gap): int(value) for gap, value in found.items()}


def _told(request: Request, answers: Mapping[GapId, Answer | None], done_word: str) -> Response:
    desk, visit = desk_of(request), visit_of(request)
    back = back_of(visit.form.get("back", ""), "mine")
    done = [gap for gap, answer in answers.items() if isinstance(answer, Done)]
    not_done = {
        gap: why_not(answer, visit.now)[0] if answer is not None else "Nothing was changed: it is no longer there."
        for gap, answer in answers.items()
        if not isinstance(answer, Done)
    }
    if "hx-request" in request.headers:
        left = f" {len(not_done)} not: look at what is still picked." if not_done else ""
        sentence = {"carelead:said": {"sentence": f"{len(done)} {done_word}.{left}"}, "carelead:refresh": {}}
        return Response(status_code=204, headers={"hx-trigger": json.dumps(sentence)})
    if not not_done:
        return RedirectResponse(f"/?{back}", 303)
    return desk.page(
        request, "bulk_conflict.html", 409, done=len(done), done_word=done_word, not_done=not_done, back=back
    )


ROUTES = [
    Route("/bulk/acknowledge", acknowledge_all, methods=["POST"]),
    Route("/bulk/hand-over", hand_over_all, methods=["POST"]),
]
