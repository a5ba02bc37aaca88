"""What people did about an alert goes back as facts: a booked visit, settled medicines, a step taken, useful or not."""

from enum import StrEnum
from typing import Self

from fastapi import APIRouter
from pydantic import Field, model_validator
from starlette.responses import Response

from care_notifications.api.desk import NAME
from care_notifications.api.models import Done
from care_notifications.api.problems import invalid_field
from care_notifications.api.routes.acts import PROBLEMS, Act, Errand, Here, act_id, done, refuse_hidden_and_stale
from care_notifications.core import follow_up
from care_shared.contracts.envelope import UtcDatetime

router = APIRouter(tags=["follow-up"])


class VisitKind(StrEnum):
    """How the visit will be."""

    IN_PERSON = "in-person"
    VIDEO = "video"


class VisitBooked(Act):
    """An appointment was made."""

    starts_at: UtcDatetime
    kind: VisitKind = VisitKind.IN_PERSON
    specialty: str = Field(default="", max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")


class MedicinesReconciled(Act):
    """The lists of medicines were compared and settled."""

    by: follow_up.ReconciledBy


class StepTaken(Act):
    """A step of the reviewed library was taken."""

    step: str = Field(pattern=NAME)


class Rated(Act):
    """Whether the alert was worth its reader's time."""

    useful: bool
    reason: follow_up.NotUseful | None = None

    @model_validator(mode="after")
    def _a_reason_goes_with_no(self) -> Self:
        if self.useful == (self.reason is not None):
            raise ValueError("a reason goes with an alert that was not useful, and only there")
        return self


@router.post("/alerts/{alert_id}/visits", response_model=Done, responses=PROBLEMS)
async def book_visit(here: Here, body: VisitBooked) -> Response:
    """A visit is booked."""
    video = body.kind is VisitKind.VIDEO
    act = follow_up.VisitBooked(act_id(here.request), body.starts_at, body.specialty.strip(), video)
    return await _kept(here, body, act)


@router.post("/alerts/{alert_id}/reconciliations", response_model=Done, responses=PROBLEMS)
async def reconcile(here: Here, body: MedicinesReconciled) -> Response:
    """Medicines are reconciled."""
    return await _kept(here, body, follow_up.MedicinesReconciled(act_id(here.request), body.by))


@router.post("/alerts/{alert_id}/ratings", response_model=Done, responses=PROBLEMS)
async def rate(here: Here, body: Rated) -> Response:
    """The alert was useful, or not and why."""
    return await _kept(here, body, follow_up.Rated(act_id(here.request), body.useful, body.reason))


@router.post("/alerts/{alert_id}/steps", response_model=Done, responses=PROBLEMS)
async def take_step(here: Here, body: StepTaken) -> Response:
    """A next step was taken; for a member of a Health Home it counts as one of the core services."""
    shelf = here.desk.shelf
    step = shelf.library.step(body.step)
    if step is None:
        raise invalid_field("body.step", "is not a step of the library")
    record = (await here.desk.listing.one(here.gap_id)).record
    around = await shelf.around(record.patient_id, here.request.state.now)
    leaflet = step.leaflet if around.sends_leaflets else ""
    taken = follow_up.StepTaken(act_id(here.request), step.code, shelf.core_service(step, around), leaflet)
    return await _kept(here, body, taken)


async def _kept(here: Errand, body: Act, act: follow_up.Act) -> Response:
    await refuse_hidden_and_stale(here, body)
    changed = await here.desk.shelf.follow_up.record(here.gap_id, act, here.caller.person)
    return await done(here, changed)
