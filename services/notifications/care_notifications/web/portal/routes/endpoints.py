"""A partner's endpoints: add one and see it prove itself, change its key, pause, test, replay, remove."""

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from care_notifications.adapters.channels.webhook.safe_address import UnsafeAddressError, usable_form
from care_notifications.adapters.partner_desk import Keys, NewEndpoint, PartnerDesk
from care_notifications.adapters.postgres_directory import EMAIL, NamedOrganization
from care_notifications.core.challenges import ProbeKind
from care_notifications.web.portal import words as portal_words
from care_notifications.web.portal.desk import PORTAL, Deed, Visitor, asks_for_part, desk_of, note, page, visitor_of
from care_notifications.web.portal.views import attempt_view, endpoint_view, probe_view
from care_shared.errors import ConfigurationError

ENDPOINT_ID = re.compile(r"[A-Za-z0-9._-]{1,80}")
LONGEST_URL, LONGEST_EMAIL = 500, 200
MOST_ATTEMPTS, MOST_PROBES = 100, 5
OVERLAPS = {"24": "for 24 hours", "72": "for 3 days", "168": "for a week"}
REPLAYS = {"1": "from the last hour", "24": "from the last day", "168": "from the last week"}
KIND = "Endpoint"


async def show_all(request: Request) -> Response:
    """Every endpoint of this partner, and the form for one more."""
    visitor = await visitor_of(request)
    return await _list_page(request, visitor)


async def add(request: Request) -> Response:
    """A new endpoint; its keys are shown in this answer and never again."""
    desk, visitor = desk_of(request), await visitor_of(request)
    url, email = visitor.form.get("url", "").strip(), visitor.form.get("email", "").strip()
    problem = _problem_of_url(url, desk.house.private_allowed) or _problem_of_email(email)
    if problem:
        return await _list_page(request, visitor, problem, 422)
    user = visitor.user
    organization = NamedOrganization(user.organization, user.organization_name)
    new = NewEndpoint(
        _new_id(user.organization), organization, url, email, asymmetric=visitor.form.get("sign") == "ed25519"
    )
    try:
        keys = await _own(request, visitor).add(new)
    except ConfigurationError as error:
        return await _list_page(request, visitor, f"{error}.".capitalize(), 409)
    await note(request, visitor, Deed("create", KIND, new.endpoint_id, status=201))
    return _keys_page(request, new.endpoint_id, keys, is_new=True)


async def show(request: Request) -> Response:
    """One endpoint: how it is, what can be done, and what became of the newest attempts."""
    desk, visitor, endpoint_id = desk_of(request), await visitor_of(request), endpoint_id_of(request)
    own, zone = _own(request, visitor), desk.house.zone
    row = await own.endpoint(endpoint_id)
    await note(request, visitor, Deed("read", KIND, endpoint_id))
    template = "_portal_endpoint.html" if asks_for_part(request) else "portal_endpoint.html"
    return page(
        request, template,
        endpoint=endpoint_view(row, visitor.now, zone),
        probes=[probe_view(one, visitor.now, zone) for one in await own.probes(endpoint_id, MOST_PROBES)],
        attempts=[attempt_view(one, visitor.now, zone) for one in await own.attempts(endpoint_id, MOST_ATTEMPTS)],
        most=MOST_ATTEMPTS, overlaps=OVERLAPS, replays=REPLAYS, done=_done_sentence(request),
    )  # fmt: skip


async def do(request: Request) -> Response:
    """One of the deeds below; afterwards the page shows what came of it."""
    visitor, endpoint_id, deed = await visitor_of(request), endpoint_id_of(request), request.path_params["deed"]
    if deed not in DEEDS:
        raise HTTPException(404)
    await DEEDS[deed](_own(request, visitor), endpoint_id, visitor.now)
    await note(request, visitor, Deed(deed, KIND, endpoint_id))
    place = f"{PORTAL}/endpoints" if deed == "remove" else f"{PORTAL}/endpoints/{endpoint_id}?done={deed}"
    return RedirectResponse(place, 303)


async def rotate(request: Request) -> Response:
    """A new key beside the old one; it is shown in this answer and never again."""
    visitor, endpoint_id = await visitor_of(request), endpoint_id_of(request)
    hours = _chosen(visitor.form, "overlap", OVERLAPS)
    keys = await _own(request, visitor).rotate(endpoint_id, timedelta(hours=hours), visitor.now)
    await note(request, visitor, Deed("rotate", KIND, endpoint_id))
    return _keys_page(request, endpoint_id, keys, is_new=False)


async def replay(request: Request) -> Response:
    """Everything since a time once more, in order, under the same ids."""
    visitor, endpoint_id = await visitor_of(request), endpoint_id_of(request)
    count = await _own(request, visitor).replay(endpoint_id, _since(visitor), visitor.now)
    await note(request, visitor, Deed("replay", KIND, endpoint_id))
    return RedirectResponse(f"{PORTAL}/endpoints/{endpoint_id}?done=replay&count={count}", 303)


Do = Callable[[PartnerDesk, str, datetime], Awaitable[None]]
DEEDS: Mapping[str, Do] = {
    "challenge": lambda own, one, now: own.probe(one, ProbeKind.CHALLENGE, now),
    "test": lambda own, one, now: own.probe(one, ProbeKind.TEST, now),
    "pause": lambda own, one, now: own.pause(one, now),
    "resume": lambda own, one, now: own.resume(one, now),
    "remove": lambda own, one, now: own.remove(one, now),
}
DONE = {
    "challenge": "The challenge is on its way.",
    "test": "The test event is on its way.",
    "pause": "Paused. What comes is kept for five days.",
    "resume": "It goes on.",
    "resend": "It leaves once more, under the same id.",
}


def _done_sentence(request: Request) -> str:
    done, count = request.query_params.get("done", ""), request.query_params.get("count", "")
    if done == "replay" and count.isascii() and count.isdigit() and len(count) < 10:
        return "There was nothing to send again." if count == "0" else f"{count} leave once more, in order."
    return DONE.get(done, "")


async def _list_page(request: Request, visitor: Visitor, problem: str = "", status: int = 200) -> Response:
    zone = desk_of(request).house.zone
    rows = await _own(request, visitor).endpoints()
    found = tuple(f"{KIND}/{one['endpoint_id']}" for one in rows)
    await note(request, visitor, Deed("search-type", KIND, found=found))
    return page(
        request, "portal_endpoints.html", status, problem=problem,
        url=visitor.form.get("url", ""), email=visitor.form.get("email", ""),
        endpoints=[endpoint_view(one, visitor.now, zone) for one in rows],
    )  # fmt: skip


def _keys_page(request: Request, endpoint_id: str, keys: Keys, *, is_new: bool) -> Response:
    return page(request, "portal_keys.html", 201 if is_new else 200, endpoint_id=endpoint_id, keys=keys, is_new=is_new)


def _own(request: Request, visitor: Visitor) -> PartnerDesk:
    """The desk that knows no endpoint of anybody else."""
    return desk_of(request).endpoints_of(visitor.user.organization)


def endpoint_id_of(request: Request) -> str:
    """The endpoint in the address. Raises a 404 when it is no name of one."""
    text: str = request.path_params["endpoint_id"]
    if not ENDPOINT_ID.fullmatch(text):
        raise HTTPException(404)
    return text


def _new_id(organization: str) -> str:
    """Chosen by us: a name that somebody chooses could be the name of somebody else's."""
    plain = re.sub(r"[^a-z0-9]+", "-", organization.lower()).strip("-")[:48] or "endpoint"
    return f"{plain}-{secrets.token_hex(4)}"


def _problem_of_url(url: str, private_allowed: frozenset[str]) -> str:
    if not url or len(url) > LONGEST_URL or "#" in url:
        return f"Enter the whole address, at most {LONGEST_URL} characters, without a part behind #."
    try:
        usable_form(url, private_allowed)
    except UnsafeAddressError as error:
        return f"This address cannot be used: {portal_words.TROUBLE[f'unsafe-address.{error}']}."
    return ""


def _problem_of_email(email: str) -> str:
    usable = not email or (len(email) <= LONGEST_EMAIL and EMAIL.fullmatch(email))
    return "" if usable else "This is no mail address."


def _chosen(form: Mapping[str, str], name: str, offered: Mapping[str, str]) -> int:
    if form.get(name) not in offered:
        raise HTTPException(422)
    return int(form[name])


def _since(visitor: Visitor) -> datetime:
    """So many hours back, or a day that the form names; in UTC, as the page says."""
    day = visitor.form.get("since", "").strip()
    if not day:
        return visitor.now - timedelta(hours=_chosen(visitor.form, "hours", REPLAYS))
    try:
        return datetime.fromisoformat(day).replace(tzinfo=UTC)
    except ValueError:
        raise HTTPException(422) from None


ONE = "/endpoints/{endpoint_id}"
ROUTES = [
    Route("/endpoints", show_all, methods=["GET"]),
    Route("/endpoints", add, methods=["POST"]),
    Route(ONE, show, methods=["GET"]),
    Route(f"{ONE}/rotate", rotate, methods=["POST"]),
    Route(f"{ONE}/replay", replay, methods=["POST"]),
    Route(f"{ONE}/do/{{deed}}", do, methods=["POST"]),
]
