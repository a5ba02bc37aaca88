"""Ways of looking at the worklist that somebody named, kept and shared with the team; and single keys."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from care_notifications.adapters.postgres_views import SavedView
from care_notifications.web.asking import asked_in
from care_notifications.web.desk import desk_of, viewer
from care_notifications.web.gate import visit_of
from care_shared.runtime.clock import random_id

LONGEST_NAME = 60


async def show_views(request: Request) -> Response:
    """One's own and the team's."""
    return await _page(request)


async def save(request: Request) -> Response:
    """Keep the filters of the page that the form stood on, under a name."""
    desk, visit = desk_of(request), visit_of(request)
    name = _name(visit.form.get("name", ""))
    try:
        query = asked_in(visit.form.get("query", "")).query()
    except ValueError:
        raise HTTPException(422) from None
    if not name:
        raise HTTPException(422)
    person = viewer(visit)
    view = SavedView(random_id(), name, query, person.person, person.display_name, "shared" in visit.form)
    await desk.views.save(view, visit.now)
    return RedirectResponse(f"/?{query}", 303)


async def rename(request: Request) -> Response:
    """Another name for one's own."""
    desk, visit = desk_of(request), visit_of(request)
    name = _name(visit.form.get("name", ""))
    person = viewer(visit).person
    if not name or not await desk.views.rename(request.path_params["view_id"][:64], person, name, visit.now):
        return await _page(request, "Not renamed: give it a name that no other view of yours has.", 409)
    return RedirectResponse("/views", 303)


async def delete(request: Request) -> Response:
    """One's own goes; nobody's alerts change."""
    desk, visit = desk_of(request), visit_of(request)
    await desk.views.delete(request.path_params["view_id"][:64], viewer(visit).person)
    return RedirectResponse("/views", 303)


async def set_keys(request: Request) -> Response:
    """Single keys do something, or nothing."""
    desk, visit = desk_of(request), visit_of(request)
    await desk.views.set_single_keys(viewer(visit).person, "single_keys" in visit.form)
    return RedirectResponse("/help#help-keys", 303)


async def _page(request: Request, problem: str = "", status: int = 200) -> Response:
    desk, visit = desk_of(request), visit_of(request)
    person = viewer(visit).person
    return desk.page(request, "views.html", status, views=await desk.views.of(person), person=person, problem=problem)


def _name(text: str) -> str:
    return " ".join(text.split())[:LONGEST_NAME]


ROUTES = [
    Route("/views", show_views, methods=["GET"]),
    Route("/views", save, methods=["POST"]),
    Route("/views/{view_id}/rename", rename, methods=["POST"]),
    Route("/views/{view_id}/delete", delete, methods=["POST"]),
    Route("/preferences/keys", set_keys, methods=["POST"]),
]
