"""Whether scoring gets on: behind, with a database that answers, and no turn for a minute means stuck."""

import asyncio
from typing import Protocol

import asyncpg

from care_scoring import measures
from care_scoring.rounds import Rounds

STUCK_SECONDS = 60.0
ASK_SECONDS = 2.0


class Lag(Protocol):
    """Somebody who knows how far we are behind."""

    def lag(self) -> int:
        """Records in the log that are not folded yet."""


class Progress:
    """The checks behind `/livez` and `/readyz`. Each answers None when all is well."""

    def __init__(self, pool: asyncpg.Pool, rounds: Rounds, behind: Lag) -> None:
        self._pool = pool
        self._rounds = rounds
        self._behind = behind
        self._turns = -1
        self._since = 0.0

    async def stuck(self) -> str | None:
        """Never because a database or broker is away: a restart would not bring it back."""
        now = asyncio.get_running_loop().time()
        lag = self._behind.lag()
        measures.LAG.set(lag)
        if lag == 0 or self._rounds.turns != self._turns or await self.no_database() is not None:
            self._turns, self._since = self._rounds.turns, now
            return None
        return "behind, and no turn for a minute" if now - self._since > STUCK_SECONDS else None

    async def no_database(self) -> str | None:
        """Does PostgreSQL answer?"""
        try:
            await asyncio.wait_for(self._pool.fetchval("SELECT 1"), ASK_SECONDS)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return "PostgreSQL does not answer"
        return None

    async def no_assignment(self) -> str | None:
        """Has Kafka given us our share yet?"""
        return None if self._rounds.assigned else "no partitions assigned yet"
