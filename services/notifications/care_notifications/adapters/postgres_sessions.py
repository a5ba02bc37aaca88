"""Who is signed in: accounts with argon2 hashes, sessions that end by themselves, and a brake on guessing."""

import asyncio
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from care_notifications.adapters.postgres import transaction
from care_notifications.adapters.tokens import token_hash
from care_shared.errors import ConfigurationError
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import PersonId, Role

ACCOUNT = "SELECT username, password_hash FROM accounts WHERE username = $1 AND disabled_at IS NULL"
PUT_ACCOUNT = """
INSERT INTO accounts (username, person_id, password_hash) VALUES ($1, $2, $3)
ON CONFLICT (username) DO UPDATE SET person_id = $2, password_hash = $3, disabled_at = NULL
    WHERE accounts.organization_id IS NULL
RETURNING true
"""
ACCOUNT_OF = """
SELECT username FROM external_identities JOIN accounts USING (username)
WHERE issuer = $1 AND subject = $2 AND disabled_at IS NULL
"""
PUT_IDENTITY = """
INSERT INTO external_identities (issuer, subject, username, linked_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (issuer, subject) DO UPDATE SET username = $3, linked_at = $4
"""
END_SESSIONS_OF = "UPDATE sessions SET ended_at = $2 WHERE username = $1 AND ended_at IS NULL"
START_SESSION = "INSERT INTO sessions (token_hash, username, started_at, seen_at) VALUES ($1, $2, $3, $3)"
# Account and person are read at each request: whoever is disabled or leaves is out at once.
LIVE_SESSION = """
SELECT person_id, display_name, roles, zone, username, seen_at
FROM sessions JOIN accounts USING (username) JOIN people USING (person_id)
WHERE token_hash = $1 AND ended_at IS NULL AND seen_at > $2 AND started_at > $3
    AND disabled_at IS NULL AND people.active
"""
SEEN = "UPDATE sessions SET seen_at = $2 WHERE token_hash = $1 AND ended_at IS NULL"
END_SESSION = "UPDATE sessions SET ended_at = $2 WHERE token_hash = $1 AND ended_at IS NULL"
FAILURES = """
SELECT count(*) FILTER (WHERE username_hash = $1 AND source = $2) AS of_both,
    count(*) FILTER (WHERE source = $2) AS of_source, count(*) FILTER (WHERE username_hash = $1) AS of_username
FROM sign_in_failures WHERE failed_at > $3 AND (username_hash = $1 OR source = $2)
"""
NOTE_FAILURE = "INSERT INTO sign_in_failures (username_hash, source, failed_at) VALUES ($1, $2, $3)"
SWEEP_SESSIONS = "DELETE FROM sessions WHERE seen_at < $1"
SWEEP_FAILURES = "DELETE FROM sign_in_failures WHERE failed_at < $1"

WINDOW = timedelta(minutes=15)
MOST_FAILURES = {"of_both": 5, "of_source": 30, "of_username": 50}
SEEN_STEP = timedelta(seconds=20)  # one write in twenty seconds is exact enough for a limit of minutes

HASHER = PasswordHasher()
# Verified when the name is unknown, so that the answer takes as long as for a wrong password.
NOBODYS_HASH = HASHER.hash(secrets.token_urlsafe(16))


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """After how long without use, and after how long in any case, a session ends."""

    idle: timedelta
    absolute: timedelta

    def since(self, now: datetime) -> "Since":
        """What these limits mean at this moment."""
        return Since(now, now - self.idle, now - self.absolute)


@dataclass(frozen=True, slots=True)
class Since:
    """A session lives now when it was used and started after these moments."""

    now: datetime
    seen: datetime
    started: datetime


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who makes this request."""

    person: PersonId
    display_name: str
    username: str = ""
    roles: tuple[Role, ...] = ()
    zone: str = ""


class TooManyFailuresError(Exception):
    """Too many wrong passwords lately; wait."""


class PostgresSessions:
    """Sessions, kept by the hash of their token only."""

    def __init__(self, pool: asyncpg.Pool, limits: SessionLimits) -> None:
        self._pool = pool
        self._limits = limits

    async def sign_in(self, username: str, password: str, source: str, now: datetime) -> str | None:
        """A new session's token, or None for a wrong name or password. Raises TooManyFailuresError."""
        username_hash = hashlib.sha256(username.encode()).digest()
        async with transaction(self._pool) as connection:
            failures = await connection.fetchrow(FAILURES, username_hash, source, now - WINDOW)
            account = await connection.fetchrow(ACCOUNT, username)
        assert failures is not None
        if any(failures[name] >= most for name, most in MOST_FAILURES.items()):
            raise TooManyFailuresError
        known_hash = account["password_hash"] if account is not None else NOBODYS_HASH
        matches = await asyncio.to_thread(_matches, known_hash, password)
        async with transaction(self._pool) as connection:
            if account is None or not matches:
                await connection.execute(NOTE_FAILURE, username_hash, source, now)
                return None
            token = secrets.token_urlsafe(32)
            await connection.execute(START_SESSION, token_hash(token), account["username"], now)
        return token

    async def sign_in_as(self, issuer: str, subject: str, now: datetime) -> str | None:
        """A new session's token for whom an identity provider vouches, or None when that person has no account here."""
        async with transaction(self._pool) as connection:
            username = await connection.fetchval(ACCOUNT_OF, issuer, subject)
            if username is None:
                return None
            token = secrets.token_urlsafe(32)
            await connection.execute(START_SESSION, token_hash(token), username, now)
        return token

    async def who(self, token: str, now: datetime, touch: bool) -> SignedIn | None:
        """Whose session this is, if it lives. `touch` when a person did something, rather than a page by itself."""
        async with transaction(self._pool) as connection:
            row = await live_session(connection, LIVE_SESSION, token, self._limits.since(now), touch=touch)
        if row is None:
            return None
        roles = tuple(Role(role) for role in row["roles"])
        return SignedIn(PersonId(row["person_id"]), row["display_name"], row["username"], roles, row["zone"])

    async def sign_out(self, token: str, now: datetime) -> None:
        """The token is worth nothing from now on."""
        async with transaction(self._pool) as connection:
            await connection.execute(END_SESSION, token_hash(token), now)

    async def sweep(self, now: datetime) -> None:
        """Forget what has no meaning any more."""
        async with transaction(self._pool) as connection:
            await connection.execute(SWEEP_SESSIONS, now - self._limits.absolute)
            await connection.execute(SWEEP_FAILURES, now - WINDOW)


async def live_session(
    connection: Connection, sql: str, token: str, since: Since, *, touch: bool
) -> asyncpg.Record | None:
    """The session that `sql` finds, if it lives; `touch` keeps it alive."""
    kept = token_hash(token)
    row: asyncpg.Record | None = await connection.fetchrow(sql, kept, since.seen, since.started)
    if row is not None and touch and since.now - row["seen_at"] > SEEN_STEP:
        await connection.execute(SEEN, kept, since.now)
    return row


async def put_account(pool: asyncpg.Pool, username: str, person: PersonId, password: str, now: datetime) -> None:
    """Create the account or give it a new password, which ends its sessions. Raises ConfigurationError for a name
    that signs in somebody of a partner.
    """
    password_hash = await asyncio.to_thread(HASHER.hash, password)
    async with transaction(pool) as connection:
        if not await connection.fetchval(PUT_ACCOUNT, username, person, password_hash):
            raise ConfigurationError("that name signs in somebody of a partner organisation")
        await connection.execute(END_SESSIONS_OF, username, now)


async def put_identity(pool: asyncpg.Pool, username: str, issuer: str, subject: str, now: datetime) -> None:
    """From now on whoever the issuer calls `subject` signs in as `username`."""
    async with transaction(pool) as connection:
        await connection.execute(PUT_IDENTITY, issuer, subject, username, now)


def _matches(known_hash: str, password: str) -> bool:
    try:
        return HASHER.verify(known_hash, password)
    except (VerificationError, InvalidHashError):
        return False
