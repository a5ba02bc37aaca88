"""Who may open a page: the roles decide, at every request."""

from collections.abc import Sequence
from functools import wraps

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from care_notifications.adapters.postgres_sessions import SignedIn
from care_notifications.core.callers import ROLES_OF, Right
from care_notifications.web.gate import visit_of
from care_notifications.web.menu import open_to


def entitled(request: Request, right: Right) -> SignedIn:
    """Who asks, if their roles allow it. Raises a 403; nothing was read or changed then."""
    signed_in = visit_of(request).signed_in
    if not isinstance(signed_in, SignedIn) or not may(signed_in, right):
        raise HTTPException(403)
    return signed_in


def may(person: SignedIn, right: Right) -> bool:
    """Whether this person's roles allow it."""
    return bool(ROLES_OF[right].intersection(person.roles))


def only_for(right: Right, routes: Sequence[Route]) -> list[Route]:
    """The same pages, for those whose roles allow them and for nobody else."""
    return [_guarded(right, one) for one in routes]


def _guarded(right: Right, route: Route) -> Route:
    page = route.endpoint

    @wraps(page)
    async def guarded(request: Request) -> Response:
        if request.url.path == "/" and (elsewhere := _first_place(request, right)):
            return RedirectResponse(elsewhere, 303)
        entitled(request, right)
        answer: Response = await page(request)
        return answer

    return Route(route.path, guarded, methods=sorted(route.methods or ()))


def _first_place(request: Request, right: Right) -> str:
    """Where somebody begins for whom the worklist is not; everybody is led to `/` after signing in."""
    signed_in = visit_of(request).signed_in
    if not isinstance(signed_in, SignedIn) or may(signed_in, right):
        return ""
    return next((place.path for place in open_to(request.app.state.places, signed_in.roles)), "")
