"""The crosswalk in PostgreSQL: read without waiting for ordinary messages, written by one transaction at a time."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

import asyncpg

from care_intake.core.assignment import Assignment, Doubt, facts_of_move, needs_company, numbers_named
from care_intake.core.identity import IssuedNumber, PatientKey
from care_intake.core.identity_book import Book, OnFile
from care_intake.core.persons import Tie, squeezed
from care_intake.core.receipts import Judged
from care_shared.contracts.care_events import CareEvent, decode_event, encode_event
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import PatientId, SourceId

# One round trip for an ordinary message: its numbers, their records, and what could veto them.
KNOWN = """
SELECT identifiers.authority, identifiers.type, identifiers.value, identifiers.patient_id,
    kept.survivor_id, kept.birth_date, kept.family, kept.said_at
FROM identifiers
JOIN unnest($1::text[], $2::text[], $3::text[]) AS wanted (authority, type, value) USING (authority, type, value)
LEFT JOIN patient_records AS kept ON kept.record_id = identifiers.patient_id
"""
# Only while somebody writes down who is who; ordinary messages are read past it. The order of locks is the same in
# every transaction: claims, this, receipts.
LOCK = "SELECT pg_advisory_xact_lock(hashtext('carelead.intake.identity'))"
TIES = """
SELECT first_id, second_id, is_one, survivor_id, stated_at, said_by FROM patient_ties
WHERE first_id = ANY($1::text[]) OR second_id = ANY($1::text[])
"""
NUMBERS = """
SELECT identifiers.authority, identifiers.type, identifiers.value, identifiers.patient_id,
    kept.survivor_id, kept.birth_date, kept.family, kept.said_at
FROM identifiers LEFT JOIN patient_records AS kept ON kept.record_id = identifiers.patient_id
WHERE identifiers.patient_id = ANY($1::text[])
"""
LEARN = """
INSERT INTO identifiers (authority, type, value, patient_id, first_receipt_id)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
"""
DESCRIBE = """
INSERT INTO patient_records (record_id, survivor_id, birth_date, family, said_at)
SELECT record_id, record_id, birth_date, family, said_at
FROM unnest($1::text[], $2::date[], $3::bytea[], $4::timestamptz[]) AS said (record_id, birth_date, family, said_at)
ON CONFLICT (record_id) DO UPDATE
SET birth_date = excluded.birth_date, family = excluded.family, said_at = excluded.said_at
WHERE patient_records.said_at IS NULL OR patient_records.said_at <= excluded.said_at
"""
MOVE = """
INSERT INTO patient_records (record_id, survivor_id) SELECT * FROM unnest($1::text[], $2::text[])
ON CONFLICT (record_id) DO UPDATE SET survivor_id = excluded.survivor_id
"""
TIE = """
INSERT INTO patient_ties (first_id, second_id, is_one, survivor_id, stated_at, said_by)
SELECT * FROM unnest($1::text[], $2::text[], $3::boolean[], $4::text[], $5::timestamptz[], $6::text[])
ON CONFLICT (first_id, second_id) DO UPDATE SET is_one = excluded.is_one, survivor_id = excluded.survivor_id,
    stated_at = excluded.stated_at, said_by = excluded.said_by
"""
CHANGED = """
INSERT INTO identity_changes (record_id, before_id, after_id, said_by, reason, changed_at)
VALUES ($1, $2, $3, $4, $5, $6) RETURNING revision
"""
NOTE_DOUBT = """
INSERT INTO identity_conflicts (receipt_id, identifiers, patient_ids, why, facts) VALUES ($1, $2, $3, $4, $5)
"""
DOUBTS = """
SELECT id, receipt_id, identifiers, patient_ids, why, facts FROM identity_conflicts
WHERE settled_at IS NULL AND facts <> '[]' AND patient_ids && $1::text[] ORDER BY id FOR UPDATE
"""
DISPELLED = """
UPDATE identity_conflicts SET settled_at = now(), decision = 'dispelled', decided_by = $2, reason = $3
WHERE id = ANY($1::bigint[])
"""
# The sender heard yes already; now the message is taken whole, unless another doubt about it is left.
RELEASED = """
UPDATE receipts SET verdict = 'accepted', field = '', problem = '' WHERE receipt_id = ANY($1::text[])
AND verdict = 'held' AND NOT EXISTS (
    SELECT FROM identity_conflicts WHERE identity_conflicts.receipt_id = receipts.receipt_id AND settled_at IS NULL
)
"""


class Identities:
    """Who is who, within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def lock(self) -> None:
        """From here to the end of the transaction nobody else changes who is who."""
        await self._connection.execute(LOCK)

    async def book_for(self, group: Sequence[Judged]) -> Book:
        """What these messages need to know; when they may change it, read again under the lock."""
        book = Book()
        wanted = numbers_named(group)
        if wanted:
            await self.look_up(book, wanted)
        if wanted - book.numbers.keys() or needs_company(group, book):
            await self.lock()
            book = Book()
            await self.look_up(book, wanted)
            await self.bring_company(book, needs_company(group, book))
        return book

    async def look_up(self, book: Book, wanted: Iterable[IssuedNumber]) -> None:
        """The records of these numbers."""
        _enter(book, await self._connection.fetch(KNOWN, *_columns(wanted)))

    async def bring_company(self, book: Book, records: Iterable[PatientId]) -> None:
        """Every record that is tied to these, with all their numbers."""
        known: set[PatientId] = set()
        new = set(records)
        while new:
            known |= new
            for row in await self._connection.fetch(TIES, sorted(new)):
                pair = (PatientId(row["first_id"]), PatientId(row["second_id"]))
                book.ties[pair] = Tie(row["is_one"], PatientId(row["survivor_id"]), row["stated_at"], row["said_by"])
            new = {one for pair in book.ties for one in pair} - known
        if known:
            _enter(book, await self._connection.fetch(NUMBERS, sorted(known)))

    async def learn(self, book: Book, group: Sequence[Judged]) -> None:
        """New numbers, what is known of their records, and what was said of who is whom."""
        if book.learnt:
            await self._learn_numbers(book, group)
        if book.described:
            await self.lock()
            records = sorted(book.described)
            kept = [book.records[one] for one in records]
            await self._connection.execute(
                DESCRIBE, records, [one.birth_date for one in kept], [one.family for one in kept],
                [one.said_at for one in kept],
            )  # fmt: skip
            book.described.clear()
        if book.tied:
            pairs = sorted(book.tied)
            ties = [book.ties[pair] for pair in pairs]
            await self._connection.execute(
                TIE, [first for first, _ in pairs], [second for _, second in pairs], [one.is_one for one in ties],
                [one.survivor for one in ties], [one.stated_at for one in ties], [one.said_by for one in ties],
            )  # fmt: skip

    async def _learn_numbers(self, book: Book, group: Sequence[Judged]) -> None:
        first_of: dict[IssuedNumber, str] = {}
        for one in group:
            for number in numbers_named([one]):
                first_of.setdefault(number, one.receipt_id)
        new = list(book.learnt)
        receipts = [first_of.get(number, "") for number in new]
        await self._connection.execute(LEARN, *_columns(new), list(book.learnt.values()), receipts)
        book.learnt.clear()

    async def moved(
        self, book: Book, at: datetime, source: SourceId, by: str = "", reason: str = ""
    ) -> list[CareEvent]:
        """Write down whose survivor changed, and say what others must learn of it."""
        moves = squeezed(book.moves)
        if moves:
            await self._connection.execute(MOVE, [one.record for one in moves], [one.after for one in moves])
        facts: list[CareEvent] = []
        for move in moves:
            revision = await self._connection.fetchval(
                CHANGED, move.record, move.before, move.after, by or source, reason, at
            )
            facts += facts_of_move(move, revision, at, source)
        book.moves.clear()
        return facts

    # ---------------------------------------------------------------- doubts

    async def note_doubts(self, doubts: Sequence[Doubt]) -> None:
        """Somebody must look at these patients."""
        for doubt in doubts:
            await self._connection.execute(
                NOTE_DOUBT, doubt.receipt_id, _written(doubt.patient), [str(one) for one in doubt.candidates],
                doubt.why, json.dumps([encode_event(fact).decode() for fact in doubt.facts]),
            )  # fmt: skip

    async def dispel(self, assignment: Assignment, by: str = "", reason: str = "") -> dict[str, list[CareEvent]]:
        """The facts of doubts about the records in the book that are none any more, by receipt."""
        book = assignment.book
        released: dict[str, list[CareEvent]] = {}
        while True:
            rows = await self._connection.fetch(DOUBTS, sorted(_all_records(book)))
            doubts = [doubt_of(row) for row in rows]
            await self._meet(book, doubts)
            settled = assignment.settle(doubts)
            if not settled:
                break
            await self._connection.execute(DISPELLED, [rows[place]["id"] for place in settled], by, reason)
            for place, facts in settled.items():
                released.setdefault(doubts[place].receipt_id, []).extend(facts)
            await self.learn(book, [])
        if released:
            await self._connection.execute(RELEASED, list(released))
        return released

    async def _meet(self, book: Book, doubts: Sequence[Doubt]) -> None:
        """The book must know all that the doubts speak of before it judges them."""
        await self.look_up(book, {number for doubt in doubts for number in doubt.patient.identifiers})
        named = {record for doubt in doubts for record in book.records_of(doubt.patient)}
        await self.bring_company(book, named)


def doubt_of(row: asyncpg.Record) -> Doubt:
    """A doubt as it is kept."""
    numbers = tuple(IssuedNumber(*one) for one in json.loads(row["identifiers"]))
    facts = tuple(decode_event(one) for one in json.loads(row["facts"]))
    candidates = tuple(PatientId(one) for one in row["patient_ids"])
    return Doubt(row["receipt_id"], PatientKey(numbers), candidates, row["why"], facts)


def _written(key: PatientKey) -> str:
    return json.dumps([[one.authority, one.type, one.value] for one in key.identifiers])


def _enter(book: Book, rows: Iterable[asyncpg.Record]) -> None:
    """What stands in the database; what this transaction changed already is newer."""
    for authority, kind, value, record, survivor, born, family, said_at in rows:
        book.numbers.setdefault(IssuedNumber(authority, kind, value), PatientId(record))
        if survivor is not None:
            book.records.setdefault(PatientId(record), OnFile(PatientId(survivor), born, family, said_at))


def _all_records(book: Book) -> set[PatientId]:
    return {one for pair in book.ties for one in pair} | set(book.numbers.values())


def _columns(numbers: Iterable[IssuedNumber]) -> tuple[list[str], list[str], list[str]]:
    rows = list(numbers)
    return [one.authority for one in rows], [one.type for one in rows], [one.value for one in rows]
