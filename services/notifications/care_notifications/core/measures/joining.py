"""Records that are one person are counted as one: each keeps its own facts, so that a wrong merge can be undone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from care_notifications.core.measures.book import Book, Said, Stay, newer
from care_shared.contracts import care_events as facts
from care_shared.vocabulary import PatientId

LinkFact = facts.PatientMerged | facts.PatientUnmerged | facts.PatientAbsorbed | facts.PatientSeparated
LINKS = LinkFact.__args__


@dataclass(frozen=True, slots=True)
class Link:
    """Which record answers for another; the highest revision of who is who holds."""

    record: PatientId
    survivor: PatientId | None
    revision: int


def link_of(event: LinkFact) -> Link:
    """What a fact about who is who says; both sides of a merge say the same."""
    match event:
        case facts.PatientMerged():
            return Link(event.absorbed_patient_id, event.patient_id, event.revision)
        case facts.PatientUnmerged():
            return Link(event.separated_patient_id, None, event.revision)
        case facts.PatientAbsorbed():
            return Link(event.patient_id, event.survivor_patient_id, event.revision)
        case facts.PatientSeparated():
            return Link(event.patient_id, None, event.revision)


def joined(books: Sequence[Book]) -> Book:
    """One book of what all of them say; the same stay, contact or visit in two of them is one."""
    if len(books) == 1:
        return books[0]
    person = Book(
        language=_newest(one.language for one in books),
        zone=_newest(one.zone for one in books),
        died=_newest(one.died for one in books),
        hospice=_newest(one.hospice for one in books),
    )
    for book in books:
        for number, stay in book.stays.items():
            person.stays[number] = _joined_stay(person.stays.get(number), stay)
        for name in ("contacts", "appointments", "services", "periods", "covers"):
            _take_newer(getattr(person, name), getattr(book, name))
    return person


def _joined_stay(held: Stay | None, other: Stay) -> Stay:
    if held is None:
        return other
    return Stay(**{one.name: _newest((getattr(held, one.name), getattr(other, one.name))) for one in fields(Stay)})


def _newest(statements: Iterable[Said[Any] | None]) -> Said[Any] | None:
    found: Said[Any] | None = None
    for one in statements:
        if one is not None:
            found = newer(found, one)
    return found


def _take_newer(held: dict[str, Any], others: dict[str, Any]) -> None:
    for key, one in others.items():
        if key not in held or held[key].said <= one.said:
            held[key] = one
