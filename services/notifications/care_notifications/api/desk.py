"""What the routes of the API work with, who asks, and how an answer goes out."""

import hashlib
from dataclasses import dataclass
from typing import Annotated, Any

import asyncpg
from fastapi import Depends, Path, Request
from pydantic import BaseModel
from starlette.responses import Response

from care_notifications.adapters.feed import Feed
from care_notifications.adapters.postgres_acts import PostgresActs
from care_notifications.adapters.postgres_choices import PostgresChoices
from care_notifications.adapters.postgres_insight import PostgresInsight
from care_notifications.adapters.postgres_listing import PostgresListing
from care_notifications.adapters.postgres_people import PostgresPeople
from care_notifications.adapters.postgres_sent import PostgresSent
from care_notifications.adapters.postgres_versions import PostgresVersions
from care_notifications.adapters.postgres_worklist import PostgresWorklist
from care_notifications.api.gate import Guard
from care_notifications.api.problems import NOT_ALLOWED, ProblemError
from care_notifications.core.callers import Caller, Right
from care_notifications.web.shelf import Shelf

ID = r"^[A-Za-z0-9-]{1,64}$"
# Names that other systems gave (people, teams, patients, rules): anything printable.
NAME = r"^[^\x00-\x1f\x7f]{1,128}$"

AlertId = Annotated[str, Path(pattern=ID, description="the alert's id, `alert_id` in lists")]
PatientKey = Annotated[str, Path(pattern=NAME, description="our own id of the patient")]


@dataclass(frozen=True, slots=True)
class ApiDesk:
    """One per application."""

    listing: PostgresListing
    worklist: PostgresWorklist
    acts: PostgresActs
    people: PostgresPeople
    digests: PostgresChoices
    versions: PostgresVersions
    sent: PostgresSent
    insight: PostgresInsight
    shelf: Shelf
    feed: Feed
    pool: asyncpg.Pool
    guard: Guard


def desk_of(request: Request) -> ApiDesk:
    """The desk of the application that serves this request."""
    desk: ApiDesk = request.app.state.desk
    return desk


def caller_of(request: Request) -> Caller:
    """Who the gate let in."""
    caller: Caller = request.state.caller
    return caller


def allowed(right: Right) -> Any:
    """A dependency: the caller, who has this right. Raises ProblemError."""

    def check(request: Request) -> Caller:
        caller = caller_of(request)
        if not caller.may(right):
            raise ProblemError(NOT_ALLOWED, f"This needs the right {right}, which follows from roles and scopes.")
        return caller

    check.__name__ = f"may_{right.replace('-', '_')}"
    return Depends(check)


ApiDeskHere = Annotated[ApiDesk, Depends(desk_of)]
Looker = Annotated[Caller, allowed(Right.SEE_ALERTS)]
Actor = Annotated[Caller, allowed(Right.ACT_ON_ALERTS)]
Overseer = Annotated[Caller, allowed(Right.SEE_OPERATIONS)]


def shown(request: Request, answer: BaseModel, version: int | None = None, etag: bool = True) -> Response:
    """The answer with its ETag, or 304 when the caller has it. An alert's ETag begins with its version."""
    body = answer.model_dump_json().encode()
    if not etag:
        return Response(body, media_type="application/json")
    digest = hashlib.sha256(body).hexdigest()[:16]
    tag = f'"{digest}"' if version is None else f'"{version}.{digest}"'
    if tag in known_tags(request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers={"etag": tag})
    return Response(body, headers={"etag": tag}, media_type="application/json")


def known_tags(header: str) -> frozenset[str]:
    """The entity tags of a header, weak ones as if they were strong (RFC 9110, 13.1.2)."""
    return frozenset(one.strip().removeprefix("W/") for one in header.split(","))
