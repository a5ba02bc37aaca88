"""Chores that run now and then: one process takes each turn, and when it last ran, and how, stands in the database."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import asyncpg

from care_notifications.adapters.postgres import transaction

# A time in the future was written by a clock that was wrong: the turn is free.
TAKE = """
INSERT INTO chores (chore, ran_at, outcome) VALUES ($1, $2, 'running')
ON CONFLICT (chore) DO UPDATE SET ran_at = $2, outcome = 'running'
WHERE chores.ran_at <= $2 - $3::interval OR chores.ran_at > $2 + interval '1 minute'
RETURNING true
"""
END = "UPDATE chores SET outcome = $2 WHERE chore = $1"
ALL = "SELECT chore, ran_at, outcome FROM chores ORDER BY chore"


class PostgresChores:
    """Whose turn it is."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def take(self, chore: str, every: timedelta, now: datetime) -> bool:
        """Whether this process runs the chore now."""
        async with transaction(self._pool) as connection:
            return bool(await connection.fetchval(TAKE, chore, now, every))

    async def end(self, chore: str, outcome: str) -> None:
        """How it ended."""
        async with transaction(self._pool) as connection:
            await connection.execute(END, chore, outcome)

    async def ran(self) -> Mapping[str, tuple[datetime, str]]:
        """When each last ran, and how it ended."""
        async with transaction(self._pool) as connection:
            return {row["chore"]: (row["ran_at"], row["outcome"]) for row in await connection.fetch(ALL)}
