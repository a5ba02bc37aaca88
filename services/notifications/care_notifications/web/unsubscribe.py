"""The page behind the link of a digest mail: looking at it changes nothing, its button ends digest mails."""

from dataclasses import dataclass

import asyncpg
from jinja2 import Environment
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from care_notifications.adapters.digest_links import DigestLinks
from care_notifications.adapters.postgres import transaction
from care_notifications.adapters.postgres_choices import Choice, Entry, PostgresChoices
from care_notifications.adapters.postgres_misses import TooManyTriesError, note_miss
from care_shared.errors import NotFoundError, NotReadyError
from care_shared.runtime.clock import Clock
from care_shared.runtime.logs import get_log
from care_shared.vocabulary import PersonId

log = get_log(__name__)


@dataclass(frozen=True, slots=True)
class Way:
    """What the two routes work with."""

    pool: asyncpg.Pool
    links: DigestLinks
    digests: PostgresChoices
    templates: Environment
    clock: Clock


def build_unsubscribe(way: Way) -> Starlette:
    """The application. It asks for no session, form token or Origin: whoever holds the link may end the mails.

    A mail program does so by itself, with one POST and no page (RFC 8058).
    """
    web = Starlette(
        routes=[Route("/{token}", show, methods=["GET"]), Route("/{token}", stop, methods=["POST"])],
        exception_handlers={
            HTTPException: _gone, NotFoundError: _gone, TooManyTriesError: _busy, NotReadyError: _not_ready,
        },
    )  # fmt: skip
    web.state.way = way
    return web


async def show(request: Request) -> Response:
    """Ask first: programs that look into mails follow links, too."""
    way, person = await _bearer(request)
    return _page(request, "ask" if await way.digests.wanted(person) else "stopped")


async def stop(request: Request) -> Response:
    """No more digests for this person; a second time changes nothing."""
    way, person = await _bearer(request)
    if await way.digests.choose(Choice(person, False, person, Entry.LINK), way.clock()):
        log.info("digests.stopped", recipient=person)
    return _page(request, "stopped")


async def _bearer(request: Request) -> tuple[Way, PersonId]:
    """Whose link it is. Raises NotFoundError, and TooManyTriesError for who asks for too many that are none."""
    way: Way = request.app.state.way
    person = way.links.person_of(request.path_params["token"])
    if person is None:
        async with transaction(way.pool) as connection:
            await note_miss(connection, request.client.host if request.client else "", way.clock())
        raise NotFoundError("no link of ours")
    return way, person


def _page(request: Request, part: str, status: int = 200) -> Response:
    way: Way = request.app.state.way
    return HTMLResponse(way.templates.get_template("unsubscribe.html").render(part=part), status)


async def _gone(request: Request, _error: Exception) -> Response:
    return _page(request, "gone", 404)


async def _busy(request: Request, _error: Exception) -> Response:
    return _page(request, "busy", 429)


async def _not_ready(request: Request, _error: Exception) -> Response:
    return _page(request, "busy", 503)
