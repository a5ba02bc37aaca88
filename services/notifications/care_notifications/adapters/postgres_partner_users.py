"""People of partner organisations who sign in to the portal: their accounts and sessions, and nobody of our own."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from care_notifications.adapters.postgres import transaction
from care_notifications.adapters.postgres_agreements import agreements_of
from care_notifications.adapters.postgres_sessions import (
    END_SESSIONS_OF,
    HASHER,
    SessionLimits,
    live_session,
)
from care_notifications.core.fhir.caller import Caller
from care_notifications.core.fhir.minimum import Minimum
from care_notifications.core.state import Channel
from care_shared.errors import ConfigurationError, NotFoundError
from care_shared.vocabulary import OrganizationId

# Account and organisation are read at each request: whoever is disabled is out at once.
LIVE_SESSION = """
SELECT username, partner_name, organization_id, organizations.display_name AS organization_name, seen_at
FROM sessions JOIN accounts USING (username) JOIN organizations USING (organization_id)
WHERE token_hash = $1 AND ended_at IS NULL AND seen_at > $2 AND started_at > $3 AND disabled_at IS NULL
    AND person_id IS NULL
"""
PUT_ACCOUNT = """
INSERT INTO accounts (username, organization_id, partner_name, password_hash)
SELECT $1, organization_id, $3, $4 FROM organizations WHERE organization_id = $2
ON CONFLICT (username) DO UPDATE SET partner_name = $3, password_hash = $4, disabled_at = NULL
    WHERE accounts.organization_id = $2
RETURNING true
"""
ORGANIZATION = "SELECT EXISTS (SELECT FROM organizations WHERE organization_id = $1)"
DISABLE = """
UPDATE accounts SET disabled_at = $2 WHERE username = $1 AND organization_id IS NOT NULL AND disabled_at IS NULL
RETURNING true
"""


@dataclass(frozen=True, slots=True)
class PartnerUser:
    """Who of which organisation makes this request."""

    username: str
    display_name: str
    organization: OrganizationId
    organization_name: str


class PostgresPartnerUsers:
    """Who is signed in to the portal."""

    def __init__(self, pool: asyncpg.Pool, limits: SessionLimits) -> None:
        self._pool = pool
        self._limits = limits

    async def who(self, token: str, now: datetime, touch: bool) -> PartnerUser | None:
        """Whose session this is, if it lives; a session of our own people is none here."""
        async with transaction(self._pool) as connection:
            row = await live_session(connection, LIVE_SESSION, token, self._limits.since(now), touch=touch)
        if row is None:
            return None
        organization = OrganizationId(row["organization_id"])
        return PartnerUser(row["username"], row["partner_name"], organization, row["organization_name"])

    async def caller(self, user: PartnerUser, now: datetime) -> Caller:
        """What the organisation's agreements grant in the portal now: what has ended, has ended."""
        async with transaction(self._pool) as connection:
            agreements = await agreements_of(connection, user.organization)
        return Caller(
            f"portal:{user.username}", user.organization, minimum=Minimum(agreements, now, Channel.PORTAL)
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class PartnerAccount:
    """Somebody of an organisation who is to sign in."""

    username: str
    display_name: str
    organization: OrganizationId


async def put_partner_account(pool: asyncpg.Pool, account: PartnerAccount, password: str, now: datetime) -> None:
    """Create the account or give it a new password, which ends its sessions.

    Raises NotFoundError for an unknown organisation, ConfigurationError for a name that somebody else has.
    """
    password_hash = await asyncio.to_thread(HASHER.hash, password)
    async with transaction(pool) as connection:
        if not await connection.fetchval(ORGANIZATION, account.organization):
            raise NotFoundError("no organisation of that name is in the directory")
        entered = await connection.fetchval(
            PUT_ACCOUNT, account.username, account.organization, account.display_name, password_hash
        )
        if not entered:
            raise ConfigurationError("that name signs in somebody else: one of ours, or of another organisation")
        await connection.execute(END_SESSIONS_OF, account.username, now)


async def disable_partner_account(pool: asyncpg.Pool, username: str, now: datetime) -> None:
    """Nobody signs in with it any more, and whoever is signed in is out. Raises NotFoundError."""
    async with transaction(pool) as connection:
        if not await connection.fetchval(DISABLE, username, now):
            raise NotFoundError("no partner signs in with that name")
        await connection.execute(END_SESSIONS_OF, username, now)
