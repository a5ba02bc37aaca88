"""The shift report: what happened, what is still open for those who come, as a page, on paper, or as a file."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from care_notifications.adapters.postgres_api_audit import AuditLine
from care_notifications.adapters.postgres_sessions import SignedIn
from care_notifications.core.callers import Right
from care_notifications.core.shift import SPANS, Shift, Span, shift_of
from care_notifications.web.csv_file import csv_file, csv_text
from care_notifications.web.desk import desk_of
from care_notifications.web.gate import visit_of
from care_notifications.web.roles import entitled, may
from care_notifications.web.shift_views import HEADS, shift_parts, shift_rows
from care_notifications.web.words import past

SHOWN, EXPORTED = 60, 5000
MINE, EVERYBODY = "me", "all"


async def show_shift(request: Request) -> Response:
    """One's own shift; a supervisor may ask for anybody's, or for all."""
    signed_in = entitled(request, Right.SEE_ALERTS)
    desk, now = desk_of(request), visit_of(request).now
    span, people = _span(request), await _people(request, signed_in)
    who, zone = _who(request, signed_in, people), desk.insight.zone
    shift = shift_of(span, now, zone)
    found = await desk.insight.shifts.report(_person(who, signed_in), shift, SHOWN + 1)
    return desk.page(
        request,
        "shift.html",
        parts=shift_parts(found, now, zone, SHOWN),
        span=span.value,
        spans={one.value: word for one, word in SPANS.items()},
        who=who,
        people=people,
        shift={name: past(getattr(shift, name), now, zone) for name in ("since", "until", "next_until")},
        oversees=may(signed_in, Right.SEE_OPERATIONS),
    )


async def export_shift(request: Request) -> Response:
    """The same as a file; that somebody took it is noted."""
    signed_in = entitled(request, Right.SEE_ALERTS)
    desk, now = desk_of(request), visit_of(request).now
    shift = shift_of(_span(request), now, desk.insight.zone)
    who = _who(request, signed_in, await _people(request, signed_in))
    text = await _csv(request, shift, _person(who, signed_in))
    caller = f"session:{signed_in.username}"
    await desk.insight.audit.note(AuditLine(now, caller, signed_in.person, "export_shift", who, 200), changed=True)
    return csv_file(f"carelead-shift-{now.astimezone(desk.insight.zone):%Y-%m-%d}", text)


async def _csv(request: Request, shift: Shift, person: str | None) -> str:
    return csv_text(HEADS, shift_rows(await desk_of(request).insight.shifts.report(person, shift, EXPORTED)))


def _span(request: Request) -> Span:
    try:
        return Span(request.query_params.get("shift", Span.LAST_8))
    except ValueError:
        raise HTTPException(404) from None


def _who(request: Request, signed_in: SignedIn, people: dict[str, str]) -> str:
    """Whose shift. Raises a 403 when that is somebody else's and not for this person to see, a 404 for nobody's."""
    who = request.query_params.get("who", MINE)
    if who not in people:
        raise HTTPException(404 if may(signed_in, Right.SEE_OPERATIONS) else 403)
    return who


def _person(who: str, signed_in: SignedIn) -> str | None:
    return None if who == EVERYBODY else signed_in.person if who == MINE else who


async def _people(request: Request, signed_in: SignedIn) -> dict[str, str]:
    """Whose shift may be asked for."""
    if not may(signed_in, Right.SEE_OPERATIONS):
        return {MINE: "Mine"}
    rows = await desk_of(request).people.all(visit_of(request).now)
    named = {row["person_id"]: row["display_name"] for row in rows if row["active"]}
    return {MINE: "Mine", EVERYBODY: "Everybody"} | named


ROUTES = [
    Route("/team/shift", show_shift, methods=["GET"]),
    Route("/team/shift.csv", export_shift, methods=["GET"]),
]
