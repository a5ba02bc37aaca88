"""The patients of this person, and the page of one: picture, timeline, what is planned, and a sheet to print."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from care_notifications.adapters.patient_looks import View
from care_notifications.adapters.patient_pages import Chartfile
from care_notifications.core.callers import CARE_ROLES
from care_notifications.core.picture.seeing import Reader
from care_notifications.core.planning import ContactDone, Plan, PlanContact, PlanVisit
from care_notifications.web.desk import desk_of, viewer
from care_notifications.web.gate import visit_of
from care_notifications.web.patient_lines import line_view
from care_notifications.web.patient_views import PatientView, ids_in, patient_view
from care_notifications.web.timeline_views import FILTERS, days_of, wanted_of
from care_notifications.web.vitals_views import SPANS, vitals_view
from care_shared.business_days import at_local
from care_shared.errors import NotFoundError
from care_shared.vocabulary import PatientId

PATIENT_ID = re.compile(r"[^\x00-\x1f\x7f/]{1,128}")
PAGE_SIZE = 50
LONGEST_SPECIALTY = 64
CALL_BY = time(17)  # a contact is planned for a day; until when it should have been made, at the patient's home
TAB_WORDS = {"mine": "My patients", "all": "All by priority"}


@dataclass(frozen=True, slots=True)
class Opened:
    """A patient whom this person may look at."""

    file: Chartfile
    reader: Reader
    shown: PatientView


async def show_list(request: Request) -> Response:
    """My panel, or everybody; a search by id leads straight to the page."""
    desk, visit = desk_of(request), visit_of(request)
    await _let_in(request, "", "list")
    asked = request.query_params
    tab, wanted = asked.get("tab", "mine"), asked.get("id", "").strip()
    if tab not in TAB_WORDS:
        raise HTTPException(404)
    if wanted and (found := await _found(request, wanted)) is not None:
        return RedirectResponse(f"/patients/{found}", 303)
    person = viewer(visit).person
    page = await desk.patients.lists.page(person, everybody=tab == "all", after=asked.get("after"), size=PAGE_SIZE)
    lines = [line_view(row, page.priorities[row["patient_id"]], visit.now) for row in page.rows]
    following = urlencode({"tab": tab, "after": page.next_after}) if page.next_after else ""
    return desk.page(
        request, "patients.html", tab=tab, tabs=TAB_WORDS, lines=lines, following=following, wanted=wanted,
        continued="after" in asked,
    )  # fmt: skip


async def _found(request: Request, wanted: str) -> PatientId | None:
    if not PATIENT_ID.fullmatch(wanted):
        return None
    try:
        return await desk_of(request).patients.lists.find(wanted)
    except NotFoundError:
        return None


async def show_patient(request: Request) -> Response:
    """One patient: picture and timeline. A page of the timeline alone is asked for by itself."""
    moved = await _moved(request)
    if moved is not None:
        return moved
    desk, visit, asked = desk_of(request), visit_of(request), request.query_params
    chosen, days = asked.get("show", "all"), asked.get("days", "30")
    if chosen not in FILTERS or days not in SPANS:
        raise HTTPException(404)
    opened = await _open(request, "page")
    readings = await desk.patients.pages.readings(opened.file.patient_id, visit.now - timedelta(days=SPANS[days]))
    return desk.page(
        request,
        "patient.html",
        patient=opened.shown,
        vitals=vitals_view(readings, opened.file, opened.shown.picture, opened.reader, (visit.now, SPANS[days])),
        days=days,
        spans=tuple(SPANS),
        said=asked.get("said") == "planned",
        today=visit.now.astimezone(opened.shown.zone).date().isoformat(),
        line=await _timeline(request, opened, chosen),
    )


async def _timeline(request: Request, opened: Opened, chosen: str) -> dict[str, object]:
    """A page of the timeline, and since when things on it are new to this person; looking moves that mark."""
    patients, now, after = desk_of(request).patients, visit_of(request).now, request.query_params.get("after")
    patient_id, zone = opened.file.patient_id, opened.shown.zone
    since = await patients.looks.look(opened.reader.person, patient_id, now)
    page = await patients.timeline.page(patient_id, wanted_of(chosen, since, after), opened.reader)
    return {
        "chosen": chosen,
        "filters": FILTERS,
        "timeline": days_of(page.entries, now, zone, since),
        "following": page.next_after,
        "continued": after is not None,
        "since": since.astimezone(zone).strftime("%a %-d %b, %H:%M") if since else "",
    }


async def show_print(request: Request) -> Response:
    """A summary on paper: the picture without its timeline, with a word about who printed it and when."""
    moved = await _moved(request)
    if moved is not None:
        return moved
    desk, visit = desk_of(request), visit_of(request)
    opened = await _open(request, "print")
    readings = await desk.patients.pages.readings(opened.file.patient_id, visit.now - timedelta(days=30))
    vitals = vitals_view(readings, opened.file, opened.shown.picture, opened.reader, (visit.now, 30))
    printed = visit.now.astimezone(opened.shown.zone).strftime("%a %-d %b %Y, %H:%M %Z")
    return desk.page(request, "patient_print.html", patient=opened.shown, vitals=vitals, printed=printed)


async def plan_visit(request: Request) -> Response:
    """An appointment was made; the time on the form is that of the patient's home."""

    def read(form: dict[str, str], zone: ZoneInfo) -> Plan:
        starts_at = datetime.fromisoformat(form["starts_at"]).replace(tzinfo=zone).astimezone(UTC)
        specialty = form.get("specialty", "").strip()[:LONGEST_SPECIALTY]
        return PlanVisit(_act_id(form), starts_at, specialty, form.get("by") == "video")

    return await _planned(request, read)


async def plan_contact(request: Request) -> Response:
    """Somebody will call on that day."""

    def read(form: dict[str, str], zone: ZoneInfo) -> Plan:
        return PlanContact(_act_id(form), at_local(date.fromisoformat(form["due_on"]), CALL_BY, zone))

    return await _planned(request, read)


async def contact_done(request: Request) -> Response:
    """The planned contact was made."""
    return await _planned(request, lambda form, _zone: ContactDone(_act_id(form), str(UUID(form["task_id"]))))


async def _planned(request: Request, read: Callable[[dict[str, str], ZoneInfo], Plan]) -> Response:
    desk, opened = desk_of(request), await _open(request, "plan")
    try:
        plan = read(visit_of(request).form, opened.shown.zone)
    except (KeyError, ValueError, OverflowError):
        raise HTTPException(422) from None
    await desk.patients.pages.plan(opened.file.patient_id, plan)
    return RedirectResponse(f"/patients/{opened.file.patient_id}?said=planned", 303)


def _act_id(form: dict[str, str]) -> str:
    return str(UUID(form["act_id"]))


def _patient_id(request: Request) -> PatientId:
    text = request.path_params["patient_id"]
    if not PATIENT_ID.fullmatch(text):
        raise HTTPException(404)
    return PatientId(text)


async def _moved(request: Request) -> Response | None:
    """Whoever was merged into somebody else is looked at there."""
    patient_id = _patient_id(request)
    await _let_in(request, patient_id, "page")
    try:
        head = await desk_of(request).patients.pages.head_of(patient_id)
    except NotFoundError:
        await _note(request, patient_id, "page", "unknown")
        raise HTTPException(404) from None
    return None if head == patient_id else RedirectResponse(f"/patients/{head}", 303)


async def _let_in(request: Request, patient_id: str, page: str) -> None:
    """Only the care team's own roles. Raises a 403, after the attempt was written down."""
    if not CARE_ROLES.intersection(viewer(visit_of(request)).roles):
        await _note(request, patient_id, page, "refused")
        raise HTTPException(403)
    if page == "list":
        await _note(request, patient_id, page, "shown")


async def _note(request: Request, patient_id: str, page: str, outcome: str, not_shown: int = 0) -> None:
    visit = visit_of(request)
    view = View(viewer(visit).person, patient_id, page, outcome, not_shown)
    await desk_of(request).patients.looks.note(view, visit.now)


async def _open(request: Request, page: str) -> Opened:
    """The picture as this person may see it; that they looked is written down before anything is shown."""
    desk, visit, patient_id = desk_of(request), visit_of(request), _patient_id(request)
    await _let_in(request, patient_id, page)
    file = await desk.patients.pages.file(patient_id)
    person = viewer(visit)
    reader = Reader(person.person, frozenset(person.roles), file.circle)
    shown = patient_view(file, reader, await desk.patients.pages.names(ids_in(file)), visit.now)
    await _note(request, patient_id, page, "shown", shown.not_shown)
    return Opened(file, reader, shown)


ROUTES = [
    Route("/patients", show_list, methods=["GET"]),
    Route("/patients/{patient_id}", show_patient, methods=["GET"]),
    Route("/patients/{patient_id}/print", show_print, methods=["GET"]),
    Route("/patients/{patient_id}/visits", plan_visit, methods=["POST"]),
    Route("/patients/{patient_id}/contacts-planned", plan_contact, methods=["POST"]),
    Route("/patients/{patient_id}/contacts-done", contact_done, methods=["POST"]),
]
