"""Every error of the API is a problem (RFC 9457): what kind, in words, and where; never a value that came in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"
URN = "urn:carelead:problem:"


class FieldProblem(BaseModel):
    """One field that could not be used, and why. The value is never repeated: it may be a patient's."""

    model_config = ConfigDict(frozen=True)

    field: str = Field(description="where: body.until, query.limit, header.if-match, path.alert_id")
    problem: str


class Since(BaseModel):
    """One change that happened after the version the caller knew."""

    model_config = ConfigDict(frozen=True)

    version: int = Field(description="the alert's version after this change")
    what: str = Field(description="what happened: acknowledged, handed-over, escalated, …")
    at: datetime
    by: str = Field(description="who did it; the rule engine is `scoring`")


class Current(BaseModel):
    """The alert as it stands, for whoever knew an older version."""

    model_config = ConfigDict(frozen=True)

    version: int
    state: str
    tier: str
    owner: str


class Problem(BaseModel):
    """An error in words and codes."""

    model_config = ConfigDict(frozen=True)

    type: str = Field(description="the kind, `urn:carelead:problem:…`; programs decide by this")
    title: str
    status: int
    detail: str
    errors: tuple[FieldProblem, ...] | None = None
    current: Current | None = None
    since: tuple[Since, ...] | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem."""

    name: str
    status: int
    title: str


NOT_JSON = Kind("not-json", 400, "The body is not usable JSON")
BAD_HEADER = Kind("bad-header", 400, "A header is not usable")
NOT_SIGNED_IN = Kind("not-signed-in", 401, "Nobody is signed in")
NOT_ALLOWED = Kind("not-allowed", 403, "This caller may not do this")
FOREIGN_REQUEST = Kind("foreign-request", 403, "The request did not come from this site")
NOT_FOUND = Kind("not-found", 404, "There is nothing at this address")
METHOD_NOT_ALLOWED = Kind("method-not-allowed", 405, "This address does not take that method")
VERSION_CONFLICT = Kind("version-conflict", 409, "The alert has changed since")
NOT_POSSIBLE_NOW = Kind("not-possible-now", 409, "The alert's state does not allow this")
STILL_RUNNING = Kind("still-running", 409, "The first request with this key has not ended")
PRECONDITION_FAILED = Kind("version-conflict", 412, "The alert has changed since")
TOO_LARGE = Kind("too-large", 413, "The body is too large")
WRONG_MEDIA_TYPE = Kind("wrong-media-type", 415, "Only plain application/json is taken")
INVALID = Kind("invalid", 422, "The request does not fit its description")
KEY_REUSED = Kind("key-reused", 422, "This key was used for another request")
VERSION_NEEDED = Kind("version-needed", 428, "Say which version of the alert this is about")
TOO_MANY_REQUESTS = Kind("too-many-requests", 429, "Too many requests")
FAILED = Kind("failed", 500, "Something went wrong here")
NOT_READY = Kind("not-ready", 503, "The service is not ready")

KINDS = (
    NOT_JSON, BAD_HEADER, NOT_SIGNED_IN, NOT_ALLOWED, FOREIGN_REQUEST, NOT_FOUND, METHOD_NOT_ALLOWED,
    VERSION_CONFLICT, NOT_POSSIBLE_NOW, STILL_RUNNING, PRECONDITION_FAILED, TOO_LARGE, WRONG_MEDIA_TYPE, INVALID,
    KEY_REUSED, VERSION_NEEDED, TOO_MANY_REQUESTS, FAILED, NOT_READY,
)  # fmt: skip


@dataclass
class ProblemError(Exception):
    """The request ends here with this problem."""

    kind: Kind
    detail: str
    errors: Sequence[FieldProblem] | None = None
    current: Current | None = None
    since: Sequence[Since] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """As it goes out."""
        problem = Problem(
            type=URN + self.kind.name,
            title=self.kind.title,
            status=self.kind.status,
            detail=self.detail,
            errors=None if self.errors is None else tuple(self.errors),
            current=self.current,
            since=None if self.since is None else tuple(self.since),
        )
        text = problem.model_dump_json(exclude_none=True)
        return Response(text, self.kind.status, dict(self.headers), MEDIA_TYPE)


def invalid_field(name: str, problem: str) -> ProblemError:
    """One field that a check of ours refused."""
    return ProblemError(INVALID, "See `errors`.", [FieldProblem(field=name, problem=problem)])


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says about these answers."""
    titles: dict[int, list[str]] = {}
    for kind in KINDS:
        titles.setdefault(kind.status, []).append(kind.title)
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {"description": "; or: ".join(dict.fromkeys(titles[status])), "content": content} for status in statuses
    }
