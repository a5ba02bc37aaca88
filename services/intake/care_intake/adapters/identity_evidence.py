"""What a person needs to settle a doubt: which number names which record, and whether name and birth date agree."""

from dataclasses import dataclass

import asyncpg

from care_intake.adapters.desk import Desk
from care_intake.adapters.identities import Identities
from care_intake.adapters.identity_desk import OpenDoubt
from care_intake.core.assignment import Doubt, stated_by
from care_intake.core.identity import IssuedNumber
from care_intake.core.identity_book import Book, OnFile, Stated, digest_of
from care_intake.core.translation import type_of
from care_shared.contracts.care_events import PatientUpdated
from care_shared.masking import pattern
from care_shared.vocabulary import PatientId


@dataclass(frozen=True, slots=True)
class IdentityEvidence:
    """Says whether things agree, which names nobody; values only after the reader's name was written down."""

    pool: asyncpg.Pool
    desk: Desk

    async def of(self, one: OpenDoubt, reader: str = "") -> dict[str, object]:
        """The doubt with its records. With a reader also the numbers, name and birth date."""
        doubt = one.doubt
        if reader:
            await self.desk.unmasked(doubt.receipt_id, reader)
        async with self.pool.acquire() as connection, connection.transaction(readonly=True):
            book = Book()
            identities = Identities(connection)
            await identities.look_up(book, doubt.patient.identifiers)
            await identities.bring_company(book, {*book.records_of(doubt.patient), *doubt.candidates})
        said = stated_by(doubt.facts, doubt.receipt_id)
        return {
            **in_short(one),
            "is_masked": not reader,
            "fact_types": [type_of(fact) for fact in doubt.facts],
            "numbers": [_number(number, book, is_masked=not reader) for number in doubt.patient.identifiers],
            "records": [_record(record, book, said, is_masked=not reader) for record in doubt.candidates],
            "said": _said(doubt) if reader else {},
        }


def in_short(one: OpenDoubt) -> dict[str, object]:
    """A doubt without its values."""
    return {
        "id": one.id, "source": one.source, "found_at": one.found_at.isoformat(), "decision": one.decision,
        "receipt_id": one.doubt.receipt_id, "why": one.doubt.why, "facts": len(one.doubt.facts),
        "candidates": [str(record) for record in one.doubt.candidates],
    }  # fmt: skip


def _number(number: IssuedNumber, book: Book, *, is_masked: bool) -> dict[str, object]:
    return {
        "authority": number.authority, "type": number.type,
        "value": pattern(number.value) if is_masked else number.value,
        "record": book.numbers.get(number, ""),
    }  # fmt: skip


def _record(record: PatientId, book: Book, said: Stated, *, is_masked: bool) -> dict[str, object]:
    held = book.records.get(record, OnFile(record))
    numbers = [number for number, named in book.numbers.items() if named == record]
    family = None if not held.family or not said.family_name else held.family == digest_of(record, said.family_name)
    born = None if held.birth_date is None or said.birth_date is None else held.birth_date == said.birth_date
    return {
        "record": record,
        "survivor": book.survivor_of(record),
        "numbers": [_number(number, book, is_masked=is_masked) for number in numbers],
        "same_family_name": family,
        "same_birth_date": born,
        "birth_date": "" if is_masked or held.birth_date is None else held.birth_date.isoformat(),
    }


def _said(doubt: Doubt) -> dict[str, str]:
    """Who the message says it is about."""
    for fact in doubt.facts:
        if isinstance(fact, PatientUpdated):
            born = fact.birth_date.isoformat() if fact.birth_date else ""
            return {"family_name": fact.family_name or "", "given_name": fact.given_name or "", "birth_date": born}
    return {}
