"""The API as an ASGI application: routes, the gate around them, and problems for every error."""

from collections.abc import Sequence
from typing import Any

import asyncpg
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from care_notifications.adapters.postgres_answers import PostgresAnswers
from care_notifications.adapters.postgres_api_audit import PostgresApiAudit
from care_notifications.adapters.postgres_choices import PostgresChoices
from care_notifications.adapters.postgres_insight import PostgresInsight
from care_notifications.adapters.postgres_listing import PostgresListing
from care_notifications.adapters.postgres_people import PostgresPeople
from care_notifications.adapters.postgres_sent import PostgresSent
from care_notifications.adapters.postgres_tokens import PostgresTokens
from care_notifications.adapters.postgres_versions import PostgresVersions
from care_notifications.api.desk import ApiDesk
from care_notifications.api.gate import ApiGate, Guard, failed, not_ready
from care_notifications.api.problems import (
    INVALID,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    NOT_JSON,
    FieldProblem,
    Problem,
    ProblemError,
)
from care_notifications.api.routes import acts, alerts, digests, follow_up, insight, operations, stream
from care_notifications.web.desk import Desk
from care_shared.errors import NotFoundError, NotReadyError
from care_shared.runtime.clock import Clock

TITLE, VERSION, PREFIX = "CareLead notifications", "1", "/api/v1"
SUMMARY = """Care alerts: who has to do what by when, for web applications and integrators.

Every change is made with the alert's `version` (or `If-Match`): whoever knew an older one gets 409 (412) with who
changed what since. With an `Idempotency-Key` a change is made once, and a repeat within 24 hours gets the same
answer. Errors are problems (RFC 9457); they name fields, never values."""
# What a person sent must not come back: pydantic's text quotes it for these.
QUOTING = ("extra_forbidden", "union_tag_invalid")


def build_api(pages: Desk, pool: asyncpg.Pool, clock: Clock) -> ASGIApp:
    """The API behind its gate; signing in, the list of alerts and the feed are those of the pages."""
    guard = Guard(
        pages.door, pages.sessions, PostgresTokens(pool), PostgresAnswers(pool), PostgresApiAudit(pool), clock
    )
    api = build_routes()
    api.state.streams = stream.Streams()
    api.state.desk = ApiDesk(
        listing=PostgresListing(pool),
        worklist=pages.worklist,
        acts=pages.acts,
        people=PostgresPeople(pool),
        digests=PostgresChoices(pool),
        versions=PostgresVersions(pool),
        sent=PostgresSent(pool),
        insight=PostgresInsight(pool),
        shelf=pages.shelf,
        feed=pages.feed,
        pool=pool,
        guard=guard,
    )
    return ApiGate(api, guard)


def build_routes() -> FastAPI:
    """All routes and no desk yet: enough to write the description."""
    api = _Api(
        title=TITLE, version=VERSION, description=SUMMARY, openapi_url=None, docs_url=None, redoc_url=None,
        redirect_slashes=False, telemetry={"tracing": False, "metrics": False},
        exception_handlers={
            ProblemError: _problem,
            RequestValidationError: _not_valid,
            HTTPException: _http_error,
            NotFoundError: _not_found,
            NotReadyError: _not_ready,
            Exception: _failed,
        },
    )  # fmt: skip
    for part in (alerts, acts, follow_up, insight, operations, digests, stream):
        api.include_router(part.router)
    return api


class _Api(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """The description, with problems and both ways to be known."""
        if self.openapi_schema is None:
            found = get_openapi(
                title=self.title, version=self.version, description=self.description, routes=self.routes,
                servers=[{"url": PREFIX}],
            )  # fmt: skip
            schemas = found.setdefault("components", {}).setdefault("schemas", {})
            problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas |= problem.pop("$defs") | {"Problem": problem}
            found["components"]["securitySchemes"] = {
                "token": {"type": "http", "scheme": "bearer", "description": "made by `carelead token create`"},
                "session": {"type": "apiKey", "in": "cookie", "name": "__Host-carelead"},
            }
            found["security"] = [{"token": []}, {"session": []}]
            self.openapi_schema = found
        return self.openapi_schema


async def _problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)
    return error.response()


async def _not_valid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(one["type"] == "json_invalid" for one in found):
        return ProblemError(NOT_JSON, "The body is not JSON.").response()
    return ProblemError(INVALID, "See `errors`.", [_field_problem(one) for one in found]).response()


def _field_problem(one: dict[str, Any]) -> FieldProblem:
    """Where and why; a field that nobody knows is not named, because its name came in."""
    place: Sequence[object] = one["loc"]
    if one["type"] in QUOTING:
        return FieldProblem(field=_dotted(place[:-1]), problem="has a field that is not known here")
    if one["type"] == "uuid_parsing":
        return FieldProblem(field=_dotted(place), problem="Input should be a valid UUID")
    return FieldProblem(field=_dotted(place), problem=str(one["msg"]))


def _dotted(place: Sequence[object]) -> str:
    return ".".join(str(part) for part in place) or "body"


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = error.headers or {}
    if error.status_code == METHOD_NOT_ALLOWED.status:
        return ProblemError(METHOD_NOT_ALLOWED, "See the header Allow.", headers=headers).response()
    if error.status_code == NOT_FOUND.status:
        return ProblemError(NOT_FOUND, "No address of this API.", headers=headers).response()
    return ProblemError(NOT_JSON, "The body could not be read.", headers=headers).response()


async def _not_found(_: Request, _error: Exception) -> Response:
    return ProblemError(NOT_FOUND, "It is not known here, or this caller may not know of it.").response()


async def _failed(_: Request, _error: Exception) -> Response:
    """What it was goes to the log of the gate, without its text."""
    return failed().response()


async def _not_ready(_: Request, _error: Exception) -> Response:
    return not_ready().response()
