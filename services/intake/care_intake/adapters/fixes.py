"""An edited copy of a refused message is decided like any other; the original keeps its bytes and names its copy."""

from collections.abc import Callable
from dataclasses import dataclass

import asyncpg

from care_intake.adapters.postgres import Work
from care_intake.adapters.replays import Asker
from care_intake.adapters.sources import Sources
from care_intake.core.effects import Verdict
from care_intake.core.feed import Feed
from care_intake.core.formats import Format, RawMessage
from care_intake.core.receipts import Receipt
from care_intake.handler import judged_beside
from care_shared.errors import ConfigurationError, ConflictError, NotFoundError, NotReadyError
from care_shared.runtime.clock import Clock
from care_shared.runtime.postgres import TRANSIENT_ERRORS, Connection
from care_shared.topics import CARE_EVENTS
from care_shared.vocabulary import SourceId

ORIGINAL = """
SELECT source, format, resource, raw, received_at, verdict, mended_by FROM receipts WHERE receipt_id = $1 FOR UPDATE
"""
FIXED_FROM = "UPDATE receipts SET fixed_from = $2 WHERE receipt_id = $1 AND fixed_from = ''"
MENDED_BY = "UPDATE receipts SET mended_by = $2 WHERE receipt_id = $1"
AUDIT = """
INSERT INTO receipt_fixes (receipt_id, fixed_receipt_id, fixed_by, fixed_at, reason, places)
VALUES ($1, $2, $3, $4, $5, $6)
"""
FACTS = "SELECT event_type FROM receipt_facts WHERE receipt_id = $1 ORDER BY event_type"
REFUSED = (Verdict.QUARANTINED, Verdict.REJECTED)

# From the stored bytes, in their language and under their source's agreement, to the mended ones.
Edit = Callable[[bytes, Format, Feed], bytes]


@dataclass(frozen=True, slots=True)
class Fixed:
    """The copy's receipt, and which facts it says; a copy that is refused as well is not kept."""

    receipt: Receipt
    facts: tuple[str, ...] = ()

    @property
    def is_kept(self) -> bool:
        """Whether the copy was taken, so that the original is mended."""
        return self.receipt.verdict.is_yes


class Fixes:
    """Mends one message at a time. It claims its number now, which the refused original never did."""

    def __init__(self, pool: asyncpg.Pool, sources: Sources, clock: Clock, topic: str = CARE_EVENTS.name) -> None:
        self._pool = pool
        self._sources = sources
        self._clock = clock
        self._topic = topic

    async def fix(self, receipt_id: str, edit: Edit, places: str, asker: Asker) -> Fixed:
        """Keep the edited copy. Raises NotFoundError, ConflictError when the original was taken or mended already,
        ConfigurationError, UnusableMessageError of the edit, NotReadyError."""
        try:
            async with self._pool.acquire() as connection:
                transaction = connection.transaction()
                await transaction.start()
                try:
                    done = await self._fix(connection, receipt_id, edit, (places, asker))
                except BaseException:
                    await transaction.rollback()
                    raise
                await (transaction.commit() if done.is_kept and not asker.is_dry_run else transaction.rollback())
                return done
        except TRANSIENT_ERRORS as error:
            raise NotReadyError("PostgreSQL does not answer") from error

    async def _fix(self, connection: Connection, receipt_id: str, edit: Edit, why: tuple[str, Asker]) -> Fixed:
        row = await connection.fetchrow(ORIGINAL, receipt_id)
        if row is None:
            raise NotFoundError("no message of that receipt is kept here")
        if row["verdict"] not in REFUSED or row["mended_by"]:
            raise ConflictError("only a message that was refused, and is not mended yet, can be mended")
        feed = self._sources.by_name(SourceId(row["source"]))
        if feed is None:
            raise ConfigurationError(f"the sources file does not name {row['source']}")
        form = Format(row["format"])
        # As of then: a message that names no time means the moment it arrived.
        message = RawMessage(edit(row["raw"], form, feed), form, row["received_at"], row["resource"])
        one = await judged_beside(message, feed)
        if one.receipt_id == receipt_id:
            raise ConflictError("the copy is the same as the original")
        [kept] = await Work(connection, self._topic, self._clock()).keep([one])
        places, asker = why
        await connection.execute(FIXED_FROM, one.receipt_id, receipt_id)
        await connection.execute(MENDED_BY, receipt_id, one.receipt_id)
        await connection.execute(
            AUDIT, receipt_id, one.receipt_id, asker.name, self._clock(), asker.reason, places
        )  # fmt: skip
        return Fixed(kept.receipt, tuple(fact["event_type"] for fact in await connection.fetch(FACTS, one.receipt_id)))
