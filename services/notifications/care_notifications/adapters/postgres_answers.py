"""A request with an Idempotency-Key is answered once; whoever sends it again gets the same answer for a day."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import asyncpg

from care_notifications.adapters.postgres import statement

CLAIM = """
INSERT INTO api_answers (caller, key, request_hash, first_at, begun_at) VALUES ($1, $2, $3, $4, $4)
ON CONFLICT (caller, key) DO UPDATE SET request_hash = $3, begun_at = $4, status = NULL, headers = NULL, body = NULL,
    first_at = CASE WHEN api_answers.first_at < $5 THEN $4 ELSE api_answers.first_at END
WHERE api_answers.first_at < $5
    OR (api_answers.status IS NULL AND api_answers.begun_at < $6 AND api_answers.request_hash = $3)
RETURNING first_at
"""
FIND = "SELECT request_hash, status, headers, body FROM api_answers WHERE caller = $1 AND key = $2"
SAVE = """
UPDATE api_answers SET status = $5, headers = $6, body = $7
WHERE caller = $1 AND key = $2 AND request_hash = $3 AND begun_at = $4 AND status IS NULL
"""
LEAVE = "UPDATE api_answers SET begun_at = $4 WHERE caller = $1 AND key = $2 AND begun_at = $3 AND status IS NULL"
GIVE_UP = "DELETE FROM api_answers WHERE caller = $1 AND key = $2 AND begun_at = $3 AND status IS NULL"
SWEEP = "DELETE FROM api_answers WHERE first_at < $1"

KEPT = timedelta(hours=24)
# Whoever worked on it so long ago and left no answer is dead. Doing it again is safe: acts have the key's name.
LEASE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Asked:
    """One request with a key."""

    caller: str
    key: str
    request_hash: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Mine:
    """It is ours to do; it was asked for first at this time."""

    first_at: datetime


class Taken(StrEnum):
    """The first request with this key still runs, or it was another request."""

    RUNNING = "running"
    OTHER = "other"


class PostgresAnswers:
    """First answers, by caller and key."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def claim(self, asked: Asked) -> Mine | Taken | Answer:
        """The kept answer, or who works on it."""
        async with statement(self._pool) as connection:
            first_at = await connection.fetchval(
                CLAIM, asked.caller, asked.key, asked.request_hash, asked.at, asked.at - KEPT, asked.at - LEASE
            )
            if first_at is not None:
                return Mine(first_at)
            row = await connection.fetchrow(FIND, asked.caller, asked.key)
        if row is None:
            return Taken.RUNNING  # given up at this very moment
        if row["request_hash"] != asked.request_hash:
            return Taken.OTHER
        return Taken.RUNNING if row["status"] is None else _answer(row)

    async def save(self, asked: Asked, answer: Answer) -> None:
        """Keep the answer, unless somebody took over meanwhile."""
        async with statement(self._pool) as connection:
            await connection.execute(
                SAVE, asked.caller, asked.key, asked.request_hash, asked.at, answer.status,
                json.dumps(answer.headers), answer.body,
            )  # fmt: skip

    async def leave(self, asked: Asked) -> None:
        """It is not known whether it was done: whoever asks again takes over at once, under the same name."""
        async with statement(self._pool) as connection:
            long_ago = asked.at - LEASE - timedelta(seconds=1)
            await connection.execute(LEAVE, asked.caller, asked.key, asked.at, long_ago)

    async def give_up(self, asked: Asked) -> None:
        """Nothing was done; the key is free again."""
        async with statement(self._pool) as connection:
            await connection.execute(GIVE_UP, asked.caller, asked.key, asked.at)

    async def sweep(self, now: datetime) -> None:
        """Forget what nobody may ask for any more."""
        async with statement(self._pool) as connection:
            await connection.execute(SWEEP, now - KEPT)


def _answer(row: asyncpg.Record) -> Answer:
    return Answer(row["status"], json.loads(row["headers"]), row["body"])
