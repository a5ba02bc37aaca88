"""What operators and interface teams read from a running intake, and do: feeds, messages, and what we take."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files

from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from care_intake.adapters.code_routes import CodeDoor
from care_intake.adapters.desk_routes import DeskDoor
from care_intake.adapters.identity_routes import IdentityDoor
from care_intake.adapters.mending_routes import MendingDoor
from care_intake.adapters.operator_door import guarded
from care_intake.adapters.seen_kinds import Seen
from care_intake.adapters.workbench import Workbench
from care_intake.core.feed_health import FeedHealth, as_json
from care_shared.vocabulary import SourceId

SERVED = files("care_intake") / "adapters" / "served"
MARKDOWN, JSON = "text/markdown; charset=utf-8", "application/json"


SeenOf = Callable[[SourceId], Awaitable[list[Seen]]]


@dataclass(frozen=True, slots=True)
class Operations:
    """Who may ask, and whom to ask."""

    token: SecretStr
    feeds: Callable[[], Awaitable[Sequence[FeedHealth]]]
    bench: Workbench
    seen: SeenOf


def conformance_routes() -> list[Route]:
    """`GET /conformance`, no login needed: it says what we take and nothing about anybody. JSON for who asks for it."""
    page, data = ((SERVED / name).read_bytes() for name in ("conformance.md", "conformance.json"))

    async def conformance(request: Request) -> Response:
        is_json = JSON in request.headers.get("accept", "")
        return Response(data if is_json else page, media_type=JSON if is_json else MARKDOWN, headers={"Vary": "Accept"})

    return [Route("/conformance", conformance, methods=["GET"])]


def operations_routes(operations: Operations) -> list[Route]:
    """`/ops/…`, for whoever holds the operator's token."""

    async def feeds(_: Request) -> object:
        return {"feeds": [as_json(one) for one in await operations.feeds()]}

    return [
        guarded(operations.token, "GET", "/ops/feeds", feeds),
        *DeskDoor(operations.bench).routes(operations.token),
        *CodeDoor(operations.bench).routes(operations.token),
        *MendingDoor(operations.bench).routes(operations.token),
        *IdentityDoor(operations.bench).routes(operations.token),
    ]
