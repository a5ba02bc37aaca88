"""What people do with an alert: take it, log how an outreach went."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from care_notifications.adapters.postgres_acts import Contact
from care_notifications.api.desk import Actor, AlertId, ApiDesk, ApiDeskHere, shown
from care_notifications.api.models import Done
from care_notifications.api.problems import NOT_POSSIBLE_NOW, PRECONDITION_FAILED, VERSION_CONFLICT, described
from care_notifications.api.routes.alerts import refuse_hidden
from care_notifications.api.versions import known_version, refused
from care_notifications.api.views import alert_shown
from care_notifications.core.callers import Caller
from care_shared.runtime.clock import random_id
from care_shared.vocabulary import ContactChannel, ContactId, ContactOutcome, ContactParty, ContactPurpose, GapId

router = APIRouter(tags=["acts"])
PROBLEMS = described(400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 500, 503)

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="1 to 255 printable ASCII letters: the same request under the same key is made once, and answered "
        "alike for 24 hours (`Idempotency-Replayed: true`); another request under it is refused",
    ),
]
IfMatch = Annotated[str | None, Header(alias="If-Match", description="the ETag of the alert as it was seen")]


class Act(BaseModel):
    """What every act may say."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int | None = Field(default=None, ge=1, le=10**15, description="the alert's version as it was seen")


class ContactMade(Act):
    """How an outreach went. With `contact_id`, sending it twice is logging it once."""

    contact_id: UUID | None = None
    outcome: ContactOutcome
    channel: ContactChannel
    party: ContactParty
    purpose: ContactPurpose = ContactPurpose.CARE


@router.post("/alerts/{alert_id}/acknowledge", response_model=Done, responses=PROBLEMS)
async def acknowledge(
    request: Request, desk: ApiDeskHere, caller: Actor, alert_id: AlertId, _: Key = None, __: IfMatch = None,
    body: Act | None = None,
) -> Response:  # fmt: skip
    """The caller takes the alert; nobody else is told any more."""
    gap_id = await _checked(request, desk, caller, alert_id, (body or Act()).version)
    taken = await desk.acts.acknowledge(gap_id, caller.person, request.state.now)
    if not taken:
        difference = await desk.versions.since(gap_id, (body or Act()).version or 0)
        raise refused(NOT_POSSIBLE_NOW, "Only an open alert can be taken.", difference)
    return await _done(request, desk, gap_id, changed=True)


@router.post("/alerts/{alert_id}/contacts", response_model=Done, responses=PROBLEMS)
async def log_contact(
    request: Request, desk: ApiDeskHere, caller: Actor, alert_id: AlertId, body: ContactMade, _: Key = None,
    __: IfMatch = None,
) -> Response:  # fmt: skip
    """The caller reached somebody, or tried to. Whether it closes the gap is for the rules to say."""
    gap_id = await _checked(request, desk, caller, alert_id, body.version)
    contact_id = ContactId(str(body.contact_id) if body.contact_id else act_id(request))
    contact = Contact(contact_id, body.outcome, body.channel, body.party, body.purpose)
    changed = await desk.acts.log_contact(gap_id, contact, caller.person, request.state.now)
    return await _done(request, desk, gap_id, changed)


def act_id(request: Request) -> str:
    """The act's own name: made of the Idempotency-Key, so that doing it again is doing nothing."""
    made: str = getattr(request.state, "act_id", "") or random_id()
    return made


async def _checked(request: Request, desk: ApiDesk, caller: Caller, alert_id: str, version: int | None) -> GapId:
    gap_id = GapId(alert_id)
    refuse_hidden(caller, await desk.versions.labelled(gap_id))
    known = known_version(request, version, needed=False)
    if known is not None:
        difference = await desk.versions.since(gap_id, known)
        if difference.current["version"] != known:
            kind = PRECONDITION_FAILED if version is None else VERSION_CONFLICT
            raise refused(kind, "See `current` and `since`.", difference)
    return gap_id


async def _done(request: Request, desk: ApiDesk, gap_id: GapId, changed: bool) -> Response:
    story = await desk.worklist.story(gap_id)
    answer = Done(alert=alert_shown(story.listed), changed=changed)
    return shown(request, answer, story.listed.record.version)
