"""A person decides about numbers that were held: whose they are, or that nobody is to hear of the message."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from care_intake.core.assignment import Assignment, Doubt, said_now, stated_by, under
from care_intake.core.identity import IssuedNumber
from care_shared.contracts.care_events import CareEvent
from care_shared.errors import UnusableMessageError
from care_shared.vocabulary import PatientId

_NUMBER_PARTS = 3
NO_RECORD = PatientId("")


class Decided(StrEnum):
    """What a person may say of a doubt."""

    UNITED = "united"  # all the numbers name one person
    NAMED = "named"  # they name this record's person, from now on
    GIVEN = "given"  # the facts are this record's, and the numbers teach nothing
    KEPT = "kept"  # nobody is to hear of it


@dataclass(frozen=True, slots=True)
class Ruling:
    """One decision, with who took it, why and when."""

    decided: Decided
    by: str
    reason: str
    at: datetime
    record: PatientId = NO_RECORD


def apply(ruling: Ruling, doubt: Doubt, assignment: Assignment) -> list[CareEvent]:
    """The facts that go out; the book learns what the ruling teaches."""
    book = assignment.book
    # Whoever accepts has seen name and birth date: the same message must not be doubted again tomorrow.
    said = replace(stated_by(doubt.facts, ruling.by), at=ruling.at)
    match ruling.decided:
        case Decided.KEPT:
            return []
        case Decided.UNITED:
            record = book.belongs(doubt.patient, doubt.candidates[0], said)
        case Decided.NAMED:
            record = book.name(doubt.patient, ruling.record)
            book.describe(record, said)
        case Decided.GIVEN:
            record = ruling.record
        case _:
            assert_never(ruling.decided)
    return said_now(under(book, record, doubt.facts), ruling.at)


def written_number(text: str) -> IssuedNumber | None:
    """A number as people write it on the command line: `authority|type|value`. None for the id of a record."""
    if "|" not in text:
        return None
    parts = text.split("|")
    if len(parts) != _NUMBER_PARTS or not all(parts):
        raise UnusableMessageError("number", "is not written as authority|type|value")
    return IssuedNumber(*parts)
