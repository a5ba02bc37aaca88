"""Dead letters: why messages were given up, what stands in them, and sending them again or letting them go."""

import base64
import json
import re
from collections.abc import Sequence

from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from care_notifications.adapters.postgres_dead_letters import MOST_AT_ONCE, Doer, Shelved
from care_notifications.core.callers import Right
from care_notifications.core.letters import LetterAct, readable
from care_notifications.web.desk import Desk, desk_of, zone_of
from care_notifications.web.gate import visit_of
from care_notifications.web.interface_words import tabs
from care_notifications.web.letter_views import DONE, act_view, letter_view, pile_view
from care_notifications.web.roles import entitled

SHELF = "/interfaces/dead-letters"
LETTER, CAUSE = re.compile(r"[0-9a-f-]{36}"), re.compile(r"[0-9a-f]{16}")
LONGEST_REASON, MOST_SHOWN, NEWEST = 300, 25, 20


async def show_shelf(request: Request) -> Response:
    """What waits, by topic and cause, and what was settled last."""
    entitled(request, Right.WORK_ON_MESSAGES)
    desk, visit = desk_of(request), visit_of(request)
    zone, asked = zone_of(desk, visit), request.query_params
    count = asked.get("count", "")
    said = DONE[asked["done"]](int(count)) if asked.get("done") in DONE and count.isdigit() else ""
    return desk.page(
        request, "interfaces_letters.html", tabs=tabs(request, "dead-letters"), said=said,
        piles=[pile_view(one, visit.now, zone) for one in await desk.letters.piles()],
        settled=[letter_view(one, visit.now, zone) for one in await desk.letters.settled(NEWEST)],
    )  # fmt: skip


async def show_cause(request: Request) -> Response:
    """The letters that wait for one cause, and what can be done with all of them."""
    return await _cause_page(request)


async def replay_cause(request: Request) -> Response:
    """Send all of them again that can be."""
    desk, doer, letters = await _all_of(request)
    return _done("replayed", await desk.letters.replay([one.id for one in letters], doer))


async def discard_cause(request: Request) -> Response:
    """Let all of them go, for a reason."""
    desk, doer, letters = await _all_of(request)
    if not doer.reason:
        return await _cause_page(request, "Say why: somebody will ask.", 422)
    return _done("discarded", await desk.letters.discard([one.id for one in letters], doer))


async def export_cause(request: Request) -> Response:
    """All of them, whole, as a file; written down first."""
    desk, doer, letters = await _all_of(request)
    return await _exported(desk, letters, doer)


async def show_letter(request: Request) -> Response:
    """One letter, masked."""
    return await _letter_page(request)


async def unmask_letter(request: Request) -> Response:
    """The same with its values; who looked is written down before anything is shown."""
    desk, doer, letter = await _one(request)
    await desk.letters.note([letter.id], LetterAct.UNMASKED, doer)
    return await _letter_page(request, shown=readable(letter.letter.content.value))


async def replay_letter(request: Request) -> Response:
    """Send it again."""
    desk, doer, letter = await _one(request)
    return _done("replayed", await desk.letters.replay([letter.id], doer))


async def discard_letter(request: Request) -> Response:
    """Let it go, for a reason."""
    desk, doer, letter = await _one(request)
    if not doer.reason:
        return await _letter_page(request, "Say why: somebody will ask.", 422)
    return _done("discarded", await desk.letters.discard([letter.id], doer))


async def export_letter(request: Request) -> Response:
    """It, whole, as a file; written down first."""
    desk, doer, letter = await _one(request)
    return await _exported(desk, [letter], doer)


async def _cause_page(request: Request, problem: str = "", status: int = 200) -> Response:
    entitled(request, Right.WORK_ON_MESSAGES)
    desk, visit = desk_of(request), visit_of(request)
    cause, letters = await desk.letters.pile(_named(request, "cause", CAUSE))
    views = [letter_view(one, visit.now, zone_of(desk, visit)) for one in letters]
    return desk.page(
        request, "interfaces_letter_cause.html", status, tabs=tabs(request, "dead-letters"), cause=cause,
        letters=views[:MOST_SHOWN], count=len(views), is_more=len(views) == MOST_AT_ONCE, problem=problem,
        again=sum(not one.why_not_again for one in letters),
        why_not=next((one.why_not_again for one in letters if one.why_not_again), ""),
    )  # fmt: skip


async def _letter_page(request: Request, problem: str = "", status: int = 200, shown: str = "") -> Response:
    entitled(request, Right.WORK_ON_MESSAGES)
    desk, visit = desk_of(request), visit_of(request)
    zone = zone_of(desk, visit)
    letter, acts = await desk.letters.one(_named(request, "letter", LETTER))
    return desk.page(
        request, "interfaces_letter.html", status, tabs=tabs(request, "dead-letters"), shown=shown,
        letter=letter_view(letter, visit.now, zone), problem=problem,
        came_back=await desk.letters.came_back(letter),
        acts=[act_view(one, visit.now, zone) for one in acts],
    )  # fmt: skip


async def _one(request: Request) -> tuple[Desk, Doer, Shelved]:
    doer, desk = _doer(request), desk_of(request)
    letter, _ = await desk.letters.one(_named(request, "letter", LETTER))
    return desk, doer, letter


async def _all_of(request: Request) -> tuple[Desk, Doer, Sequence[Shelved]]:
    doer, desk = _doer(request), desk_of(request)
    _, letters = await desk.letters.pile(_named(request, "cause", CAUSE))
    return desk, doer, letters


def _doer(request: Request) -> Doer:
    signed_in, visit = entitled(request, Right.WORK_ON_MESSAGES), visit_of(request)
    return Doer(signed_in.person, visit.now, " ".join(visit.form.get("reason", "").split())[:LONGEST_REASON])


def _named(request: Request, name: str, pattern: re.Pattern[str]) -> str:
    said: str = request.path_params[name]
    if not pattern.fullmatch(said):
        raise HTTPException(404)
    return said


def _done(word: str, count: int) -> Response:
    return RedirectResponse(str(URL(SHELF).include_query_params(done=word, count=count)), 303)


async def _exported(desk: Desk, letters: Sequence[Shelved], doer: Doer) -> Response:
    await desk.letters.note([one.id for one in letters], LetterAct.EXPORTED, doer)
    headers = {"content-disposition": 'attachment; filename="dead-letters.jsonl"'}
    return Response("".join(map(_line, letters)), media_type="application/jsonl", headers=headers)


def _line(one: Shelved) -> str:
    letter, content = one.letter, one.letter.content
    said = {
        "letter_id": one.id, "topic": letter.cause.topic, "partition": letter.partition, "offset": letter.offset,
        "error": letter.cause.error, "field": letter.cause.field, "problem": letter.cause.problem,
        "recorded_at": letter.recorded_at.isoformat(), "key_base64": base64.b64encode(content.key).decode(),
        "value_base64": base64.b64encode(content.value).decode(),
        "headers_base64": [[name, base64.b64encode(value).decode()] for name, value in content.headers or ()],
    }  # fmt: skip
    return json.dumps(said) + "\n"


ROUTES = [
    Route(SHELF, show_shelf, methods=["GET"]),
    Route(SHELF + "/causes/{cause}", show_cause, methods=["GET"]),
    Route(SHELF + "/causes/{cause}/replay", replay_cause, methods=["POST"]),
    Route(SHELF + "/causes/{cause}/discard", discard_cause, methods=["POST"]),
    Route(SHELF + "/causes/{cause}/export", export_cause, methods=["POST"]),
    Route(SHELF + "/{letter}", show_letter, methods=["GET"]),
    Route(SHELF + "/{letter}/unmask", unmask_letter, methods=["POST"]),
    Route(SHELF + "/{letter}/replay", replay_letter, methods=["POST"]),
    Route(SHELF + "/{letter}/discard", discard_letter, methods=["POST"]),
    Route(SHELF + "/{letter}/export", export_letter, methods=["POST"]),
]
