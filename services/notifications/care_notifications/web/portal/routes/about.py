"""Service levels week by week, sample code for receivers, and what the agreement grants."""

from datetime import datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from care_notifications.adapters.postgres_portal import Pile, Place
from care_notifications.core.agreements import Agreement
from care_notifications.core.fhir.searches import EARLIEST
from care_notifications.web import words
from care_notifications.web.portal import words as portal_words
from care_notifications.web.portal.desk import desk_of, note, page, visitor_of
from care_notifications.web.portal.routes.inbox import listed
from care_notifications.web.portal.views import task_view, week_view

WEEKS = timedelta(weeks=11)
MOST_UNANSWERED = 20
SAMPLES = {"Python": "receiver.py.txt", "Node": "receiver.mjs.txt", "curl": "catch_up.sh.txt"}


async def show_service(request: Request) -> Response:
    """How well notices arrive and how well they are answered, and which still wait for an answer."""
    desk, visitor = desk_of(request), await visitor_of(request)
    zone, now = desk.house.zone, visitor.now
    rows = await desk.levels.weeks(visitor.user.organization, now - WEEKS, now, zone.key)
    waiting = await desk.portal.pile(visitor.caller, Pile.TO_ANSWER, Place(EARLIEST, ""), MOST_UNANSWERED)
    await note(request, visitor, listed(waiting))
    return page(
        request, "portal_service.html", weeks=[week_view(one) for one in rows],
        waiting=[task_view(one, now, zone) for one in waiting[:MOST_UNANSWERED]], more=len(waiting) > MOST_UNANSWERED,
        zone=zone.key,
    )  # fmt: skip


async def show_code(request: Request) -> Response:
    """Receivers that verify, answer the challenge and see repeats; our own tests run them."""
    await visitor_of(request)
    samples = {name: sample(file) for name, file in SAMPLES.items()}
    return page(request, "portal_code.html", samples=samples, public_url=desk_of(request).house.public_url)


def sample(file: str) -> str:
    """The text of one sample."""
    return (files("care_notifications.web") / "samples" / file).read_text("utf-8")


async def show_agreement(request: Request) -> Response:
    """Which agreements hold, for which doors, and which fields they name."""
    desk, visitor = desk_of(request), await visitor_of(request)
    holding = [one for one in visitor.caller.minimum.agreements or () if one.at(visitor.now)]
    told = [_in_words(one, visitor.now, desk.house.zone) for one in holding]
    return page(request, "portal_agreement.html", agreements=told)


def _in_words(one: Agreement, now: datetime, zone: ZoneInfo) -> dict[str, object]:
    return {
        "id": one.id,
        "doors": [portal_words.DOORS[door.value] for door in sorted(one.channels) if door.value in portal_words.DOORS],
        "rules": sorted(one.rules),
        "fields": [portal_words.GRANTS[grant] for grant in sorted(one.grants)],
        "since": words.past(one.begin, now, zone),
        "until": words.deadline(one.end, now, zone) if one.end else None,
    }


ROUTES = [
    Route("/service", show_service, methods=["GET"]),
    Route("/code", show_code, methods=["GET"]),
    Route("/agreement", show_agreement, methods=["GET"]),
]
