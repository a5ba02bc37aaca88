"""What a subscriber receives: a Bundle that begins with the status of its subscription and the numbers of events."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from care_notifications.core.fhir.names import BACKPORT, Names, Resource, instant, present
from care_notifications.core.fhir.subscriptions import Content, Status, Subscription, canonical, trouble
from care_shared.contracts.envelope import derived_id

STATUS_PROFILE = f"{BACKPORT}/backport-subscription-status-r4"
BUNDLE_PROFILE = f"{BACKPORT}/backport-subscription-notification-r4"


class Kind(StrEnum):
    """Why a status is told."""

    HANDSHAKE = "handshake"
    HEARTBEAT = "heartbeat"
    EVENT = "event-notification"
    QUERY_STATUS = "query-status"
    QUERY_EVENT = "query-event"


@dataclass(frozen=True, slots=True)
class Event:
    """One numbered event. Without a focus it is only a number: the subscriber may not see any more what it was."""

    number: int
    at: datetime
    focus: str = ""
    context: tuple[str, ...] = ()
    resources: tuple[Resource, ...] = ()


def notification(
    one: Subscription, kind: Kind, events: Sequence[Event], at: datetime, names: Names, content: Content | None = None
) -> Resource:
    """The Bundle, with the subscription's own content or another one.

    The same events give the same id, at every attempt: whoever gets them twice can tell.
    """
    content = content or one.wanted.content
    last = str(events[-1].number) if events else instant(at)
    shown = [replace(event, focus="") for event in events] if content is Content.EMPTY else events
    bundle_id = derived_id("notification", one.id, kind, last)
    return {
        "resourceType": "Bundle",
        "id": bundle_id,
        "meta": {"profile": [BUNDLE_PROFILE]},
        "type": "history",
        "timestamp": instant(at),
        "entry": [_status_entry(one, kind, shown, names), *_resource_entries(events, content, names)],
    }


def status_page(found: Sequence[Subscription], self_url: str, names: Names) -> Resource:
    """The answer to $status."""
    entries = [
        {
            "fullUrl": f"urn:uuid:{derived_id('status', one.id)}",
            "resource": status_parameters(one, Kind.QUERY_STATUS, (), names),
            "search": {"mode": "match"},
        }
        for one in found
    ]
    links = [{"relation": "self", "url": self_url}]
    return present(resourceType="Bundle", type="searchset", link=links, entry=entries)


def status_parameters(one: Subscription, kind: Kind, events: Sequence[Event], names: Names) -> Resource:
    """R5's SubscriptionStatus as R4's Parameters."""
    parameters: list[Resource] = [
        {"name": "subscription", "valueReference": {"reference": names.url("Subscription", one.id)}},
        {"name": "topic", "valueCanonical": canonical(one.wanted.topic, names)},
        {"name": "status", "valueCode": one.status.value},
        {"name": "type", "valueCode": kind.value},
        {"name": "events-since-subscription-start", "valueString": str(one.events)},
    ]
    parameters += [{"name": "notification-event", "part": _parts(event, names)} for event in events]
    if kind is not Kind.HANDSHAKE and (problem := trouble(one)):
        code = {"system": names.system("delivery-code"), "code": one.code or "unknown"}
        parameters.append({"name": "error", "valueCodeableConcept": {"coding": [code], "text": problem}})
    return {
        "resourceType": "Parameters",
        "id": derived_id("status", one.id),
        "meta": {"profile": [STATUS_PROFILE]},
        "parameter": parameters,
    }


def _parts(event: Event, names: Names) -> list[Resource]:
    parts: list[Resource] = [
        {"name": "event-number", "valueString": str(event.number)},
        {"name": "timestamp", "valueInstant": instant(event.at)},
    ]
    if event.focus:
        parts.append({"name": "focus", "valueReference": {"reference": f"{names.base}/{event.focus}"}})
        parts += [
            {"name": "additional-context", "valueReference": {"reference": f"{names.base}/{one}"}}
            for one in event.context
        ]
    return parts


def _status_entry(one: Subscription, kind: Kind, events: Sequence[Event], names: Names) -> Resource:
    return {
        "fullUrl": f"urn:uuid:{derived_id('status', one.id)}",
        "resource": status_parameters(one, kind, events, names),
        "request": {"method": "GET", "url": f"{names.url('Subscription', one.id)}/$status"},
        "response": {"status": "200"},
    }


def _resource_entries(events: Sequence[Event], content: Content, names: Names) -> list[Resource]:
    if content is not Content.FULL:
        return []
    # Two events about the same gap: it stands once, as it is now.
    resources = {
        f"{found['resourceType']}/{found['id']}": found for event in events for found in event.resources
    }  # fmt: skip
    return [
        {
            "fullUrl": f"{names.base}/{path}",
            "resource": found,
            "request": {"method": "PUT", "url": path},
            "response": {"status": "200"},
        }
        for path, found in resources.items()
    ]


def is_told(status: Status) -> bool:
    """Whether events are numbered for a subscription of this status: everything but one that is switched off."""
    return status is not Status.OFF
