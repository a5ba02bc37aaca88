"""Who works with CareLead now, and how much each of them has to do."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from care_notifications.adapters.postgres import statement

PEOPLE = """
SELECT person_id, display_name, roles, active, team_id,
    EXISTS (SELECT FROM leaves WHERE leaves.person_id = people.person_id AND from_at <= $1
        AND (until_at IS NULL OR until_at > $1)) AS on_leave
FROM people ORDER BY display_name, person_id
"""
# Answered by the index of owners alone.
LOAD = """
SELECT owner, tier, count(*) AS open, count(*) FILTER (WHERE due_sort < $1) AS overdue
FROM alerts WHERE NOT is_over GROUP BY owner, tier
"""

LOAD_PUBLIC = """
SELECT owner, tier, count(*) AS open, count(*) FILTER (WHERE due_sort < $1) AS overdue
FROM alerts WHERE NOT is_over AND NOT labelled GROUP BY owner, tier
"""


class PostgresPeople:
    """Read access to people."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def all(self, now: datetime) -> Sequence[asyncpg.Record]:
        """Everybody, by name."""
        async with statement(self._pool) as connection:
            return await connection.fetch(PEOPLE, now)

    async def load(self, now: datetime, sensitive: bool) -> Sequence[asyncpg.Record]:
        """Open alerts by person and tier, and how many of them are overdue; with those that carry a label or not."""
        async with statement(self._pool) as connection:
            return await connection.fetch(LOAD if sensitive else LOAD_PUBLIC, now)
