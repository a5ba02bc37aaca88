"""What a stored message says otherwise today is published: new ids, a time that wins, and a note of who wanted it."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from care_intake.adapters.identities import Identities
from care_intake.adapters.postgres import Work, fact_row, remarks
from care_intake.adapters.replays import REJUDGE, Asker, Replays
from care_intake.adapters.retranslation import judged_by, remembered, said_of
from care_intake.adapters.sources import Sources
from care_intake.core.effects import Verdict
from care_intake.core.retranslation import Comparison, Correction, Noted, compare, digest_of, is_said_otherwise
from care_intake.core.translation import type_of
from care_shared.contracts.care_events import CareEvent
from care_shared.errors import NotFoundError, NotReadyError
from care_shared.runtime.clock import Clock
from care_shared.runtime.outbox import enqueue
from care_shared.runtime.postgres import TRANSIENT_ERRORS, Connection
from care_shared.topics import CARE_EVENTS

STORED = """
SELECT receipt_id, source, format, resource, raw, received_at, verdict, mended_by FROM receipts
WHERE receipt_id = $1 FOR UPDATE
"""
EVER_NOTED = "SELECT event_id FROM receipt_facts WHERE receipt_id = $1"
ROUNDS = "SELECT count(*) FROM receipt_replays WHERE receipt_id = $1 AND what = 'retranslation'"
FALLEN = "UPDATE receipt_facts SET stands = false WHERE event_id = ANY($1::text[])"
NOTE = """
INSERT INTO receipt_facts (event_id, receipt_id, event_type, patient_id, digest, stands, replaces)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
AUDIT = """
INSERT INTO receipt_replays (receipt_id, replayed_by, replayed_at, old_verdict, new_verdict, field, problem, new_facts,
    what, reason, changed_facts, withdrawn_facts)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'retranslation', $9, $10, $11)
"""


@dataclass(frozen=True, slots=True)
class Corrected:
    """What was published for one message, and how many facts a person must take back."""

    new: int = 0
    changed: int = 0
    withdrawn: int = 0
    left: int = 0

    def __add__(self, other: "Corrected") -> "Corrected":
        return Corrected(
            self.new + other.new, self.changed + other.changed, self.withdrawn + other.withdrawn, self.left + other.left
        )


@dataclass(frozen=True, slots=True)
class _Telling:
    """A fact to publish: what was translated (its digest), what goes out, and whose place it takes."""

    fact: CareEvent
    digest: bytes
    replaces: str = ""
    stands: bool = True


class Corrections:
    """One message, one transaction. Repeating it finds nothing, because what was said last is compared."""

    def __init__(
        self, pool: asyncpg.Pool, sources: Sources, before: Sources, clock: Clock, topic: str = CARE_EVENTS.name
    ) -> None:
        self._pool = pool
        self._sources = sources
        self._before = before
        self._clock = clock
        self._topic = topic
        self._replays = Replays(pool, sources, clock, topic)

    async def correct(self, receipt_id: str, asker: Asker) -> Corrected:
        """Publish the difference; a message that was refused or of no use is replayed. Raises as Replays do."""
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                done = await self._correct(connection, receipt_id, asker)
        except TRANSIENT_ERRORS as error:
            raise NotReadyError("PostgreSQL does not answer") from error
        if done is not None:
            return done
        replayed = await self._replays.replay(receipt_id, asker)
        return Corrected(new=len(replayed.difference.added) if replayed.is_applied else 0)

    async def _correct(self, connection: Connection, receipt_id: str, asker: Asker) -> Corrected | None:
        """None when nothing of it was accepted yet."""
        row = await connection.fetchrow(STORED, receipt_id)
        if row is None:
            raise NotFoundError("no message of that receipt is kept here")
        if row["verdict"] in (Verdict.TEST, Verdict.HELD, Verdict.CONFLICT) or row["mended_by"]:
            return Corrected()
        if row["verdict"] != Verdict.ACCEPTED:
            return None
        one = judged_by(row, self._sources)
        work = Work(connection, self._topic, self._clock())
        # Doubts and receipts are written under it everywhere, so that nobody waits in a circle.
        await Identities(connection).lock()
        assignment = await work.assigned([one])
        receipt = assignment.receipt_of(one)
        if receipt.verdict not in (Verdict.ACCEPTED, Verdict.IGNORED):
            return Corrected()
        if assignment.book.tied:
            await work.settle(assignment, self._clock(), one.source)
        facts = assignment.facts.get(receipt_id, [])
        noted = (await said_of(connection, [receipt_id])).get(receipt_id, [])
        comparison = compare(remembered(row, noted, self._before), facts)
        done = await self._publish(connection, row, comparison, facts)
        if done.new or done.changed or done.withdrawn:
            await connection.execute(
                REJUDGE, receipt_id, Verdict.ACCEPTED, "", "", remarks(receipt), one.decision.control_id
            )
            await connection.execute(
                AUDIT, receipt_id, asker.name, self._clock(), row["verdict"], Verdict.ACCEPTED, "", "", done.new,
                asker.reason, done.changed, done.withdrawn,
            )  # fmt: skip
        return done

    async def _publish(
        self, connection: Connection, row: asyncpg.Record, comparison: Comparison, facts: Sequence[CareEvent]
    ) -> Corrected:
        receipt_id = row["receipt_id"]
        taken = {one["event_id"] for one in await connection.fetch(EVER_NOTED, receipt_id)}
        rounds: int = await connection.fetchval(ROUNDS, receipt_id)
        correction = Correction(self._clock(), row["received_at"], rounds + 1)
        new = [
            _Telling(correction.new(fact, is_id_taken=fact.event_id in taken), digest_of(fact))
            for fact in comparison.new
        ]
        changed = [
            _Telling(correction.changed(then, fact), digest_of(fact), then.event_id)
            for then, fact in comparison.changed
        ]
        withdrawn = [
            telling
            for then in comparison.unsaid
            if not is_said_otherwise(then, facts) and (telling := _withdrawn(correction, then, facts)) is not None
        ]
        await self._tell(connection, receipt_id, [*withdrawn, *changed, *new])
        return Corrected(len(new), len(changed), len(withdrawn), len(comparison.unsaid) - len(withdrawn))

    async def _tell(self, connection: Connection, receipt_id: str, tellings: Sequence[_Telling]) -> None:
        await connection.execute(FALLEN, [one.replaces for one in tellings if one.replaces])
        await connection.executemany(
            NOTE,
            [
                (one.fact.event_id, receipt_id, type_of(one.fact), one.fact.patient_id, one.digest, one.stands,
                 one.replaces)
                for one in tellings
            ],
        )  # fmt: skip
        await enqueue(connection, [fact_row(one.fact, self._topic) for one in tellings])


def _withdrawn(correction: Correction, then: Noted, facts: Sequence[CareEvent]) -> _Telling | None:
    # The record may have been merged since; while the message speaks of one patient it tells whose it is now.
    patients = {fact.patient_id for fact in facts}
    patient_id = patients.pop() if len(patients) == 1 else then.patient_id
    fact = correction.withdrawn(then, patient_id)
    return None if fact is None else _Telling(fact, digest_of(fact), then.event_id, stands=False)
