"""A Subscription that a partner sends is read strictly: what we cannot do is refused now, with the element's name."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

from care_notifications.core.fhir.names import Names
from care_notifications.core.fhir.outcomes import Problem, forbidden, invalid
from care_notifications.core.fhir.subscriptions import (
    CONTENT,
    FILTER,
    HEARTBEAT,
    HIDDEN,
    MAX_COUNT,
    TIMEOUT,
    Content,
    Status,
    Topic,
    Wanted,
    canonical,
)
from care_shared.vocabulary import Tier

Body = Mapping[str, object]

FILTERS = ("patient", "rule", "tier")
PAYLOADS = ("application/fhir+json", "application/json")
SHORTEST_HEARTBEAT, LONGEST_HEARTBEAT = 10, 7 * 86_400
LONGEST_TIMEOUT, MOST_EVENTS, MOST_HEADERS = 15, 100, 5
_HEADER = re.compile(r"([A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}): ?([\x20-\x7e]{1,2000})")
# What makes a request ours, or another one: not for a partner to choose.
_OUR_HEADERS = frozenset(
    ("host", "content-type", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer", "expect",
     "user-agent", "accept-encoding", "x-forwarded-for", "forwarded", "proxy-authorization", "cookie")
)  # fmt: skip


def wanted_of(body: Body, names: Names, may_have_full: bool) -> Wanted:
    """What is asked for. Raises Problem."""
    channel = _object(body, "channel", "Subscription.channel")
    _check_channel(channel)
    content = _content(channel)
    if content is Content.FULL and not may_have_full:
        raise forbidden("The agreement does not grant full-resource; ask for id-only or empty.")
    return Wanted(
        topic=_topic(body, names),
        endpoint=_endpoint(channel),
        status=_status(body),
        filters=tuple(_filters(body)),
        headers=tuple(_headers(channel)),
        content=content,
        heartbeat_seconds=_number(channel, HEARTBEAT, SHORTEST_HEARTBEAT, LONGEST_HEARTBEAT),
        timeout_seconds=_number(channel, TIMEOUT, 1, LONGEST_TIMEOUT) or 15,
        max_count=_number(channel, MAX_COUNT, 1, MOST_EVENTS) or 20,
        ends_at=_end(body),
        reason=str(body.get("reason", ""))[:256],
    )


def kept_headers(sent: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """Headers as sent; one that comes back as we showed it keeps the value it had."""
    values = {one.partition(":")[0].lower(): one for one in known}
    kept = []
    for one in sent:
        name, _, value = one.partition(":")
        kept.append(values.get(name.lower(), one) if value.strip() == HIDDEN else one)
    return tuple(kept)


def _object(body: Body, name: str, where: str) -> Body:
    found = body.get(name)
    if not isinstance(found, dict):
        raise invalid(where, "is missing")
    return found


def _topic(body: Body, names: Names) -> Topic:
    known = {canonical(topic, names): topic for topic in Topic}
    found = known.get(str(body.get("criteria", "")).partition("|")[0])
    if found is None:
        raise invalid("Subscription.criteria", "is not the canonical of a topic; /fhir/metadata lists them")
    return found


def _check_channel(channel: Body) -> None:
    if channel.get("type") != "rest-hook":
        raise invalid("Subscription.channel.type", "must be rest-hook")
    if channel.get("payload", PAYLOADS[0]) not in PAYLOADS:
        raise invalid("Subscription.channel.payload", "must be application/fhir+json")


def _endpoint(channel: Body) -> str:
    url = channel.get("endpoint")
    if not isinstance(url, str) or not 0 < len(url) <= 2000 or not url.isascii() or not url.isprintable():
        raise invalid("Subscription.channel.endpoint", "is not an address")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("https", "http") and parts.hostname and parts.username is None and " " not in url
    except ValueError:
        usable = False
    if not usable:
        raise invalid("Subscription.channel.endpoint", "is not an address")
    return url


def _status(body: Body) -> Status:
    try:
        return Status(str(body.get("status", "requested")))
    except ValueError:
        raise invalid("Subscription.status", "is requested, active, error or off") from None


def _extensions(element: object) -> Iterator[Body]:
    extensions = element.get("extension", []) if isinstance(element, dict) else []
    yield from (one for one in extensions if isinstance(one, dict)) if isinstance(extensions, list) else ()


def _filters(body: Body) -> Iterator[tuple[str, tuple[str, ...]]]:
    for one in _extensions(body.get("_criteria")):
        if one.get("url") == FILTER:
            yield from _filter(one.get("valueString"))


def _filter(text: object) -> Iterator[tuple[str, tuple[str, ...]]]:
    where = "Subscription.criteria.extension(filterCriteria)"
    if not isinstance(text, str) or len(text) > 500 or not text.isprintable():
        raise invalid(where, "is not a filter")
    kind, question, query = text.rpartition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    if (question and kind != "DetectedIssue") or not pairs:
        raise invalid(where, "must be DetectedIssue?name=value")
    for name, value in pairs:
        values = tuple(one.removeprefix("Patient/") for one in value.split(","))
        if name not in FILTERS or not all(values):
            raise invalid(where, f"knows {', '.join(FILTERS)}, each with a value")
        if name == "tier" and not {*values} <= {*Tier}:
            raise invalid(where, "knows the tiers P1 to P4")
        yield name, values


def _headers(channel: Body) -> Iterator[str]:
    where = "Subscription.channel.header"
    headers = channel.get("header", [])
    if not isinstance(headers, list) or len(headers) > MOST_HEADERS:
        raise invalid(where, f"is a list of up to {MOST_HEADERS}")
    for one in headers:
        found = _HEADER.fullmatch(one) if isinstance(one, str) else None
        if found is None or found[1].lower() in _OUR_HEADERS:
            raise invalid(where, "is not a header you may set")
        yield f"{found[1]}: {found[2].strip()}"


def _content(channel: Body) -> Content:
    for one in _extensions(channel.get("_payload")):
        if one.get("url") == CONTENT:
            try:
                return Content(str(one.get("valueCode")))
            except ValueError:
                raise invalid("Subscription.channel.payload.extension(content)", "is not known") from None
    return Content.ID_ONLY


def _number(channel: Body, url: str, least: int, most: int) -> int | None:
    for one in _extensions(channel):
        if one.get("url") == url:
            value = one.get("valueUnsignedInt", one.get("valuePositiveInt"))
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
                name = url.rpartition("/")[2]
                raise invalid(f"Subscription.channel.extension({name})", f"must be {least} to {most}")
            return value
    return None


def _end(body: Body) -> datetime | None:
    if "end" not in body:
        return None
    problem = Problem(422, "invalid", "is not an instant with a zone", "Subscription.end")
    try:
        end = datetime.fromisoformat(str(body["end"]))
        if end.tzinfo is None or end.year > 9000:
            raise problem
        return end.astimezone(UTC)
    except (ValueError, OverflowError):
        raise problem from None
