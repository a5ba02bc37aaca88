"""Partners make, read, change and delete their subscriptions, ask how these stand, and fetch what they missed."""

from collections.abc import Mapping

from starlette.requests import Request

from care_notifications.adapters.postgres_subscriptions import Change
from care_notifications.core.fhir.bundles import searchset
from care_notifications.core.fhir.names import Names
from care_notifications.core.fhir.notifications import Kind, notification, status_page
from care_notifications.core.fhir.outcomes import Problem, invalid, missing
from care_notifications.core.fhir.subscription_forms import wanted_of
from care_notifications.core.fhir.subscriptions import Content, Subscription, subscription_resource
from care_notifications.fhir.bodies import json_body, version_asked
from care_notifications.fhir.desk import Answer, Asking, FhirDesk, Interaction
from care_notifications.fhir.reading import id_asked, search_asked
from care_shared.runtime.clock import random_id

MOST_EVENTS = 200
LAST = 2**62


async def create(desk: FhirDesk, asking: Asking) -> Answer:
    """POST Subscription: kept as `requested`, the handshake leaves at once."""
    body = await json_body(asking.request, "Subscription")
    wanted = wanted_of(body, desk.names, asking.caller.may_have_full)
    made = await desk.subscriptions.create(asking.caller, random_id(), wanted, asking.now)
    return _shown(made, desk.names, 201)


async def update(desk: FhirDesk, asking: Asking) -> Answer:
    """PUT Subscription/{id}: shakes hands anew; also the way out of `error`."""
    body = await json_body(asking.request, "Subscription")
    if body.get("id", id_asked(asking)) != id_asked(asking):
        raise invalid("Subscription.id", "is not the one in the address", 400)
    wanted = wanted_of(body, desk.names, asking.caller.may_have_full)
    change = Change(id_asked(asking), wanted, version_asked(asking.request))
    return _shown(await desk.subscriptions.change(asking.caller, change, asking.now), desk.names, 200)


async def read(desk: FhirDesk, asking: Asking) -> Answer:
    """GET Subscription/{id}"""
    return _shown(await _own(desk, asking), desk.names, 200)


async def search(desk: FhirDesk, asking: Asking) -> Answer:
    """GET Subscription?status=active: all of one's own, in one page."""
    chosen = search_asked(asking, ("status",), ()).chosen
    found = await desk.subscriptions.read(asking.caller, status=chosen.get("status"))
    resources = [subscription_resource(one, desk.names) for one in found]
    return Answer(searchset(resources, f"{desk.names.base}/Subscription", None, desk.names))


async def delete(desk: FhirDesk, asking: Asking) -> Answer:
    """DELETE Subscription/{id}"""
    await desk.subscriptions.delete(asking.caller, id_asked(asking))
    return Answer(None, 204)


async def status(desk: FhirDesk, asking: Asking) -> Answer:
    """GET Subscription/{id}/$status"""
    one = await _own(desk, asking)
    return Answer(status_page([one], f"{desk.names.url('Subscription', one.id)}/$status", desk.names))


async def status_of_all(desk: FhirDesk, asking: Asking) -> Answer:
    """GET Subscription/$status: all of one's own."""
    found = await desk.subscriptions.read(asking.caller)
    return Answer(status_page(found, f"{desk.names.base}/Subscription/$status", desk.names))


async def events(desk: FhirDesk, asking: Asking) -> Answer:
    """GET Subscription/{id}/$events?eventsSinceNumber=&eventsUntilNumber=&content=: both ends included."""
    one = await _own(desk, asking)
    asked = await _parameters(asking.request)
    first, last = _number(asked, "eventsSinceNumber", 1), _number(asked, "eventsUntilNumber", LAST)
    content = _content(asked, one)
    if content is Content.FULL and not asking.caller.may_have_full:
        raise Problem(403, "forbidden", "The agreement does not grant full-resource.", "content")
    found = await desk.errands.events(one, (first, last, MOST_EVENTS), content, asking.now)
    bundle = notification(one, Kind.QUERY_EVENT, found, asking.now, desk.names, content)
    return Answer(bundle, found=tuple(event.focus for event in found if event.focus))


KIND, ONE = "Subscription", "/Subscription/{id}"
# The names that begin with $ come first: no id of ours does.
INTERACTIONS = (
    Interaction("GET", "/Subscription/$status", KIND, "status", status_of_all, is_operation=True),
    Interaction("GET", f"{ONE}/$status", KIND, "status", status, is_operation=True),
    Interaction("GET", f"{ONE}/$events", KIND, "events", events, is_operation=True),
    Interaction("POST", f"{ONE}/$events", KIND, "events", events, is_operation=True, partners_only=True),
    Interaction("GET", "/Subscription", KIND, "search-type", search, params=("status",)),
    Interaction("POST", "/Subscription", KIND, "create", create, partners_only=True),
    Interaction("GET", ONE, KIND, "read", read),
    Interaction("PUT", ONE, KIND, "update", update, partners_only=True),
    Interaction("DELETE", ONE, KIND, "delete", delete, partners_only=True),
)


async def _own(desk: FhirDesk, asking: Asking) -> Subscription:
    found = await desk.subscriptions.read(asking.caller, id_asked(asking))
    if not found:
        raise missing("Subscription")
    return found[0]


def _shown(one: Subscription, names: Names, code: int) -> Answer:
    headers = {"etag": f'W/"{one.version}"'}
    if code == 201:
        headers["location"] = names.url("Subscription", one.id)
    return Answer(subscription_resource(one, names), code, headers, found=(f"Subscription/{one.id}",))


async def _parameters(request: Request) -> Mapping[str, str]:
    """The operation's parameters, from the address or from a Parameters body."""
    known = ("eventsSinceNumber", "eventsUntilNumber", "content", "_format")
    pairs = list(request.query_params.multi_items())
    if request.method == "POST":
        body = await json_body(request, "Parameters")
        listed = body.get("parameter", [])
        for one in listed if isinstance(listed, list) else []:
            values = [value for name, value in one.items() if name.startswith("value")] if isinstance(one, dict) else []
            pairs += [(str(one["name"]), str(value)) for value in values if "name" in one]
    for name, _ in pairs:
        if name not in known:
            raise Problem(400, "not-supported", "This parameter is not known here.", name[:40])
    return dict(pairs)


def _number(asked: Mapping[str, str], name: str, default: int) -> int:
    text = asked.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Problem(400, "invalid", "is not the number of an event", name)
    return int(text)


def _content(asked: Mapping[str, str], one: Subscription) -> Content:
    if "content" not in asked:
        return one.wanted.content
    try:
        return Content(asked["content"])
    except ValueError:
        raise Problem(400, "code-invalid", "is empty, id-only or full-resource", "content") from None
