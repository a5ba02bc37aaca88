"""What happened to an alert after the version somebody knew: who changed what since."""

from collections.abc import Sequence

import asyncpg

from care_notifications.adapters.postgres import statement
from care_notifications.core.acts import Since
from care_shared.errors import NotFoundError
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import GapId

SINCE = """
SELECT version, kind AS what, done_at AS at, coalesce(display_name, done_by) AS by
FROM acts LEFT JOIN people ON person_id = done_by WHERE gap_id = $1 AND version > $2
UNION ALL
SELECT version, change, changed_at, 'scoring' FROM alert_changes WHERE gap_id = $1 AND version > $2
ORDER BY version LIMIT 50
"""
LABELLED = "SELECT labelled FROM alerts WHERE gap_id = $1"


class PostgresVersions:
    """Read access to versions."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def labelled(self, gap_id: GapId) -> bool:
        """Whether the alert carries a sensitivity label. Raises NotFoundError."""
        async with statement(self._pool) as connection:
            found: bool | None = await connection.fetchval(LABELLED, gap_id)
        if found is None:
            raise NotFoundError("no such alert")
        return found

    async def since(self, gap_id: GapId, version: int) -> Sequence[Since]:
        """Each change that somebody who knew this version does not know, oldest first."""
        async with statement(self._pool) as connection:
            return await changes_since(connection, gap_id, version)


async def changes_since(connection: Connection, gap_id: GapId, version: int) -> tuple[Since, ...]:
    """Who changed what after this version, oldest first."""
    rows = await connection.fetch(SINCE, gap_id, version)
    return tuple(Since(row["version"], row["what"], row["at"], row["by"]) for row in rows)
