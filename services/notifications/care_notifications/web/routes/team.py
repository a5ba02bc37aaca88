"""The supervisor's page: load and ages, what nobody took, leaves and covers, and all work of one person handed over."""

from datetime import UTC, datetime

from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from care_notifications.adapters.postgres_api_audit import AuditLine
from care_notifications.adapters.postgres_handing import Why
from care_notifications.adapters.postgres_sessions import SignedIn
from care_notifications.core.acts import HandOverReason
from care_notifications.core.callers import Right
from care_notifications.core.state import Leave
from care_notifications.web.desk import desk_of, zone_of
from care_notifications.web.gate import visit_of
from care_notifications.web.roles import entitled, may
from care_notifications.web.team_views import finding_views, leave_views, person_rows, pile_views
from care_notifications.web.work_words import HAND_OVERS
from care_shared.errors import ConfigurationError, NotFoundError
from care_shared.vocabulary import PersonId

BOARD = "/team/board"
DONE = {
    "leave": "The leave is entered. Open work moves within a minute of its beginning.",
    "back": "The leave is ended. What was moved comes back within a minute.",
    "handed": "The work is handed over; each alert has its line in the history.",
    "nothing": "There was nothing to hand over.",
}


async def enter(request: Request) -> Response:
    """The supervisor's board, or one's own shift."""
    signed_in = entitled(request, Right.SEE_ALERTS)
    return RedirectResponse(BOARD if may(signed_in, Right.SEE_OPERATIONS) else "/team/shift", 303)


async def show_board(request: Request) -> Response:
    """How the team stands."""
    entitled(request, Right.SEE_OPERATIONS)
    return await _board(request)


async def add_leave(request: Request) -> Response:
    """Somebody will be away; by the same door as `carelead leave add`."""
    signed_in = entitled(request, Right.SEE_OPERATIONS)
    desk, visit = desk_of(request), visit_of(request)
    form = visit.form
    try:
        leave = _leave(request)
        await desk.insight.staff.add_leave(PersonId(form.get("person", "")), leave, signed_in.person, visit.now)
    except (ConfigurationError, NotFoundError) as error:
        return await _board(request, f"The leave was not entered: {error}.", 422)
    await _note(request, signed_in, "add_leave", form.get("person", ""))
    return _done("leave")


async def end_leave(request: Request) -> Response:
    """Somebody is back, or does not go."""
    signed_in = entitled(request, Right.SEE_OPERATIONS)
    visit = visit_of(request)
    person = visit.form.get("person", "")
    if not await desk_of(request).insight.staff.end_leave(PersonId(person), visit.now):
        return await _board(request, "Nobody of that name is or will be on leave.", 422)
    await _note(request, signed_in, "end_leave", person)
    return _done("back")


async def hand_over(request: Request) -> Response:
    """All open work of one person goes to another."""
    signed_in = entitled(request, Right.SEE_OPERATIONS)
    visit = visit_of(request)
    person, to = visit.form.get("person", ""), visit.form.get("to", "")
    reason = visit.form.get("reason", "")
    known = {row["person_id"] for row in await desk_of(request).people.all(visit.now)}
    if reason not in {one.value for one in HAND_OVERS} or person not in known:
        raise HTTPException(422)
    why = Why(HandOverReason(reason), signed_in.person, visit.now)
    try:
        moved = await desk_of(request).insight.handing.hand_all(PersonId(person), PersonId(to), why)
    except NotFoundError:
        return await _board(request, "Nothing was handed over: choose a colleague who is here.", 422)
    await _note(request, signed_in, "hand_over_all", person)
    return _done("handed" if moved else "nothing")


async def _board(request: Request, problem: str = "", status: int = 200) -> Response:
    desk, visit = desk_of(request), visit_of(request)
    insight, now, zone = desk.insight, visit.now, zone_of(desk, visit)
    people = await desk.people.all(now)
    state, team = await insight.team.state(now), request.query_params.get("team", "")
    names = {row["person_id"]: row["display_name"] for row in people}
    here = {row["person_id"]: row["display_name"] for row in people if row["active"]}
    rows = person_rows(people, state, now, zone, team)
    return desk.page(
        request,
        "team.html",
        status,
        people=rows,
        piles=pile_views(state, now, entitled(request, Right.SEE_OPERATIONS).person),
        leaves=leave_views(await insight.staff.leaves(), names, now, zone),
        findings=finding_views(await insight.auditor.standing(), names, now, zone),
        choose_from={"": "Choose a person"} | here,
        covers={"": "Nobody in particular"} | here,
        takers={"": "Choose a colleague who is here"}
        | {row["person_id"]: row["display_name"] for row in people if row["active"] and not row["on_leave"]},
        teams={row["team_id"]: row["display_name"] for row in state.teams},
        team=team,
        zone=zone.key,
        reasons={one.value: word for one, word in HAND_OVERS.items()},
        problem=problem,
        said=DONE.get(request.query_params.get("done", ""), ""),
    )


def _leave(request: Request) -> Leave:
    begin, cover = _moment(request, "from"), visit_of(request).form.get("cover", "")
    if begin is None:
        raise ConfigurationError("say from when on the person is away")
    return Leave(begin, _moment(request, "until"), PersonId(cover) if cover else None)


def _moment(request: Request, name: str) -> datetime | None:
    """What a field of the form says, on the clock of whoever filled it in. Raises ConfigurationError."""
    text = visit_of(request).form.get(name, "").strip()
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone_of(desk_of(request), visit_of(request))).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ConfigurationError("a time reads like 2027-03-01T08:00") from None


async def _note(request: Request, signed_in: SignedIn, operation: str, subject: str) -> None:
    caller, now = f"session:{signed_in.username}", visit_of(request).now
    line = AuditLine(now, caller, signed_in.person, operation, subject, 303)
    await desk_of(request).insight.audit.note(line, changed=True)


def _done(word: str) -> Response:
    return RedirectResponse(str(URL(BOARD).include_query_params(done=word)), 303)


ROUTES = [
    Route("/team", enter, methods=["GET"]),
    Route(BOARD, show_board, methods=["GET"]),
    Route("/team/leaves", add_leave, methods=["POST"]),
    Route("/team/leaves/end", end_leave, methods=["POST"]),
    Route("/team/hand-over", hand_over, methods=["POST"]),
]
