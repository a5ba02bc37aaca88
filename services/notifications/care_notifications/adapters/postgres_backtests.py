"""Backtests that somebody kept, to be looked at by others before a threshold changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg
from pydantic import ValidationError

from care_notifications.adapters.postgres import statement, transaction
from care_notifications.core.backtest_run import BacktestRun
from care_shared.errors import NotFoundError, UnusableMessageError
from care_shared.runtime.clock import random_id
from care_shared.vocabulary import PersonId

KEEP = "INSERT INTO backtest_runs (run_id, kept_at, kept_by, body) VALUES ($1, $2, $3, $4)"
SWEEP = """
DELETE FROM backtest_runs WHERE run_id IN (SELECT run_id FROM backtest_runs ORDER BY kept_at DESC, run_id OFFSET $1)
"""
NEWEST = """
SELECT run_id, kept_at, coalesce(display_name, kept_by) AS kept_by, body ->> 'baseline' AS baseline,
    body ->> 'candidate' AS candidate, (body ->> 'before')::integer AS before, (body ->> 'after')::integer AS after,
    jsonb_array_length(body -> 'rules') AS rules
FROM backtest_runs LEFT JOIN people ON person_id = kept_by ORDER BY kept_at DESC, run_id
"""
ONE = "SELECT body FROM backtest_runs WHERE run_id = $1"
KEPT = 40


@dataclass(frozen=True, slots=True)
class PostgresBacktests:
    """The newest so many are kept."""

    pool: asyncpg.Pool

    async def keep(self, text: str, by: PersonId, now: datetime) -> str:
        """Keep what the file says. Returns its id. Raises UnusableMessageError when it is no backtest of ours."""
        try:
            run = BacktestRun.model_validate_json(text)
        except ValidationError as error:
            where = ".".join(str(one) for one in error.errors()[0]["loc"] if isinstance(one, str))
            raise UnusableMessageError(where or "The file", "is not as `carelead backtest --json` prints it") from None
        run_id = random_id()
        async with transaction(self.pool) as connection:
            await connection.execute(KEEP, run_id, now, by, run.model_dump_json())
            await connection.execute(SWEEP, KEPT)
        return run_id

    async def newest(self) -> Sequence[asyncpg.Record]:
        """All that are kept, the newest first."""
        async with statement(self.pool) as connection:
            return await connection.fetch(NEWEST)

    async def run(self, run_id: str) -> BacktestRun:
        """One of them. Raises NotFoundError."""
        async with statement(self.pool) as connection:
            body = await connection.fetchval(ONE, run_id)
        if body is None:
            raise NotFoundError("no such backtest")
        return BacktestRun.model_validate_json(body)
