"""What happened to an alert after the version somebody knew: who changed what since."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from care_notifications.adapters.postgres import transaction
from care_shared.errors import NotFoundError
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import GapId

CURRENT = "SELECT version, state, tier, owner, labelled FROM alerts WHERE gap_id = $1"
SINCE = """
SELECT version, kind AS what, done_at AS at, coalesce(display_name, done_by) AS by, state
FROM acts LEFT JOIN people ON person_id = done_by WHERE gap_id = $1 AND version > $2
UNION ALL
SELECT version, change, changed_at, 'scoring', NULL FROM alert_changes WHERE gap_id = $1 AND version > $2
ORDER BY version, at LIMIT 50
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """The alert as it stands, and each change after the version asked about, oldest first."""

    current: asyncpg.Record
    since: Sequence[asyncpg.Record]


class PostgresVersions:
    """Read access to versions."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def labelled(self, gap_id: GapId) -> bool:
        """Whether the alert carries a sensitivity label. Raises NotFoundError."""
        async with transaction(self._pool) as connection:
            return bool((await _current(connection, gap_id))["labelled"])

    async def since(self, gap_id: GapId, version: int) -> Difference:
        """What somebody who knew this version does not know. Raises NotFoundError."""
        async with transaction(self._pool) as connection:
            return Difference(await _current(connection, gap_id), await connection.fetch(SINCE, gap_id, version))


async def _current(connection: Connection, gap_id: GapId) -> asyncpg.Record:
    row = await connection.fetchrow(CURRENT, gap_id)
    if row is None:
        raise NotFoundError("no such alert")
    return row
