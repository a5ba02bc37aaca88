"""A doubt about who somebody is, as the desk shows it: records side by side, and where they agree."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from care_notifications.adapters.intake_identities import Doubt, Evidence, Number, Record
from care_notifications.web.words import Moment, past

DECISIONS = {
    "united": "All these numbers are one person: link the records",
    "named": "It is about one record, and numbers that are new here are that record's too",
    "given": "It is about one record, but its numbers are wrong: learn nothing from them",
    "kept": "Keep apart: nobody is to hear of this message",
}
NEEDS_RECORD = frozenset({"named", "given"})


@dataclass(frozen=True, slots=True)
class DoubtRow:
    """One doubt of the list."""

    id: int
    source: str
    found: Moment
    why: str
    facts: int
    records: int


@dataclass(frozen=True, slots=True)
class RecordView:
    """One record beside what the message says; `letter` is what the page calls it."""

    letter: str
    record: str
    is_survivor: bool
    family_name: str
    birth_date: str
    born: str
    numbers: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """One doubt with all that helps."""

    id: int
    source: str
    found: Moment
    is_open: bool
    why: str
    receipt_id: str
    is_masked: bool
    fact_types: tuple[str, ...]
    numbers: tuple[tuple[Number, str], ...]
    records: tuple[RecordView, ...]
    said: dict[str, str]


def doubt_rows(doubts: Iterable[Doubt], now: datetime, zone: ZoneInfo) -> list[DoubtRow]:
    """In the order given."""
    return [
        DoubtRow(one.id, one.source, past(one.found_at, now, zone), one.why, one.facts, len(one.candidates))
        for one in doubts
    ]


def evidence_view(one: Evidence, now: datetime, zone: ZoneInfo) -> EvidenceView:
    """Records are called A, B, … so that a person can speak of them without a number of anybody's."""
    letters = {record.record: chr(ord("A") + place) for place, record in enumerate(one.records[:26])}
    numbers = tuple((number, letters.get(number.record, "")) for number in one.numbers)
    return EvidenceView(
        one.id, one.source, past(one.found_at, now, zone), not one.decision, one.why, one.receipt_id, one.is_masked,
        one.fact_types, numbers, tuple(_record(record, letters) for record in one.records[:26]), one.said,
    )  # fmt: skip


def _record(one: Record, letters: dict[str, str]) -> RecordView:
    return RecordView(
        letters[one.record], one.record, one.survivor == one.record, _agrees(one.same_family_name),
        _agrees(one.same_birth_date), one.birth_date, one.numbers,
    )  # fmt: skip


def _agrees(is_same: bool | None) -> str:
    return "not known" if is_same is None else "the same" if is_same else "different"
