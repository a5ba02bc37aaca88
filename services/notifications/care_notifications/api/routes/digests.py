"""Whether the person who asks gets digest mails, and since when; it can be switched off and on again."""

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from care_notifications.adapters.postgres_choices import Choice, Entry
from care_notifications.api.desk import Actor, ApiDesk, ApiDeskHere, Looker, shown
from care_notifications.api.models import Answer
from care_notifications.api.problems import described
from care_shared.vocabulary import PersonId

router = APIRouter(tags=["operations"])
PROBLEMS = described(401, 403, 404, 429, 500, 503)


class DigestChange(Answer):
    """One change of the choice: when, by whom, through which door."""

    wanted: bool
    changed_at: datetime
    said_by: str
    door: Entry


class DigestsShown(Answer):
    """Whether this person gets digest mails, and how that came, the newest change first."""

    wanted: bool
    history: tuple[DigestChange, ...]


class DigestWish(BaseModel):
    """Digest mails, or none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    wanted: bool


@router.get("/me/digests", response_model=DigestsShown, responses=PROBLEMS)
async def show_digests(request: Request, desk: ApiDeskHere, caller: Looker) -> Response:
    """Whether the person who asks gets digest mails."""
    return shown(request, await _digests(desk, caller.person))


@router.put("/me/digests", response_model=DigestsShown, responses=PROBLEMS | described(400, 409, 413, 415, 422))
async def choose_digests(request: Request, desk: ApiDeskHere, caller: Actor, wish: DigestWish) -> Response:
    """Digest mails from now on, or none: then what can wait stays on the worklist, and explanations say so."""
    await desk.digests.choose(Choice(caller.person, wish.wanted, caller.id, Entry.API), request.state.now)
    return shown(request, await _digests(desk, caller.person))


async def _digests(desk: ApiDesk, person: PersonId) -> DigestsShown:
    history = tuple(DigestChange(**dict(row)) for row in await desk.digests.history(person))
    return DigestsShown(wanted=await desk.digests.wanted(person), history=history)
