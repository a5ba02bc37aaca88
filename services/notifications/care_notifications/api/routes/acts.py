"""What people do with an alert: take it, work on it, let it wait, close it, bring it back, hand it over, log a call."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from care_notifications.api.desk import NAME, Actor, AlertId, ApiDesk, ApiDeskHere, shown
from care_notifications.api.models import Done
from care_notifications.api.problems import (
    KEY_REUSED,
    NOT_POSSIBLE_NOW,
    PRECONDITION_FAILED,
    VERSION_CONFLICT,
    Kind,
    ProblemError,
    described,
)
from care_notifications.api.routes.alerts import refuse_hidden
from care_notifications.api.versions import known_version, refused
from care_notifications.api.views import alert_shown
from care_notifications.core import acts
from care_notifications.core.callers import Caller
from care_notifications.core.holding import Contact
from care_shared.contracts.envelope import UtcDatetime
from care_shared.runtime.clock import random_id
from care_shared.vocabulary import (
    ContactChannel,
    ContactId,
    ContactOutcome,
    ContactParty,
    ContactPurpose,
    GapId,
    PersonId,
)

router = APIRouter(tags=["acts"])
PROBLEMS = described(400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 500, 503)
WITH_VERSION = PROBLEMS | described(428)

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="1 to 255 printable ASCII letters: the same request under the same key is made once, and answered "
        "alike for 24 hours (`Idempotency-Replayed: true`); another request under it is refused",
    ),
]
IfMatch = Annotated[str | None, Header(alias="If-Match", description="the ETag of the alert as it was seen")]
Note = Annotated[
    str,
    Field(max_length=acts.LONGEST_NOTE, pattern=r"^[^\x00]*$", description="free text; it stays in the house"),
]


class Act(BaseModel):
    """What every act may say."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int | None = Field(default=None, ge=1, le=10**15, description="the alert's version as it was seen")


class Snoozed(Act):
    """Not before then. Never for P1; it wakes by itself, or earlier when it gets graver."""

    until: UtcDatetime
    reason: acts.SnoozeReason
    note: Note = ""


class Resolved(Act):
    """What came of it."""

    outcome: acts.Resolution
    note: Note = ""


class Reopened(Act):
    """Why it is not done after all."""

    reason: acts.ReopenReason
    note: Note = ""


class HandedOver(Act):
    """Who answers from now on."""

    to: str = Field(pattern=NAME, description="a `person_id`")
    reason: acts.HandOverReason
    note: Note = ""


class Escalated(Act):
    """Why the next person should hear of it."""

    note: Note = ""


class ContactMade(Act):
    """How an outreach went. With `contact_id`, sending it twice is logging it once."""

    contact_id: UUID | None = None
    outcome: ContactOutcome
    channel: ContactChannel
    party: ContactParty
    purpose: ContactPurpose = ContactPurpose.CARE


@dataclass(frozen=True, slots=True)
class Errand:
    """Who is about to do something with which alert."""

    request: Request
    desk: ApiDesk
    caller: Caller
    gap_id: GapId


def errand(
    request: Request, desk: ApiDeskHere, caller: Actor, alert_id: AlertId, _: Key = None, __: IfMatch = None
) -> Errand:
    """What every act is told beside its body."""
    return Errand(request, desk, caller, GapId(alert_id))


Here = Annotated[Errand, Depends(errand)]


@router.post("/alerts/{alert_id}/acknowledge", response_model=Done, responses=PROBLEMS)
async def acknowledge(here: Here, body: Act | None = None) -> Response:
    """The caller takes the alert; nobody else is told any more. Works without a version: an alert is taken once."""
    return await _act(here, acts.Acknowledge(), body or Act(), needed=False)


@router.post("/alerts/{alert_id}/start", response_model=Done, responses=WITH_VERSION)
async def start(here: Here, body: Act | None = None) -> Response:
    """The caller works on it."""
    return await _act(here, acts.Start(), body or Act())


@router.post("/alerts/{alert_id}/snooze", response_model=Done, responses=WITH_VERSION)
async def snooze(here: Here, body: Snoozed) -> Response:
    """It may wait until then."""
    return await _act(here, acts.Snooze(body.until, body.reason, body.note), body)


@router.post("/alerts/{alert_id}/resolve", response_model=Done, responses=WITH_VERSION)
async def resolve(here: Here, body: Resolved) -> Response:
    """It is done."""
    return await _act(here, acts.Resolve(body.outcome, body.note), body)


@router.post("/alerts/{alert_id}/reopen", response_model=Done, responses=WITH_VERSION)
async def reopen(here: Here, body: Reopened) -> Response:
    """It is not done after all."""
    return await _act(here, acts.Reopen(body.reason, body.note), body)


@router.post("/alerts/{alert_id}/hand-over", response_model=Done, responses=WITH_VERSION)
async def hand_over(here: Here, body: HandedOver) -> Response:
    """Somebody else answers from now on."""
    return await _act(here, acts.HandOver(PersonId(body.to), body.reason, body.note), body)


@router.post("/alerts/{alert_id}/escalate", response_model=Done, responses=WITH_VERSION)
async def escalate(here: Here, body: Escalated | None = None) -> Response:
    """The next person on the ladder hears of it now, not when the time is up."""
    said = body or Escalated()
    return await _act(here, acts.Escalate(said.note), said)


@router.post("/alerts/{alert_id}/give-back", response_model=Done, responses=WITH_VERSION)
async def give_back(here: Here, body: Act | None = None) -> Response:
    """The caller does not have it after all."""
    return await _act(here, acts.GiveBack(), body or Act())


@router.post("/alerts/{alert_id}/contacts", response_model=Done, responses=PROBLEMS)
async def log_contact(here: Here, body: ContactMade) -> Response:
    """The caller reached somebody, or tried to. Whether it closes the gap is for the rules to say."""
    await refuse_hidden_and_stale(here, body)
    contact_id = ContactId(str(body.contact_id) if body.contact_id else act_id(here.request))
    contact = Contact(contact_id, body.outcome, body.channel, body.party, body.purpose)
    changed = await here.desk.acts.log_contact(here.gap_id, contact, here.caller.person, here.request.state.now)
    return await done(here, changed)


def act_id(request: Request) -> str:
    """The act's own name: made of the Idempotency-Key, so that doing it again is doing nothing."""
    made: str = getattr(request.state, "act_id", "") or random_id()
    return made


async def _act(here: Errand, action: acts.Action, body: Act, needed: bool = True) -> Response:
    await _refuse_hidden(here)
    known = known_version(here.request, body.version, needed)
    ask = acts.Ask(here.gap_id, action, here.caller.person, act_id(here.request), known)
    match await here.desk.acts.act(ask, here.request.state.now):
        case acts.Done(repeated=repeated):
            return await done(here, changed=not repeated)
        case acts.Stale(record=record, since=since):
            raise refused(_kind_of_conflict(body), "See `current` and `since`.", record, since)
        case acts.Refused(refusal=refusal, record=record):
            last = await here.desk.versions.since(here.gap_id, (known or record.version) - 1)
            raise refused(NOT_POSSIBLE_NOW, f"{refusal}: {acts.REFUSED_BECAUSE[refusal]}.", record, last)
        case acts.Reused():
            raise ProblemError(KEY_REUSED, "Use a new Idempotency-Key for another request.")


async def _refuse_hidden(here: Errand) -> None:
    if not here.caller.sees_sensitive:
        refuse_hidden(here.caller, await here.desk.versions.labelled(here.gap_id))


async def refuse_hidden_and_stale(here: Errand, body: Act) -> None:
    """For what changes nothing of the alert itself, as a contact: looking at its version beforehand is enough."""
    await _refuse_hidden(here)
    known = known_version(here.request, body.version, needed=False)
    if known is None:
        return
    record = (await here.desk.listing.one(here.gap_id)).record
    if record.version != known:
        since = await here.desk.versions.since(here.gap_id, known)
        raise refused(_kind_of_conflict(body), "See `current` and `since`.", record, since)


def _kind_of_conflict(body: Act) -> Kind:
    """409 for a version in the body; what If-Match asks for and does not find is a 412 (RFC 9110, 13.1.1)."""
    return PRECONDITION_FAILED if body.version is None else VERSION_CONFLICT


async def done(here: Errand, changed: bool) -> Response:
    """The alert as it is now."""
    one = await here.desk.listing.one(here.gap_id)
    answer = Done(alert=alert_shown(one), changed=changed)
    return shown(here.request, answer, one.record.version)
