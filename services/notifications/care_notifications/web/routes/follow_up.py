"""What a person did about an alert, beside a contact: a step, a booked visit, a reconciliation, useful or not."""

from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from care_notifications.core.follow_up import Act, MedicinesReconciled, NotUseful, Rated, ReconciledBy, VisitBooked
from care_notifications.core.follow_up import StepTaken as Taken
from care_notifications.core.local_time import zone_named
from care_notifications.web.desk import desk_of, viewer
from care_notifications.web.gate import visit_of
from care_notifications.web.routes.worklist import gap_id_of
from care_shared.contracts.envelope import UtcDatetime

LONGEST_SPECIALTY = 64
FACT_TIME: TypeAdapter[datetime] = TypeAdapter(UtcDatetime)  # in UTC, and of a year that a fact may have


async def take_step(request: Request) -> Response:
    """A step of the library was taken."""
    desk, form = desk_of(request), visit_of(request).form
    gap_id, step = gap_id_of(request), desk.shelf.library.step(form.get("step", ""))
    if step is None:
        raise HTTPException(422)
    story = await desk.worklist.story(gap_id)
    around = await desk.shelf.around(story.listed.record.patient_id, visit_of(request).now)
    leaflet = step.leaflet if around.sends_leaflets else ""
    return await _kept(request, Taken(_act_id(form), step.code, desk.shelf.core_service(step, around), leaflet))


async def book_visit(request: Request) -> Response:
    """An appointment was made; the time on the form is that of the patient's home."""
    desk, form = desk_of(request), visit_of(request).form
    story = await desk.worklist.story(gap_id_of(request))
    zone = zone_named(story.listed.alert.patient.home_zone)
    try:
        starts_at = FACT_TIME.validate_python(datetime.fromisoformat(form["starts_at"]).replace(tzinfo=zone))
    except (KeyError, ValueError):
        raise HTTPException(422) from None
    specialty = form.get("specialty", "").strip()[:LONGEST_SPECIALTY]
    return await _kept(request, VisitBooked(_act_id(form), starts_at, specialty, form.get("by") == "video"))


async def reconcile(request: Request) -> Response:
    """The lists of medicines were settled."""
    form = visit_of(request).form
    try:
        act = MedicinesReconciled(_act_id(form), ReconciledBy(form.get("role", "")))
    except ValueError:
        raise HTTPException(422) from None
    return await _kept(request, act)


async def rate(request: Request) -> Response:
    """Useful, or not and why."""
    form = visit_of(request).form
    useful, reason = form.get("useful", ""), form.get("reason", "")
    try:
        because = NotUseful(reason) if useful == "no" else None
    except ValueError:
        raise HTTPException(422) from None
    if useful not in ("yes", "no"):
        raise HTTPException(422)
    return await _kept(request, Rated(_act_id(form), useful == "yes", because))


async def _kept(request: Request, act: Act) -> Response:
    gap_id = gap_id_of(request)
    await desk_of(request).shelf.follow_up.record(gap_id, act, viewer(visit_of(request)).person)
    return RedirectResponse(f"/alerts/{gap_id}", 303)


def _act_id(form: dict[str, str]) -> str:
    try:
        return str(UUID(form["act_id"]))
    except (KeyError, ValueError):
        raise HTTPException(422) from None


ROUTES = [
    Route("/alerts/{gap_id}/steps", take_step, methods=["POST"]),
    Route("/alerts/{gap_id}/visits", book_visit, methods=["POST"]),
    Route("/alerts/{gap_id}/reconciliations", reconcile, methods=["POST"]),
    Route("/alerts/{gap_id}/ratings", rate, methods=["POST"]),
]
