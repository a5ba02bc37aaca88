"""Alerts, notices and the positions in the topic, kept in one PostgreSQL transaction."""

import contextlib
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime

import asyncpg

from care_notifications.adapters.postgres import Ring, record_of, transaction
from care_notifications.adapters.postgres_around import consents_of, neighbours_of, recent_of
from care_notifications.adapters.postgres_directory import DirectoryAtHand, DirectorySource
from care_notifications.adapters.postgres_news import save_news
from care_notifications.adapters.postgres_positions import PostgresPositions, advance, lock_positions
from care_notifications.adapters.postgres_scores import PostgresScoreBook
from care_notifications.adapters.postgres_telling import load_told_of
from care_notifications.core.folding import Known, News
from care_notifications.core.leaving import Recent
from care_notifications.core.notice_policy import SHIPPED, NoticePolicy
from care_notifications.core.situation import Lane, may_be_covered
from care_notifications.core.state import AlertRecord, Directory
from care_notifications.ports import ScoreBook, Slot, Unusable
from care_shared.contracts.care_alerts import CareAlert
from care_shared.runtime.dead_letters import Place, Whole, dead_letter
from care_shared.runtime.outbox import Row, enqueue
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import GapId, PatientId

# In this order everywhere: whoever looks at several alerts waits for nobody who waits for one of them.
LOAD_ALERTS = "SELECT * FROM alerts WHERE gap_id = ANY($1::text[]) ORDER BY gap_id FOR UPDATE"


class PostgresAlertStore(PostgresPositions):
    """The alerts of this installation."""

    def __init__(self, pool: asyncpg.Pool, source: DirectorySource, ring: Ring, policy: NoticePolicy = SHIPPED) -> None:
        """`ring` is called after each commit that changed something."""
        super().__init__(pool)
        self._source = source
        self._ring = ring
        self._policy = policy
        self._directory = DirectoryAtHand()

    @contextlib.asynccontextmanager
    async def begin(self, slots: Collection[Slot]) -> AsyncIterator["PostgresAlertWork"]:
        """Whoever holds the rows of the slots' positions works alone on them: a worker that comes back late waits
        here, then finds that the positions have moved on.
        """
        async with transaction(self._pool) as connection:
            positions = await lock_positions(connection, slots)
            directory = await self._directory.read(connection, self._source)
            yield PostgresAlertWork(connection, positions, directory, self._policy)
        self._ring()


class PostgresAlertWork:
    """One transaction over the alerts of some slots."""

    def __init__(
        self, connection: Connection, positions: Mapping[Slot, int], directory: Directory, policy: NoticePolicy
    ) -> None:
        self.positions = positions
        self.directory = directory
        self.scores: ScoreBook = PostgresScoreBook(connection)
        self.policy = policy
        self._connection = connection

    async def know(self, alerts: Sequence[CareAlert]) -> Known:
        """The alerts, locked, and what stands around them; asked for only where it can matter."""
        gaps = tuple({alert.gap_id for alert in alerts})
        rows = await self._connection.fetch(LOAD_ALERTS, gaps)
        records = {GapId(row["gap_id"]): record_of(row) for row in rows}
        told = await load_told_of(self._connection, tuple(records)) if records else {}
        coverable = {alert.patient_id for alert in alerts if may_be_covered(alert, self.policy)}
        neighbours = await neighbours_of(self._connection, _with_former(coverable, records), gaps) if coverable else {}
        consents = await consents_of(self._connection, tuple({one.patient_id for one in alerts if one.labels}))
        return Known(records, told, neighbours, consents)

    async def recent(self, lanes: Sequence[Lane], alerts: Sequence[CareAlert], now: datetime) -> Recent:
        """What has left for these recipients of late."""
        return await recent_of(self._connection, lanes, alerts, self.policy, now)

    async def save(self, news: Sequence[News], now: datetime) -> None:
        """Keep the alerts, their history, their deliveries and their suppressions."""
        await save_news(self._connection, news, self.directory.agreements, now)

    async def set_aside(self, unusable: Sequence[Unusable], now: datetime) -> None:
        """Keep records that can never be used as dead letters."""
        await enqueue(self._connection, [_letter(one, now) for one in unusable])

    async def advance(self, positions: Mapping[Slot, int]) -> None:
        """The next records to read."""
        await advance(self._connection, positions)


def _with_former(patients: Collection[PatientId], records: Mapping[GapId, AlertRecord]) -> tuple[PatientId, ...]:
    """These patients, and those whose alerts may become theirs by a merge."""
    return tuple({*patients, *(record.patient_id for record in records.values())})


def _letter(one: Unusable, now: datetime) -> Row:
    place = Place(one.slot.topic, one.slot.partition, one.raw.offset)
    return dead_letter(place, Whole(one.raw.key, one.raw.value), one.error, now)
