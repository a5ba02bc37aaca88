"""Receipts, identities and outgoing facts of a group of messages, in one PostgreSQL transaction."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import asyncpg

from care_intake.adapters.identities import Identities
from care_intake.adapters.postgres_rosters import RosterBook
from care_intake.core.assignment import Assignment, said_now
from care_intake.core.effects import Verdict, verdict_of
from care_intake.core.receipts import Judged, Receipt, needs_keeping
from care_intake.core.retranslation import digest_of
from care_intake.core.roster_terms import RosterDiff
from care_intake.core.translation import Ignored, type_of
from care_intake.ports import Kept
from care_shared.contracts.care_events import CareEvent, encode_event
from care_shared.errors import NotReadyError
from care_shared.runtime.kafka import Record, cloud_event_headers
from care_shared.runtime.outbox import Row, enqueue
from care_shared.runtime.postgres import TRANSIENT_ERRORS, Connection
from care_shared.topics import CARE_EVENTS
from care_shared.vocabulary import SourceId

EARLIER = """
SELECT receipt_id, verdict, received_at, field, problem, ignored FROM receipts WHERE receipt_id = ANY($1::text[])
"""
# Ordered, so that two intakes that get the same messages wait for one another and never for each other.
CLAIM = """
INSERT INTO claims (source, claim, receipt_id)
SELECT source, claim, receipt_id FROM unnest($1::text[], $2::text[], $3::text[])
    WITH ORDINALITY AS wanted (source, claim, receipt_id, position)
ORDER BY source, claim, position ON CONFLICT DO NOTHING
"""
OWNERS = """
SELECT claims.source, claims.claim, claims.receipt_id FROM claims
JOIN unnest($1::text[], $2::text[]) AS wanted (source, claim) USING (source, claim)
"""
KEEP = """
INSERT INTO receipts
    (receipt_id, source, format, control_id, fingerprint, raw, received_at, verdict, field, problem, ignored,
    resource)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::bytea[], $7::timestamptz[],
    $8::text[], $9::text[], $10::text[], $11::text[], $12::text[]) AS kept (receipt_id) ORDER BY receipt_id
ON CONFLICT (receipt_id) DO UPDATE SET verdict = excluded.verdict, field = excluded.field, problem = excluded.problem,
    ignored = excluded.ignored, resource = excluded.resource, received_at = excluded.received_at,
    kept_at = clock_timestamp()
WHERE receipts.verdict IN ('quarantined', 'rejected') AND receipts.mended_by = ''
RETURNING receipt_id
"""
NOTE_FACTS = """
INSERT INTO receipt_facts (event_id, receipt_id, event_type, patient_id, digest)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[])
"""


class PostgresIntakeStore:
    """IntakeStore on PostgreSQL; one pool that sees the schema `intake`."""

    def __init__(self, pool: asyncpg.Pool, topic: str = CARE_EVENTS.name) -> None:
        self._pool = pool
        self._topic = topic

    async def keep_all(self, group: Sequence[Judged]) -> list[Kept]:
        """See IntakeStore."""
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                work = Work(connection, self._topic)
                return await work.keep(group)
        except TRANSIENT_ERRORS as error:
            raise NotReadyError("PostgreSQL does not answer") from error

    async def preview(self, one: Judged) -> RosterDiff | None:
        """See RosterPreviews."""
        try:
            async with self._pool.acquire() as connection:
                return await RosterBook(connection).preview(one)
        except TRANSIENT_ERRORS as error:
            raise NotReadyError("PostgreSQL does not answer") from error


class Work:
    """What may be written within one transaction; claims, then identities, then receipts, so that nobody deadlocks."""

    def __init__(
        self,
        connection: Connection,
        topic: str,
        known_at: datetime | None = None,
        rosters: RosterBook | None = None,
    ) -> None:
        """`known_at`: readers learn of the facts then, and not when their message came."""
        self._connection = connection
        self._topic = topic
        self._known_at = known_at
        self.rosters = rosters or RosterBook(connection)

    async def keep(self, group: Sequence[Judged]) -> list[Kept]:
        """New receipts with their facts; repeats are only looked up."""
        firsts: dict[str, Judged] = {}
        for one in group:
            firsts.setdefault(one.receipt_id, one)
        receipts = await self._earlier(firsts)
        fresh = [one for one in firsts.values() if needs_keeping(one, receipts.get(one.receipt_id))]
        there = await self._there(fresh)
        fresh = [one for one in fresh if one.receipt_id not in there]
        written = await self._write(fresh) if fresh else {}
        receipts |= written
        firsts = {there.get(receipt_id, receipt_id): one for receipt_id, one in firsts.items()}
        # Whatever another intake wrote between our look and our write is a repeat as well.
        missed = [receipt_id for receipt_id in firsts if receipt_id not in receipts]
        receipts |= await self._earlier(missed) if missed else {}
        new = set(written)
        kept = []
        for one in group:
            found = there.get(one.receipt_id, one.receipt_id)
            kept.append(Kept(receipts[found], is_repeat=one.receipt_id not in new))
            new.discard(one.receipt_id)
        return kept

    async def _there(self, fresh: Sequence[Judged]) -> dict[str, str]:
        """Conditional creates whose record is there already, each with the receipt that brought it."""
        rows = [
            (str(one.source), name, one.receipt_id)
            for one in fresh
            if verdict_of(one.decision.effect).is_yes
            for name in {*one.decision.names, one.message.conditions.unless} - {""}
        ]
        if not rows:
            return {}
        await self._connection.execute(CLAIM, *map(list, zip(*rows, strict=True)))
        asking = [one for one in fresh if one.message.conditions.unless and verdict_of(one.decision.effect).is_yes]
        if not asking:
            return {}
        sources, names = [str(one.source) for one in asking], [one.message.conditions.unless for one in asking]
        found = await self._connection.fetch(OWNERS, sources, names)
        owner_of = {(row["source"], row["claim"]): str(row["receipt_id"]) for row in found}
        owners = {one.receipt_id: owner_of[one.source, one.message.conditions.unless] for one in asking}
        known = {*await self._earlier(owners.values()), *(one.receipt_id for one in fresh)}
        return {asker: owner for asker, owner in owners.items() if owner != asker and owner in known}

    async def _earlier(self, receipt_ids: Iterable[str]) -> dict[str, Receipt]:
        rows = await self._connection.fetch(EARLIER, list(receipt_ids))
        return {row["receipt_id"]: _receipt(row) for row in rows}

    async def _write(self, fresh: Sequence[Judged]) -> dict[str, Receipt]:
        fresh = await self.rosters.settle(fresh)
        used, raced = await self.claims(fresh)
        unused = [one for one in fresh if one.receipt_id not in used | raced]
        assignment = await self.assigned(unused)
        receipts = {
            one.receipt_id: assignment.receipt_of(one, is_used_before=one.receipt_id in used)
            for one in fresh
            if one.receipt_id not in raced
        }
        written = await self._keep_receipts([one for one in fresh if one.receipt_id in receipts], receipts)
        await self.note_facts(written, assignment.facts)
        await Identities(self._connection).note_doubts([one for one in assignment.doubts if one.receipt_id in written])
        doubted = [doubt.patient for doubt in assignment.doubts]
        await self.rosters.keep([one for one in unused if one.receipt_id in written], doubted)
        if assignment.book.tied:
            await self.settle(assignment, fresh[-1].message.received_at, fresh[-1].source)
        return {receipt_id: receipts[receipt_id] for receipt_id in written}

    async def claims(self, fresh: Sequence[Judged]) -> tuple[set[str], set[str]]:
        """Receipts whose message number belongs to another message; and those that another intake just wrote."""
        claiming = [(one, claim) for one in fresh if verdict_of(one.decision.effect).is_yes for claim in one.claims]
        if not claiming:
            return set(), set()
        sources, claims = [str(one.source) for one, _ in claiming], [claim for _, claim in claiming]
        status = await self._connection.execute(CLAIM, sources, claims, [one.receipt_id for one, _ in claiming])
        if status == f"INSERT 0 {len(claiming)}":
            return set(), set()
        rows = await self._connection.fetch(OWNERS, sources, claims)
        owners = {(row["source"], row["claim"]): row["receipt_id"] for row in rows}
        used = {one.receipt_id for one, claim in claiming if owners[one.source, claim] != one.receipt_id}
        settled = await self._earlier(one.receipt_id for one, _ in claiming if one.receipt_id not in used)
        return used, {receipt_id for receipt_id, receipt in settled.items() if receipt.verdict.is_yes}

    async def assigned(self, group: Sequence[Judged]) -> Assignment:
        """The facts of each message with their patients; what is new of who is who is written down on the way."""
        identities = Identities(self._connection)
        book = await identities.book_for(group)
        assignment = Assignment(book)
        for one in group:
            if one.is_published:
                assignment.take(one)
        await identities.learn(book, group)
        return assignment

    async def _keep_receipts(self, group: Sequence[Judged], receipts: dict[str, Receipt]) -> list[str]:
        rows = [receipts[one.receipt_id] for one in group]
        stored = await self._connection.fetch(
            KEEP,
            [one.receipt_id for one in group],
            [str(one.source) for one in group],
            [one.message.format.value for one in group],
            [one.decision.control_id for one in group],
            [bytes.fromhex(one.message.fingerprint) for one in group],
            [one.message.body for one in group],
            [one.message.received_at for one in group],
            [row.verdict.value for row in rows],
            [row.field for row in rows],
            [row.problem for row in rows],
            [remarks(row) for row in rows],
            [one.message.resource for one in group],
        )
        found = {row["receipt_id"] for row in stored}
        return [one.receipt_id for one in group if one.receipt_id in found]

    async def note_facts(self, written: Sequence[str], facts: Mapping[str, Sequence[CareEvent]]) -> None:
        """Facts go out, and it is written down of which message they came."""
        rows = [(receipt_id, self._told(fact)) for receipt_id in written for fact in facts.get(receipt_id, ())]
        if not rows:
            return
        await self._connection.execute(
            NOTE_FACTS,
            [fact.event_id for _, fact in rows],
            [receipt_id for receipt_id, _ in rows],
            [type_of(fact) for _, fact in rows],
            [fact.patient_id for _, fact in rows],
            [digest_of(fact) for _, fact in rows],
        )
        await enqueue(self._connection, [fact_row(fact, self._topic) for _, fact in rows])

    def _told(self, fact: CareEvent) -> CareEvent:
        return fact if self._known_at is None else fact.model_copy(update={"recorded_at": self._known_at})

    async def settle(
        self, assignment: Assignment, at: datetime, source: SourceId, *, by: str = "", reason: str = ""
    ) -> None:
        """Whoever is somebody else now is told to others, and doubts that this dispels let their facts go."""
        identities = Identities(self._connection)
        dispelled = await identities.dispel(assignment, by, reason)
        await self.note_facts(list(dispelled), {one: said_now(facts, at) for one, facts in dispelled.items()})
        moved = await identities.moved(assignment.book, at, source, by, reason)
        await enqueue(self._connection, [fact_row(fact, self._topic) for fact in moved])


def remarks(receipt: Receipt) -> str:
    """What was left aside, as it is stored."""
    return json.dumps([[one.where, one.reason, *([True] if one.is_refused else [])] for one in receipt.ignored])


def _receipt(row: asyncpg.Record) -> Receipt:
    ignored = tuple(Ignored(one[0], one[1], is_refused=len(one) > 2) for one in json.loads(row["ignored"]))
    verdict = Verdict(row["verdict"])
    return Receipt(row["receipt_id"], verdict, row["received_at"], row["field"], row["problem"], ignored)


def fact_row(fact: CareEvent, topic: str) -> Row:
    """A fact as it goes into the outbox."""
    kind = type_of(fact)
    headers = cloud_event_headers(fact.event_id, kind, fact.source, fact.recorded_at.isoformat())
    return fact.event_id, Record(topic, fact.patient_id.encode(), encode_event(fact), headers)
