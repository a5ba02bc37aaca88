"""The parameters of a search: known ones with usable values; anything else is refused by name, never guessed."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from care_notifications.core.fhir.outcomes import Problem

EARLIEST = datetime(1, 1, 2, tzinfo=UTC)
LATEST = datetime(9999, 12, 30, tzinfo=UTC)
USUAL_PAGE, LARGEST_PAGE = 50, 200
_TIME = re.compile(r"(?P<prefix>eq|ge|gt|le|lt)?(?P<time>\d{4}(?:-\d\d(?:-\d\d(?:T\S+)?)?)?)")
_FORMATS = ("json", "application/json", "application/fhir+json")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: after this one."""

    at: datetime = EARLIEST
    id: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """`since <= time < until`."""

    since: datetime = EARLIEST
    until: datetime = LATEST


ALWAYS = Span()


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for: by the time that pages go along, and perhaps by another one."""

    chosen: Mapping[str, str]
    span: Span
    size: int
    after: Place
    other: Span = ALWAYS


def search_of(pairs: Sequence[tuple[str, str]], known: Sequence[str], times: Sequence[str]) -> Search:
    """Read a query string; `times` are the parameters of time. Raises Problem with the name of what cannot be used."""
    chosen: dict[str, str] = {}
    spans, size, after = dict.fromkeys(times, ALWAYS), USUAL_PAGE, Place()
    for name, value in pairs:
        if name in spans:
            found = _span(name, value)
            spans[name] = Span(max(spans[name].since, found.since), min(spans[name].until, found.until))
        elif name == "_count" and times:
            size = _size(value)
        elif name == "_page" and times:
            after = place_of(value)
        elif name == "_format":
            _check_format(value)
        elif name not in known:
            raise Problem(400, "not-supported", "This search parameter is not known here.", name[:40])
        elif name in chosen or not value or "," in value:
            raise Problem(400, "invalid", "This search parameter takes one value, once.", name)
        else:
            chosen[name] = value
    span, other, *_ = [*spans.values(), ALWAYS, ALWAYS]
    return Search(chosen, span, size, after, other)


def page_name(place: Place) -> str:
    """A page's name in an address; it says nothing about a patient."""
    return urlsafe_b64encode(f"{place.at.isoformat()} {place.id}".encode()).decode().rstrip("=")


def place_of(name: str) -> Place:
    """The place that a page's name stands for."""
    try:
        text = urlsafe_b64decode(name + "=" * (-len(name) % 4)).decode()
        time, _, resource_id = text.partition(" ")
        at = datetime.fromisoformat(time)
        at = at if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Problem(400, "invalid", "This is not a page of ours.", "_page") from None
    if at.tzinfo is None or "\0" in resource_id:
        raise Problem(400, "invalid", "This is not a page of ours.", "_page")
    return Place(at, resource_id)


def _check_format(value: str) -> None:
    if value not in _FORMATS:
        raise Problem(406, "not-supported", "Only JSON is spoken here.", "_format")


def _size(value: str) -> int:
    if not (value.isascii() and value.isdigit() and 1 <= int(value[:6]) <= LARGEST_PAGE):
        raise Problem(400, "invalid", f"A page has 1 to {LARGEST_PAGE} entries.", "_count")
    return int(value)


def _span(name: str, value: str) -> Span:
    """From when until when the time must lie: a date without a time is the whole day, month or year."""
    found = _TIME.fullmatch(value)
    start, end = _period(found["time"]) if found else (None, None)
    if found is None or start is None or end is None:
        raise Problem(400, "invalid", "This is not a FHIR date with eq, ge, gt, le or lt.", name)
    match found["prefix"]:
        case "ge":
            return Span(start, LATEST)
        case "gt":
            return Span(end, LATEST)
        case "le":
            return Span(EARLIEST, end)
        case "lt":
            return Span(EARLIEST, start)
        case _:
            return Span(start, end)


def _period(text: str) -> tuple[datetime | None, datetime | None]:
    try:
        if "T" in text:
            start = datetime.fromisoformat(text)
            start = start if start.tzinfo is not None else start.replace(tzinfo=UTC)
            # PostgreSQL counts microseconds; what FHIR shows ends with milliseconds.
            return start.astimezone(UTC), (start + timedelta(milliseconds=1 if "." in text else 1000)).astimezone(UTC)
        year, month, day = (int(part) for part in [*text.split("-"), "1", "1"][:3])
        start = datetime(year, month, day, tzinfo=UTC)
        return start, _after(start, text.count("-"))
    except (ValueError, OverflowError):
        return None, None


def _after(start: datetime, parts: int) -> datetime:
    if parts == 2:
        return start + timedelta(days=1)
    if parts == 1:
        return (start.replace(day=28) + timedelta(days=4)).replace(day=1)
    return start.replace(year=start.year + 1)
