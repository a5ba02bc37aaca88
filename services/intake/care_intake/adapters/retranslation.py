"""Stored messages are translated anew: first the difference, and when somebody says so, its publication."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import asyncpg

from care_intake.adapters.sources import Sources
from care_intake.core.decide import decide
from care_intake.core.effects import Verdict, verdict_of
from care_intake.core.formats import Format, RawMessage
from care_intake.core.identity import new_patient_id
from care_intake.core.receipts import Judged, judged
from care_intake.core.replays import may_become
from care_intake.core.retranslation import Comparison, Noted, causes, compare, digest_of, example
from care_intake.core.translation import type_of
from care_shared.contracts.care_events import CareEvent, decode_event
from care_shared.errors import ConfigurationError, NotReadyError
from care_shared.runtime.postgres import TRANSIENT_ERRORS, Connection
from care_shared.vocabulary import EventId, PatientId, SourceId

# Test messages told nobody; a conflict and a doubtful patient are a person's business, and a mended message is done.
TOUCHED = (Verdict.ACCEPTED, Verdict.IGNORED, Verdict.QUARANTINED, Verdict.REJECTED)
STORED = """
SELECT receipt_id, source, format, resource, raw, received_at, verdict FROM receipts
WHERE source = $1 AND received_at >= $2 AND received_at < $3 AND verdict = ANY($4::text[]) AND mended_by = ''
ORDER BY received_at, kept_at, receipt_id
"""
SAID = """
SELECT receipt_facts.receipt_id, receipt_facts.event_id, receipt_facts.event_type, receipt_facts.patient_id,
    receipt_facts.digest, outbox.value
FROM receipt_facts LEFT JOIN outbox ON outbox.event_id = receipt_facts.event_id
WHERE receipt_facts.receipt_id = ANY($1::text[]) AND receipt_facts.stands ORDER BY receipt_facts.event_id
"""
BATCH = 20  # messages may have megabytes
MOST_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Range:
    """Which messages: of one source, from a time, up to and without another."""

    source: SourceId
    since: datetime
    until: datetime


@dataclass(slots=True)
class Difference:
    """What a range says anew, counted: per kind of change, type of fact and cause; examples are masked."""

    messages: int = 0
    unchanged: int = 0
    uncompared: int = 0
    changes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str, str], list[str]] = field(default_factory=dict)
    receipts: list[str] = field(default_factory=list)

    def count(self, change: tuple[str, str, str], shown: str) -> None:
        """One fact; the first few of a kind are shown."""
        self.changes[change] += 1
        shown_so_far = self.examples.setdefault(change, [])
        if len(shown_so_far) < MOST_EXAMPLES:
            shown_so_far.append(shown)


class Retranslation:
    """Reads and compares; it writes nothing. `before` are the sources that hold until now."""

    def __init__(self, pool: asyncpg.Pool, sources: Sources, before: Sources) -> None:
        self._pool = pool
        self._sources = sources
        self._before = before

    async def preview(self, wanted: Range, most: int) -> Difference:
        """The difference, in one snapshot, a few messages in memory at a time; names at most so many receipts.

        Raises ConfigurationError when the source is not agreed, NotReadyError.
        """
        if self._sources.by_name(wanted.source) is None:
            raise ConfigurationError(f"the sources file does not name {wanted.source}")
        found = Difference()
        try:
            async with (
                self._pool.acquire() as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                async for rows in _batches(connection, wanted):
                    noted = await said_of(connection, [row["receipt_id"] for row in rows])
                    for row in rows:
                        self._compare(found, row, noted.get(row["receipt_id"], ()), most)
        except TRANSIENT_ERRORS as error:
            raise NotReadyError("PostgreSQL does not answer") from error
        return found

    def _compare(self, found: Difference, row: asyncpg.Record, noted: Sequence[Noted], most: int) -> None:
        found.messages += 1
        now = judged_by(row, self._sources)
        before, after = Verdict(row["verdict"]), verdict_of(now.decision.effect)
        if before is not after:
            found.verdicts[before, after] += 1
        if not may_become(before, after):
            return
        known = self._remembered(row, noted)
        comparison = compare(known, facts_of(now))
        found.unchanged += comparison.unchanged
        found.uncompared += len(comparison.uncompared)
        if comparison.is_same and before is after:
            return
        if len(found.receipts) < most:
            found.receipts.append(row["receipt_id"])
        _tell(found, comparison, row["receipt_id"])

    def _remembered(self, row: asyncpg.Record, noted: Sequence[Noted]) -> list[Noted]:
        return remembered(row, noted, self._before)


def remembered(row: asyncpg.Record, noted: Sequence[Noted], before: Sources) -> list[Noted]:
    """What the facts said; what the outbox has forgotten is told anew under the sources of then, if it is the same."""
    if all(one.fact is not None for one in noted) or before.by_name(SourceId(row["source"])) is None:
        return list(noted)
    then = {digest_of(fact): fact for fact in facts_of(judged_by(row, before))}
    return [one if one.fact is not None else replace(one, fact=then.get(one.digest or b"")) for one in noted]


def judged_by(row: asyncpg.Record, sources: Sources) -> Judged:
    """The stored message under these sources, as of when it came."""
    source = SourceId(row["source"])
    feed = sources.by_name(source)
    if feed is None:
        raise ConfigurationError(f"the sources file does not name {source}, so its messages cannot be read again")
    message = RawMessage(row["raw"], Format(row["format"]), row["received_at"], row["resource"])
    return judged(message, source, decide(message, feed))


def facts_of(one: Judged) -> list[CareEvent]:
    """The facts, for comparison only: their patients are named by their numbers."""
    return [fact for said in one.translations for fact in said.of(new_patient_id(said.patient))]


async def said_of(connection: Connection, receipt_ids: Sequence[str]) -> Mapping[str, list[Noted]]:
    """The facts of these messages that stand."""
    found: dict[str, list[Noted]] = {}
    for row in await connection.fetch(SAID, list(receipt_ids)):
        fact = decode_event(row["value"]) if row["value"] is not None else None
        one = Noted(EventId(row["event_id"]), row["event_type"], PatientId(row["patient_id"]), row["digest"], fact)
        found.setdefault(row["receipt_id"], []).append(one)
    return found


async def _batches(connection: Connection, wanted: Range) -> AsyncIterator[list[asyncpg.Record]]:
    verdicts = [str(one) for one in TOUCHED]
    cursor = await connection.cursor(STORED, wanted.source, wanted.since, wanted.until, verdicts)
    while rows := await cursor.fetch(BATCH):
        yield rows


def _tell(found: Difference, comparison: Comparison, receipt_id: str) -> None:
    for fact in comparison.new:
        found.count(("new", type_of(fact), ""), receipt_id)
    for then, now in comparison.changed:
        differing = causes(then.fact, now)
        shown = example(then.fact, now, differing) if then.fact is not None else ""
        cause = ", ".join(differing) if then.fact is not None else "what it said is not kept any more"
        found.count(("changed", type_of(now), cause), f"{receipt_id}  {shown}".rstrip())
    for one in comparison.unsaid:
        found.count(("no longer said", one.kind, ""), receipt_id)
