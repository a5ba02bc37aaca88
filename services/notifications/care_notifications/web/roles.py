"""Who may open a page: the roles decide, at every request."""

from starlette.exceptions import HTTPException
from starlette.requests import Request

from care_notifications.adapters.postgres_sessions import SignedIn
from care_notifications.core.callers import ROLES_OF, Right
from care_notifications.web.gate import visit_of


def entitled(request: Request, right: Right) -> SignedIn:
    """Who asks, if their roles allow it. Raises a 403; nothing was read or changed then."""
    signed_in = visit_of(request).signed_in
    if not isinstance(signed_in, SignedIn) or not may(signed_in, right):
        raise HTTPException(403)
    return signed_in


def may(person: SignedIn, right: Right) -> bool:
    """Whether this person's roles allow it."""
    return bool(ROLES_OF[right].intersection(person.roles))
