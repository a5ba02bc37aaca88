"""The list of alerts: whose, in which order, narrowed by which filters; and why one of them is there, in place."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from care_notifications.adapters.postgres_facets import without
from care_notifications.adapters.postgres_listing import COUNT_LIMIT, ORDERS
from care_notifications.adapters.postgres_views import SavedView
from care_notifications.core.callers import CARE_ROLES
from care_notifications.core.cursors import Value, decode_cursor, digest_of, encode_cursor
from care_notifications.web.asking import FACETS, Asked, Viewpoint, asked
from care_notifications.web.desk import Desk, desk_of, viewer, zone_of
from care_notifications.web.facet_words import Facet, facet_view
from care_notifications.web.freshness import is_stale
from care_notifications.web.gate import visit_of
from care_notifications.web.pending import PendingView, pending_views
from care_notifications.web.views import alert_view, story_view
from care_notifications.web.words import until_clock
from care_shared.vocabulary import GapId

PAGE_SIZE = 30  # with its files the page stays under 150 KB
GAP_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab with its count; `key` is how a page finds it again."""

    key: str
    word: str
    href: str
    count: str | None
    current: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands around the rows: tabs, filters, views, what waits to be taken back, whether it is old."""

    tabs: Sequence[Tab]
    chosen: Sequence[Facet]
    views: Sequence[SavedView]
    colleagues: Mapping[str, str]
    pending: Sequence[PendingView]
    stale: bool
    single_keys: bool


async def show_list(request: Request) -> Response:
    """Mine, my team's, all, or the recently closed; by itself a page asks for the inner part only."""
    desk, visit = desk_of(request), visit_of(request)
    wanted, person = asked_for(request), viewer(visit).person
    last_id = await desk.feed.newest()
    listing = digest_of(wanted.sort, wanted.query())
    filters = wanted.filters(Viewpoint(person, desk.nobody, visit.now))
    page = await desk.listing.page(filters, wanted.sort, _place(request, wanted, listing), PAGE_SIZE)
    following = encode_cursor(listing, page.next_place) if page.next_place is not None else ""
    return desk.page(
        request,
        "_list.html" if asks_for_part(request) else "worklist.html",
        asked=wanted,
        tab=wanted.tab,
        back=wanted.query(),
        continued="after" in request.query_params,
        alerts=[alert_view(one, visit.now, person) for one in page.alerts],
        following=f"{wanted.query()}&after={following}" if following else "",
        returns="" if page.alerts else await _returns(request),
        last_id=last_id,
        beside=await _beside(request, wanted),
    )


async def _beside(request: Request, wanted: Asked) -> Beside:
    desk, visit = desk_of(request), visit_of(request)
    person = viewer(visit).person
    return Beside(
        tabs=await _tabs(desk, wanted, Viewpoint(person, desk.nobody, visit.now)),
        chosen=await _chosen(request, wanted),
        views=await desk.views.of(person),
        colleagues=await colleagues(request),
        pending=pending_views(await desk.held.of(person, visit.now), visit.now),
        stale=is_stale(desk.behind()),
        single_keys=await desk.views.single_keys(person),
    )


async def _returns(request: Request) -> str:
    """When the first of what this person put aside comes back; empty when nothing does."""
    desk, visit = desk_of(request), visit_of(request)
    wakes_at = await desk.worklist.wakes_at(viewer(visit).person)
    return until_clock(wakes_at, visit.now, zone_of(desk, visit)) if wakes_at is not None else ""


async def show_filters(request: Request) -> Response:
    """Every choice of every filter, and how many alerts it leaves."""
    desk, visit, wanted = desk_of(request), visit_of(request), asked_for(request)
    filters = wanted.filters(Viewpoint(viewer(visit).person, desk.nobody, visit.now))
    found = dict(await desk.facets.facets(filters, visit.now))
    for facet in wanted.chosen:
        found |= {facet: (await desk.facets.facets(without(filters, facet), visit.now)).get(facet, {})}
    names = await _names(request)
    facets = [facet_view(facet, found.get(facet, {}), wanted, names) for facet in FACETS]
    template = "_filters.html" if asks_for_part(request) else "filters.html"
    return desk.page(request, template, facets=facets, asked=wanted, back=wanted.query())


async def show_why(request: Request) -> Response:
    """Why this alert is there, to be opened beneath its row."""
    desk, visit = desk_of(request), visit_of(request)
    story = await desk.worklist.story(gap_id_of(request))
    return desk.page(request, "_why.html", story=story_view(story, visit.now, viewer(visit).person), level=3)


async def colleagues(request: Request) -> Mapping[str, str]:
    """To whom this person may hand something over: whoever cares for patients here and is not away."""
    desk, visit = desk_of(request), visit_of(request)
    people = await desk.people.all(visit.now)
    here = [one for one in people if one["active"] and not one["on_leave"] and CARE_ROLES.intersection(one["roles"])]
    return {one["person_id"]: one["display_name"] for one in here if one["person_id"] != viewer(visit).person}


def asked_for(request: Request) -> Asked:
    """What the address asks for. Raises a 404 when it means nothing."""
    try:
        return asked(dict(request.query_params))
    except ValueError:
        raise HTTPException(404) from None


def asks_for_part(request: Request) -> bool:
    """Whether a page asks by itself, for what it shows anew."""
    return request.headers.get("x-carelead-part") == "1" or "hx-request" in request.headers


def gap_id_of(request: Request) -> GapId:
    """The alert in the address. Raises a 404 when it is no id."""
    text: str = request.path_params["gap_id"]
    if not GAP_ID.fullmatch(text):
        raise HTTPException(404)
    return GapId(text)


def _place(request: Request, wanted: Asked, listing: str) -> Sequence[Value] | None:
    if "after" not in request.query_params:
        return None
    try:
        return decode_cursor(request.query_params["after"], listing, ORDERS[wanted.sort].kinds)
    except ValueError:
        raise HTTPException(404) from None


async def _tabs(desk: Desk, wanted: Asked, seen: Viewpoint) -> list[Tab]:
    words = {"mine": "Mine", "team": "Team", "all": "All", "closed": "Recently closed"}
    counted = ("mine", "team", "all")
    plain = [Asked(tab=tab).filters(seen) for tab in counted]
    counts = dict(zip(counted, await desk.listing.count_each(plain), strict=True))
    return [
        Tab(tab, word, f"/?{Asked(tab=tab).query()}", _count(counts.get(tab)), wanted.tab == tab)
        for tab, word in words.items()
    ]


def _count(found: int | None) -> str | None:
    if found is None:
        return None
    return str(found) if found <= COUNT_LIMIT else f"{COUNT_LIMIT:,}+"


async def _chosen(request: Request, wanted: Asked) -> list[Facet]:
    """The filters that narrow the list, each with the way to take it away."""
    if not wanted.chosen:
        return []
    names = await _names(request)
    return [facet_view(facet, {getattr(wanted, facet): 0}, wanted, names) for facet in wanted.chosen]


async def _names(request: Request) -> Mapping[str, Mapping[str, str]]:
    desk = desk_of(request)
    people = await desk.people.all(visit_of(request).now)
    return {
        "owner": {one["person_id"]: one["display_name"] for one in people},
        "agency": await desk.facets.agencies(),
    }


ROUTES = [
    Route("/", show_list, methods=["GET"]),
    Route("/filters", show_filters, methods=["GET"]),
    Route("/alerts/{gap_id}/why", show_why, methods=["GET"]),
]
