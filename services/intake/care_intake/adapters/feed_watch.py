"""Notices feeds that fall silent or return, and tells it for each of their patients, a few hundred at a time."""

import asyncio
from datetime import datetime, timedelta

import asyncpg

from care_intake.adapters.postgres import fact_row
from care_intake.adapters.sources import Sources
from care_intake.core.feed_watch import FeedChange, Patience, Watched, change_of, released
from care_shared.runtime.clock import Clock
from care_shared.runtime.logs import get_log
from care_shared.runtime.outbox import enqueue
from care_shared.runtime.postgres import TRANSIENT_ERRORS, Connection
from care_shared.topics import CARE_EVENTS
from care_shared.vocabulary import PatientId, SourceId

log = get_log(__name__)

# One watcher at a time, whichever replica; the others look again a minute later.
TRY_LOCK = "SELECT pg_try_advisory_xact_lock(hashtext('carelead.intake.feed-watch'))"
LAST = "SELECT max(received_at) FROM receipts WHERE source = $1"
STATES = "SELECT source, is_silent, changed_at FROM feed_watch"
CHANGE = """
INSERT INTO feed_watch (source, is_silent, changed_at) VALUES ($1, $2, $3)
ON CONFLICT (source) DO UPDATE SET is_silent = $2, changed_at = $3, told_up_to = '', told = 0, is_told = false
"""
UNTOLD = (
    "SELECT source, is_silent, changed_at, told_up_to, told FROM feed_watch WHERE NOT is_told ORDER BY source LIMIT 1"
)
PATIENTS = """
SELECT DISTINCT receipt_facts.patient_id FROM receipts JOIN receipt_facts USING (receipt_id)
WHERE receipts.source = $1 AND receipts.received_at > $2 AND receipt_facts.patient_id > $3
ORDER BY receipt_facts.patient_id LIMIT $4
"""
TOLD = "UPDATE feed_watch SET told_up_to = $2, told = told + $3, is_told = $4 WHERE source = $1"

LOOK_SECONDS = 60.0
PACE_SECONDS = 0.5
BATCH = 500
MOST_PATIENTS = 20_000
KNOWN_FOR = timedelta(days=90)
NO_SETTLING = timedelta()


class FeedWatch:
    """State is in PostgreSQL only: whoever watches next goes on where the last one stopped."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        sources: Sources,
        clock: Clock,
        topic: str = CARE_EVENTS.name,
        settle: timedelta = NO_SETTLING,
    ) -> None:
        """`settle`: a silence that was noticed lasts so long at least."""
        self._settle = settle
        self._pool = pool
        self._sources = sources
        self._clock = clock
        self._topic = topic

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            is_more = False
            try:
                is_more = await self.look()
            except TRANSIENT_ERRORS as error:
                log.warning("feed.watch-waiting", error=type(error).__name__)
            await asyncio.sleep(PACE_SECONDS if is_more else LOOK_SECONDS)

    async def look(self) -> bool:
        """Notice changes and tell one batch of patients. Whether more patients wait to be told."""
        async with self._pool.acquire() as connection, connection.transaction():
            if not await connection.fetchval(TRY_LOCK):
                return False
            states = {
                SourceId(row["source"]): Watched(row["is_silent"], row["changed_at"])
                for row in await connection.fetch(STATES)
            }
            for source, silent_after in self._sources.silent_after.items():
                await self._notice(connection, source, silent_after, states.get(source, Watched()))
            for source in states.keys() - self._sources.silent_after.keys():
                await self._write(connection, released(source, states[source], self._clock()))
            return await self._tell_some(connection)

    async def _notice(self, connection: Connection, source: SourceId, silent_after: timedelta, was: Watched) -> None:
        last: datetime | None = await connection.fetchval(LAST, source)
        await self._write(connection, change_of(source, was, last, self._clock(), Patience(silent_after, self._settle)))

    async def _write(self, connection: Connection, change: FeedChange | None) -> None:
        if change is not None:
            await connection.execute(CHANGE, change.source, change.is_silent, change.changed_at)
            log.warning("feed.changed", source=change.source, state="silent" if change.is_silent else "speaking")

    async def _tell_some(self, connection: Connection) -> bool:
        row = await connection.fetchrow(UNTOLD)
        if row is None:
            return False
        now = self._clock()
        change = FeedChange(SourceId(row["source"]), row["is_silent"], row["changed_at"])
        known = await connection.fetch(PATIENTS, change.source, now - KNOWN_FOR, row["told_up_to"], BATCH)
        patients = [PatientId(one["patient_id"]) for one in known]
        facts = [change.fact_for(patient, now) for patient in patients]
        await enqueue(connection, [fact_row(fact, self._topic) for fact in facts])
        is_capped = row["told"] + len(patients) >= MOST_PATIENTS
        if is_capped:
            log.error("feed.capped", source=change.source, count=row["told"] + len(patients))
        is_told = is_capped or len(patients) < BATCH
        last = patients[-1] if patients else row["told_up_to"]
        await connection.execute(TOLD, change.source, last, len(patients), is_told)
        return True
