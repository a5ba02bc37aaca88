"""Each fact finds its patient: what one message teaches about who is who holds for the next one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from care_intake.core.identity import IssuedNumber, PatientKey
from care_intake.core.identity_book import STILL_ONE, UNPARTABLE, Book, Doubtful, Stated
from care_intake.core.persons import Move
from care_intake.core.receipts import Judged, Receipt, receipt_of
from care_intake.core.translation import UNRESOLVED, Ignored
from care_shared.contracts.care_events import (
    CareEvent,
    PatientAbsorbed,
    PatientMerged,
    PatientSeparated,
    PatientUnmerged,
    PatientUpdated,
)
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import EventId, PatientId, SourceId


@dataclass(frozen=True, slots=True)
class Doubt:
    """One patient's facts that are held back, with the numbers they came under and the records those point to."""

    receipt_id: str
    patient: PatientKey
    candidates: tuple[PatientId, ...]
    why: str
    facts: tuple[CareEvent, ...]  # with their ids, still without a patient


@dataclass(slots=True)
class Assignment:
    """Finds the record of each translation, in the order of the messages."""

    book: Book
    facts: dict[str, list[CareEvent]] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)
    remarks: dict[str, list[Ignored]] = field(default_factory=dict)
    unmet: dict[str, str] = field(default_factory=dict)

    def take(self, one: Judged) -> list[CareEvent]:
        """The message's facts with their patients; facts whose patient is in doubt are left out."""
        for tie in one.ties:
            reason = self.book.hear(tie, one.receipt_id)
            if reason in (UNPARTABLE, STILL_ONE):
                self.unmet[one.receipt_id] = reason
            elif reason:
                self.remarks.setdefault(one.receipt_id, []).append(Ignored("MRG" if tie.is_one else "PID", reason))
        facts = self.facts.setdefault(one.receipt_id, [])
        for said in one.translations:
            found = self.book.whose(said.patient, stated_by(said.facts, one.receipt_id))
            if isinstance(found, Doubtful):
                held = said.of(UNRESOLVED)
                self.doubts.append(Doubt(one.receipt_id, said.patient, found.candidates, found.why, held))
            else:
                facts.extend(said.of(*self.book.names_of(found)))
        return facts

    def receipt_of(self, one: Judged, *, is_used_before: bool = False) -> Receipt:
        """The receipt of a message that was taken."""
        whys = (doubt.why for doubt in self.doubts if doubt.receipt_id == one.receipt_id)
        why = next(whys, self.unmet.get(one.receipt_id, ""))
        remarks = self.remarks.get(one.receipt_id, ())
        return receipt_of(one, is_used_before=is_used_before, doubt=why, remarks=remarks)

    def settle(self, waiting: Iterable[Doubt]) -> dict[int, list[CareEvent]]:
        """By place in `waiting`: the facts of doubts that what was learnt since has dispelled."""
        settled: dict[int, list[CareEvent]] = {}
        doubts = list(waiting)
        is_more = True
        while is_more:
            is_more = False
            for place, doubt in enumerate(doubts):
                if place in settled:
                    continue
                found = self.book.whose(doubt.patient, stated_by(doubt.facts, doubt.receipt_id))
                if not isinstance(found, Doubtful):
                    settled[place] = under(self.book, found, doubt.facts)
                    is_more = True
        return settled


def stated_by(facts: Sequence[CareEvent], said_by: str) -> Stated:
    """What the facts say that could veto the numbers they came under."""
    at = facts[0].said_at
    for fact in facts:
        if isinstance(fact, PatientUpdated):
            return Stated(at, said_by, fact.birth_date, fact.family_name or "")
    return Stated(at, said_by)


def under(book: Book, record: PatientId, facts: Iterable[CareEvent]) -> list[CareEvent]:
    """The facts in the name of whoever answers for the record, which is named beside when it is another one."""
    survivor, beside = book.names_of(record)
    return [fact.model_copy(update={"patient_id": survivor, "recorded_under": beside}) for fact in facts]


def said_now(facts: Iterable[CareEvent], at: datetime) -> list[CareEvent]:
    """Facts that were held back: nobody could know them before now, and they say what they said then."""
    return [fact.model_copy(update={"recorded_at": at, "stated_at": fact.said_at}) for fact in facts]


def facts_of_move(move: Move, revision: int, at: datetime, source: SourceId) -> list[CareEvent]:
    """What the record's old and new survivors and the record itself must learn, each under its own key."""

    def envelope(kind: str, patient: PatientId) -> dict[str, object]:
        identity = EventId(derived_id("who-is-who", kind, patient, move.record, str(revision)))
        return {
            "event_id": identity, "patient_id": patient, "occurred_at": at, "recorded_at": at, "source": source,
            "revision": revision,
        }  # fmt: skip

    facts: list[CareEvent] = []
    if move.before != move.record:
        body = envelope("unmerged", move.before) | {"separated_patient_id": move.record}
        facts.append(PatientUnmerged.model_validate(body))
    if move.after != move.record:
        body = envelope("merged", move.after) | {"absorbed_patient_id": move.record}
        facts.append(PatientMerged.model_validate(body))
        body = envelope("absorbed", move.record) | {"survivor_patient_id": move.after}
        facts.append(PatientAbsorbed.model_validate(body))
    else:
        body = envelope("separated", move.record) | {"former_survivor_patient_id": move.before}
        facts.append(PatientSeparated.model_validate(body))
    return facts


def numbers_named(group: Iterable[Judged]) -> set[IssuedNumber]:
    """Every number the group names."""
    found: set[IssuedNumber] = set()
    for one in group:
        for said in one.translations:
            found.update(said.patient.identifiers)
        for tie in one.ties:
            found |= {tie.survivor, tie.other}
    return found


def needs_company(group: Iterable[Judged], book: Book) -> set[PatientId]:
    """The known records whose ties and other numbers must be known too; for an ordinary message there are none."""
    found: set[PatientId] = set()
    for one in group:
        for tie in one.ties:
            found.update(book.numbers[number] for number in (tie.survivor, tie.other) if number in book.numbers)
        for said in one.translations:
            records = book.records_of(said.patient)
            is_all_known = all(number in book.numbers for number in said.patient.identifiers)
            if not is_all_known or len({book.survivor_of(record) for record in records}) > 1:
                found.update(records)
    return found
