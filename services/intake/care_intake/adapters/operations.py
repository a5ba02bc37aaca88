"""What operators and interface teams read from a running intake: how each feed does, and what we take."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib.resources import files

from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from care_intake.adapters.fhir_answers import refused
from care_intake.adapters.operator_token import refusal_of
from care_intake.core.feed_health import FeedHealth, as_json
from care_shared.errors import NotReadyError
from care_shared.runtime.postgres import TRANSIENT_ERRORS

SERVED = files("care_intake") / "adapters" / "served"
MARKDOWN, JSON = "text/markdown; charset=utf-8", "application/json"


@dataclass(frozen=True, slots=True)
class Operations:
    """Who may ask, and whom to ask. Without a token nobody may."""

    token: SecretStr
    feeds: Callable[[], Awaitable[list[FeedHealth]]]


def conformance_routes() -> list[Route]:
    """`GET /conformance`, no login needed: it says what we take and nothing about anybody. JSON for who asks for it."""
    page, data = ((SERVED / name).read_bytes() for name in ("conformance.md", "conformance.json"))

    async def conformance(request: Request) -> Response:
        is_json = JSON in request.headers.get("accept", "")
        return Response(data if is_json else page, media_type=JSON if is_json else MARKDOWN, headers={"Vary": "Accept"})

    return [Route("/conformance", conformance, methods=["GET"])]


def operations_routes(operations: Operations) -> list[Route]:
    """`GET /ops/feeds`, for whoever holds the operator's token."""

    async def feeds(request: Request) -> Response:
        if (refusal := refusal_of(request, operations.token)) is not None:
            return refusal
        try:
            found = await operations.feeds()
        except (NotReadyError, *TRANSIENT_ERRORS):
            return refused(503, "transient", "", "PostgreSQL does not answer", {"Retry-After": "5"})
        return JSONResponse({"feeds": [as_json(one) for one in found]}, headers={"Cache-Control": "no-store"})

    return [Route("/ops/feeds", feeds, methods=["GET"])]
