"""Tokens of programs: made once, kept as a hash, each for one person and some scopes, until it ends."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from care_notifications.adapters.postgres import statement, transaction
from care_notifications.adapters.tokens import token_hash
from care_notifications.core.callers import Caller, Scope
from care_shared.errors import NotFoundError
from care_shared.vocabulary import PersonId, Role

SAVE_NEW = """
INSERT INTO api_tokens (token_id, token_hash, name, person_id, scopes, per_minute, created_at, created_by, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
PERSON = "SELECT EXISTS (SELECT FROM people WHERE person_id = $1 AND active)"
# The person is read at each request: whoever leaves takes the tokens along.
LIVE = """
SELECT token_id, person_id, display_name, roles, scopes, per_minute, used_at
FROM api_tokens JOIN people USING (person_id)
WHERE token_hash = $1 AND revoked_at IS NULL AND expires_at > $2 AND active
"""
USED = "UPDATE api_tokens SET used_at = $2 WHERE token_id = $1"
LIST = """
SELECT token_id, name, person_id, scopes, per_minute, created_at, created_by, expires_at, revoked_at, used_at
FROM api_tokens ORDER BY created_at, token_id
"""
REVOKE = "UPDATE api_tokens SET revoked_at = coalesce(revoked_at, $2) WHERE token_id = $1 RETURNING true"

PREFIX = "clt_"
USED_STEP = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NewToken:
    """What a token is to be good for."""

    name: str
    person: PersonId
    scopes: frozenset[Scope]
    per_minute: int
    created_by: str
    lives: timedelta


class PostgresTokens:
    """The tokens of this installation."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def create(self, new: NewToken, now: datetime) -> tuple[str, str]:
        """The token's id and the token, which is not kept. Raises NotFoundError for an unknown person."""
        token, token_id = PREFIX + secrets.token_urlsafe(32), secrets.token_hex(6)
        async with transaction(self._pool) as connection:
            if not await connection.fetchval(PERSON, new.person):
                raise NotFoundError("no such person works here")
            await connection.execute(
                SAVE_NEW, token_id, token_hash(token), new.name, new.person, sorted(new.scopes), new.per_minute, now,
                new.created_by, now + new.lives,
            )  # fmt: skip
        return token_id, token

    async def who(self, token: str, now: datetime) -> Caller | None:
        """Whose token this is, if it is good now."""
        async with statement(self._pool) as connection:
            row = await connection.fetchrow(LIVE, token_hash(token), now)
            if row is None:
                return None
            if row["used_at"] is None or now - row["used_at"] > USED_STEP:
                await connection.execute(USED, row["token_id"], now)
        return Caller(
            id=f"token:{row['token_id']}",
            person=PersonId(row["person_id"]),
            display_name=row["display_name"],
            roles=frozenset(Role(role) for role in row["roles"]),
            scopes=frozenset(Scope(scope) for scope in row["scopes"]),
            token=True,
            per_minute=row["per_minute"],
        )

    async def all(self) -> Sequence[asyncpg.Record]:
        """Every token there ever was, without its hash."""
        async with transaction(self._pool) as connection:
            return await connection.fetch(LIST)

    async def revoke(self, token_id: str, now: datetime) -> None:
        """The token is worth nothing from now on. Raises NotFoundError."""
        async with transaction(self._pool) as connection:
            if not await connection.fetchval(REVOKE, token_id, now):
                raise NotFoundError("no such token")
