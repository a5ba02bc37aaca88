"""A stored message is decided again under today's code and sources file: same event ids, and a note of who asked."""

from dataclasses import dataclass

import asyncpg

from care_intake.adapters.identities import Identities
from care_intake.adapters.postgres import Work, remarks
from care_intake.adapters.postgres_rosters import RosterBook
from care_intake.adapters.sources import Sources
from care_intake.core.effects import Verdict
from care_intake.core.formats import Format, RawMessage
from care_intake.core.receipts import Judged, Receipt
from care_intake.core.replays import Replay, difference, may_become, unpublished
from care_intake.handler import judged_beside
from care_shared.errors import ConfigurationError, ConflictError, NotFoundError, NotReadyError
from care_shared.runtime.clock import Clock
from care_shared.runtime.postgres import TRANSIENT_ERRORS, Connection
from care_shared.topics import CARE_EVENTS
from care_shared.vocabulary import SourceId

STORED = "SELECT source, format, resource, raw, received_at, mended_by FROM receipts WHERE receipt_id = $1"
# Whoever resends or replays the same message now waits here for us, or we for them.
VERDICT_NOW = "SELECT verdict FROM receipts WHERE receipt_id = $1 FOR UPDATE"
NOTED = "SELECT event_id, event_type FROM receipt_facts WHERE receipt_id = $1"
REJUDGE = """
UPDATE receipts SET verdict = $2, field = $3, problem = $4, ignored = $5, control_id = $6 WHERE receipt_id = $1
"""
SETTLE_DOUBTS = (
    "UPDATE identity_conflicts SET settled_at = $2, decision = 'replayed' WHERE receipt_id = $1 AND settled_at IS NULL"
)
AUDIT = """
INSERT INTO receipt_replays
    (receipt_id, replayed_by, replayed_at, old_verdict, new_verdict, field, problem, new_facts, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who wants a message replayed, whether only to see what would happen, and why.

    `may_end_many` is that person's word that a roster from which many are missing is whole.
    """

    name: str
    is_dry_run: bool = False
    reason: str = ""
    may_end_many: bool = False


class Replays:
    """Replays receipts one by one, each in its own transaction, so that one that fails stops no other."""

    def __init__(self, pool: asyncpg.Pool, sources: Sources, clock: Clock, topic: str = CARE_EVENTS.name) -> None:
        self._pool = pool
        self._sources = sources
        self._clock = clock
        self._topic = topic

    async def replay(self, receipt_id: str, asker: Asker) -> Replay:
        """Decide again and publish what is new. A dry run does the same and takes it all back.

        Raises NotFoundError, ConflictError when a mended copy took its place, ConfigurationError when the source is
        not agreed any more, NotReadyError.
        """
        try:
            async with self._pool.acquire() as connection:
                transaction = connection.transaction()
                await transaction.start()
                try:
                    done = await self._replay(connection, receipt_id, asker)
                except BaseException:
                    await transaction.rollback()
                    raise
                await (transaction.rollback() if asker.is_dry_run else transaction.commit())
                return done
        except TRANSIENT_ERRORS as error:
            raise NotReadyError("PostgreSQL does not answer") from error

    async def _replay(self, connection: Connection, receipt_id: str, asker: Asker) -> Replay:
        rosters = RosterBook(connection, may_end_many=asker.may_end_many)
        [one] = await rosters.settle([await self._judged_anew(connection, receipt_id)])
        # Whoever reads the facts learns of them now: a deadline must not have passed before anybody could know.
        work = Work(connection, self._topic, self._clock(), rosters)
        used, _ = await work.claims([one])
        # Doubts and receipts are written under it everywhere, so that nobody waits in a circle.
        await Identities(connection).lock()
        assignment = await work.assigned([] if used else [one])
        receipt = assignment.receipt_of(one, is_used_before=bool(used))
        before = Verdict(await connection.fetchval(VERDICT_NOW, receipt_id))
        noted = {row["event_id"]: row["event_type"] for row in await connection.fetch(NOTED, receipt_id)}
        facts = assignment.facts.get(receipt_id, [])
        done = Replay(one.source, before, receipt, difference(noted, facts))
        if may_become(before, receipt.verdict):
            await work.note_facts([receipt_id], {receipt_id: unpublished(noted, facts)})
            if not assignment.doubts:
                await connection.execute(SETTLE_DOUBTS, receipt_id, self._clock())
            elif before is not Verdict.HELD:
                await Identities(connection).note_doubts(assignment.doubts)
            await rosters.keep([] if used else [one], [doubt.patient for doubt in assignment.doubts])
            if assignment.book.tied:
                await work.settle(assignment, self._clock(), one.source)
            await _rejudge(connection, one, receipt)
        await self._audit(connection, done, asker)
        return done

    async def _judged_anew(self, connection: Connection, receipt_id: str) -> Judged:
        row = await connection.fetchrow(STORED, receipt_id)
        if row is None:
            raise NotFoundError("no message of that receipt is kept here")
        if row["mended_by"]:
            raise ConflictError(f"the message is mended; its copy is {row['mended_by']}")
        source = SourceId(row["source"])
        feed = self._sources.by_name(source)
        if feed is None:
            raise ConfigurationError(f"the sources file does not name {source}, so its messages cannot be read again")
        # As of then: a message that names no time means the moment it arrived.
        message = RawMessage(row["raw"], Format(row["format"]), row["received_at"], row["resource"])
        return await judged_beside(message, feed)

    async def _audit(self, connection: Connection, done: Replay, asker: Asker) -> None:
        receipt = done.receipt
        await connection.execute(
            AUDIT, receipt.receipt_id, asker.name, self._clock(), done.before, receipt.verdict, receipt.field,
            receipt.problem, len(done.difference.added) if done.is_applied else 0, asker.reason,
        )  # fmt: skip


async def _rejudge(connection: Connection, one: Judged, receipt: Receipt) -> None:
    await connection.execute(
        REJUDGE, receipt.receipt_id, receipt.verdict, receipt.field, receipt.problem, remarks(receipt),
        one.decision.control_id,
    )  # fmt: skip
