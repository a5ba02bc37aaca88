"""What the FHIR routes have at hand, and how a request becomes an answer: known, allowed, noted, in FHIR JSON."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from care_notifications.adapters.postgres_accesses import Access, PostgresAccesses
from care_notifications.adapters.postgres_errands import PostgresErrands
from care_notifications.adapters.postgres_fhir_reads import PostgresFhirReads
from care_notifications.adapters.postgres_partner_tasks import PostgresPartnerTasks
from care_notifications.adapters.postgres_subscriptions import PostgresSubscriptions
from care_notifications.core.fhir.caller import Caller
from care_notifications.core.fhir.names import Names, Resource
from care_notifications.core.fhir.outcomes import Problem, forbidden, missing, outcome
from care_shared.errors import NotReadyError
from care_shared.runtime.clock import Clock, random_id
from care_shared.vocabulary import PatientId

FHIR_JSON = "application/fhir+json"
NO_STORE = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a route found: a resource (or none), and what the trail is to say of it."""

    resource: Resource | None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    patient: PatientId | None = None
    found: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asking:
    """One request of a known caller."""

    request: Request
    caller: Caller
    now: datetime


@dataclass(frozen=True, slots=True)
class FhirDesk:
    """Everything the routes use."""

    names: Names
    clock: Clock
    who: Callable[[Request], Awaitable[Caller | None]]
    reads: PostgresFhirReads
    accesses: PostgresAccesses
    subscriptions: PostgresSubscriptions
    errands: PostgresErrands
    tasks: PostgresPartnerTasks


Handler = Callable[["FhirDesk", Asking], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Interaction:
    """One thing that can be asked: a FHIR interaction on a kind of resource, and who answers it."""

    method: str
    path: str
    kind: str
    code: str
    handler: Handler
    is_operation: bool = False
    params: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    partners_only: bool = False

    @property
    def searched_by(self) -> tuple[str, ...]:
        """Every parameter of the search; what has a time has pages."""
        return (*self.params, *self.times, "_count") if self.times else self.params


async def answer(desk: FhirDesk, interaction: Interaction, request: Request) -> Response:
    """Let in, ask, note, answer."""
    try:
        caller = await desk.who(request)
        if caller is None:
            return refusal(Problem(401, "login", "Say who you are: Authorization: Bearer and a token we gave."))
        asking = Asking(request, caller, desk.clock())
        found = await _asked(desk, interaction, asking)
        await desk.accesses.note(_access(interaction, asking, found))
    except NotReadyError:
        return refusal(Problem(503, "transient", "Not ready. Please try again in a moment."))
    return _response(found)


async def _asked(desk: FhirDesk, interaction: Interaction, asking: Asking) -> Answer:
    try:
        _check(interaction, asking)
        return await interaction.handler(desk, asking)
    except Problem as problem:
        return Answer(outcome(problem), problem.status)


def _check(interaction: Interaction, asking: Asking) -> None:
    if asking.caller.is_partner and not asking.caller.agreed:
        raise forbidden("No agreement about FHIR is in force.")
    if not asking.caller.may_read(interaction.kind):
        raise forbidden(f"{interaction.kind} is not for you.")
    if interaction.partners_only and not asking.caller.is_partner:
        raise forbidden("This is for partner organisations.")
    wanted = asking.request.headers.get("accept", "*/*")
    if not any(one in wanted for one in ("*/*", "application/*", "json")):
        raise Problem(406, "not-supported", "Only JSON is spoken here.")
    if "\0" in asking.request.path_params.get("id", ""):
        # PostgreSQL keeps no NUL: nothing has such an id.
        raise missing(interaction.kind)


def _access(interaction: Interaction, asking: Asking, found: Answer) -> Access:
    return Access(
        access_id=random_id(),
        at=asking.now,
        caller=asking.caller,
        interaction=interaction.code,
        kind=interaction.kind,
        resource_id=_kept_id(asking.request.path_params.get("id")),
        patient_id=found.patient,
        status=found.status,
        found=found.found,
    )


def _kept_id(resource_id: str | None) -> str | None:
    """An id that was asked for; what cannot be one is not kept."""
    return resource_id if resource_id and len(resource_id) <= 64 and "\0" not in resource_id else None


def _response(found: Answer) -> Response:
    body = b"" if found.resource is None else json.dumps(found.resource, separators=(",", ":")).encode()
    return Response(body, found.status, {**NO_STORE, **found.headers}, FHIR_JSON)


def refusal(problem: Problem) -> Response:
    """An answer to somebody whom we do not know, or when nothing can be noted."""
    headers = dict(NO_STORE)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = "Bearer"
    return Response(json.dumps(outcome(problem)), problem.status, headers, FHIR_JSON)
