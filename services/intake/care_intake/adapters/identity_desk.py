"""Where a person settles doubts about who is who, and says of two records that they are one person or two."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from care_intake.adapters.identities import Identities, doubt_of
from care_intake.adapters.postgres import Work
from care_intake.core.assignment import Assignment, Doubt
from care_intake.core.identity_book import Book
from care_intake.core.persons import Tie
from care_intake.core.rulings import Decided, Ruling, apply, written_number
from care_shared.errors import NotFoundError, NotReadyError
from care_shared.runtime.postgres import TRANSIENT_ERRORS, Connection
from care_shared.topics import CARE_EVENTS
from care_shared.vocabulary import PatientId, SourceId

DESK = SourceId("intake-desk")

OPEN = """
SELECT conflicts.id, conflicts.receipt_id, conflicts.identifiers, conflicts.patient_ids, conflicts.why, conflicts.facts,
    conflicts.found_at, conflicts.decision, receipts.source
FROM identity_conflicts AS conflicts JOIN receipts USING (receipt_id)
WHERE settled_at IS NULL ORDER BY conflicts.id LIMIT $1
"""
ONE = """
SELECT conflicts.id, conflicts.receipt_id, conflicts.identifiers, conflicts.patient_ids, conflicts.why, conflicts.facts,
    conflicts.found_at, conflicts.decision, receipts.source
FROM identity_conflicts AS conflicts JOIN receipts USING (receipt_id) WHERE conflicts.id = $1 FOR UPDATE OF conflicts
"""
SETTLED = """
UPDATE identity_conflicts SET settled_at = $2, decision = $3, decided_by = $4, reason = $5 WHERE id = $1
"""
RELEASED = """
UPDATE receipts SET verdict = 'accepted', field = '', problem = '' WHERE receipt_id = $1 AND verdict = 'held'
AND NOT EXISTS (
    SELECT FROM identity_conflicts WHERE identity_conflicts.receipt_id = $1
    AND (settled_at IS NULL OR decision = 'kept')
)
"""
IS_RECORD = "SELECT EXISTS (SELECT FROM identifiers WHERE patient_id = $1)"
BY_NUMBER = "SELECT patient_id FROM identifiers WHERE (authority, type, value) = ($1, $2, $3)"


@dataclass(frozen=True, slots=True)
class OpenDoubt:
    """A doubt as the desk shows it; numbers and facts are the patient's, so they are shown only when asked for."""

    id: int
    source: str
    found_at: datetime
    decision: str
    doubt: Doubt


class IdentityDesk:
    """Every change is one transaction with the name and the reason of whoever asked; repeating it changes nothing."""

    def __init__(self, pool: asyncpg.Pool, topic: str = CARE_EVENTS.name) -> None:
        self._pool = pool
        self._topic = topic

    async def doubts(self, most: int) -> Sequence[OpenDoubt]:
        """What waits, the oldest first."""
        async with self._transaction() as connection:
            return [_shown(row) for row in await connection.fetch(OPEN, most)]

    async def doubt(self, doubt_id: int) -> OpenDoubt:
        """One doubt, settled or not. Raises NotFoundError."""
        async with self._transaction() as connection:
            return await _one(connection, doubt_id)

    async def settle(self, doubt_id: int, ruling: Ruling) -> int | None:
        """How many facts went out; None when it was settled before. Raises NotFoundError."""
        async with self._transaction() as connection:
            identities = Identities(connection)
            await identities.lock()
            found = await _one(connection, doubt_id)
            if found.decision:
                return None
            book = await _book(identities, found.doubt, ruling.record)
            assignment = Assignment(book)
            facts = apply(ruling, found.doubt, assignment)
            await identities.learn(book, [])
            await connection.execute(SETTLED, doubt_id, ruling.at, ruling.decided, ruling.by, ruling.reason)
            work = Work(connection, self._topic)
            await work.note_facts([found.doubt.receipt_id], {found.doubt.receipt_id: facts})
            if ruling.decided is not Decided.KEPT:
                await connection.execute(RELEASED, found.doubt.receipt_id)
                await work.settle(assignment, ruling.at, DESK, by=ruling.by, reason=ruling.reason)
            return len(facts)

    async def tie(self, survivor: str, other: str, ruling: Ruling, *, is_one: bool) -> bool:
        """Two records, by id or number, are one person or two; False when that changes nobody. Raises NotFoundError."""
        async with self._transaction() as connection:
            identities = Identities(connection)
            await identities.lock()
            first, second = await record_named(connection, survivor), await record_named(connection, other)
            if first == second:
                return False
            book = Book()
            await identities.bring_company(book, {first, second})
            book.tie(first, second, Tie(is_one, first, ruling.at, ruling.by))
            is_changed = bool(book.moves)
            await identities.learn(book, [])
            work = Work(connection, self._topic)
            await work.settle(Assignment(book), ruling.at, DESK, by=ruling.by, reason=ruling.reason)
            return is_changed

    async def record(self, text: str) -> PatientId:
        """The record of an id or a number. Raises NotFoundError, UnusableMessageError."""
        async with self._transaction() as connection:
            return await record_named(connection, text)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Connection]:
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                yield connection
        except TRANSIENT_ERRORS as error:
            raise NotReadyError("PostgreSQL does not answer") from error


async def record_named(connection: Connection, text: str) -> PatientId:
    """The record that a person means: its id, or a number of it as `authority|type|value`."""
    number = written_number(text)
    if number is None:
        found = text if await connection.fetchval(IS_RECORD, text) else None
    else:
        found = await connection.fetchval(BY_NUMBER, *number)
    if found is None:
        raise NotFoundError("nobody is known by that number or id")
    return PatientId(found)


async def _book(identities: Identities, doubt: Doubt, record: PatientId) -> Book:
    book = Book()
    await identities.look_up(book, doubt.patient.identifiers)
    records = {*book.records_of(doubt.patient), *doubt.candidates, *([record] if record else [])}
    await identities.bring_company(book, records)
    return book


async def _one(connection: Connection, doubt_id: int) -> OpenDoubt:
    row = await connection.fetchrow(ONE, doubt_id)
    if row is None:
        raise NotFoundError("there is no doubt of that number")
    return _shown(row)


def _shown(row: asyncpg.Record) -> OpenDoubt:
    return OpenDoubt(row["id"], row["source"], row["found_at"], row["decision"], doubt_of(row))
