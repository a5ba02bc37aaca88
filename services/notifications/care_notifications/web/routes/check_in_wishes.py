"""How we shall write to somebody: language, time of day and way, changed behind the same one-time link."""

from dataclasses import replace

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from care_notifications.adapters.check_in_answers import Opened
from care_notifications.core.check_ins.doubts import Way
from care_notifications.core.check_ins.wishes import PartOfDay, Standing, Wishes
from care_notifications.web.desk import desk_of
from care_notifications.web.gate import visit_of
from care_notifications.web.routes.check_in import gone, looked_up, page_of


async def show(request: Request) -> Response:
    """What holds now, to be changed."""
    found = await _found(request)
    return found if isinstance(found, Response) else _page(request, *found)


async def save(request: Request) -> Response:
    """Keep what was chosen; it holds from the next message on, and for this page at once."""
    desk, visit, token = desk_of(request), visit_of(request), request.path_params["token"]
    found = await _found(request)
    if isinstance(found, Response):
        return found
    opened, standing = found
    wishes = _chosen(visit.form, standing, frozenset(desk.shelf.catalogue.words))
    if wishes is None:
        return _page(request, opened, standing, status=422)
    if not await desk.shelf.wishes.say(token, wishes, visit.now):
        return gone(request, desk)
    return _page(request, replace(opened, language=wishes.language), standing, part="wishes-saved")


async def _found(request: Request) -> tuple[Opened, Standing] | Response:
    desk = desk_of(request)
    opened = await looked_up(request, desk.shelf.wishes.open)
    if isinstance(opened, Response):
        return opened
    standing = await desk.shelf.wishes.standing(request.path_params["token"], opened.language)
    if standing is None or desk.shelf.catalogue.words[opened.language].wishes is None:
        raise HTTPException(404)
    return opened, standing


def _chosen(form: dict[str, str], standing: Standing, languages: frozenset[str]) -> Wishes | None:
    """What the form says; None when something is missing."""
    try:
        part = PartOfDay(form["part"])
        way = Way(form["way"]) if standing.ways else None
        language = form["language"]
    except (KeyError, ValueError):
        return None
    return Wishes(language, part, way) if language in languages else None


def _page(request: Request, opened: Opened, standing: Standing, part: str = "wishes", status: int = 200) -> Response:
    catalogue = desk_of(request).shelf.catalogue
    languages = {code: words.name or code for code, words in sorted(catalogue.words.items())}
    return page_of(request, opened, part, status=status, standing=standing, languages=languages)


ROUTES = [
    Route("/c/{token}/preferences", show, methods=["GET"]),
    Route("/c/{token}/preferences", save, methods=["POST"]),
]
