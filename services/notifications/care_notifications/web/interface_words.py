"""The words of the interface desk: its places, and what verdicts mean to somebody who answers for a feed."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.routing import Route

from care_notifications.core.callers import Right
from care_notifications.web.desk import viewer
from care_notifications.web.gate import visit_of
from care_notifications.web.roles import may


@dataclass(frozen=True, slots=True)
class DeskTab:
    """One place of the desk, and what opens it."""

    key: str
    path: str
    word: str
    right: Right


DESK = (
    DeskTab("feeds", "/interfaces", "Feeds", Right.SEE_INTERFACES),
    DeskTab("messages", "/interfaces/messages", "Messages", Right.WORK_ON_MESSAGES),
    DeskTab("set-aside", "/interfaces/set-aside", "Set aside", Right.WORK_ON_MESSAGES),
    DeskTab("identities", "/interfaces/identities", "Who is who", Right.WORK_ON_MESSAGES),
    DeskTab("glance", "/interfaces/glance", "At a glance", Right.SEE_INTERFACES),
    DeskTab("dead-letters", "/interfaces/dead-letters", "Dead letters", Right.WORK_ON_MESSAGES),
    DeskTab("onboarding", "/interfaces/onboarding", "New feed", Right.WORK_ON_MESSAGES),
)


def tabs(request: Request, current: str) -> Sequence[dict[str, object]]:
    """The places that are served and that this person may enter."""
    served = {route.path for route in request.app.routes if isinstance(route, Route)}
    person = viewer(visit_of(request))
    return [
        {"href": one.path, "word": one.word, "current": one.key == current}
        for one in DESK
        if one.path in served and may(person, one.right)
    ]
