"""The systems of partner organisations that speak FHIR with us: tokens of which only the hash is kept."""

import secrets
from collections.abc import Sequence
from datetime import datetime

import asyncpg

from care_notifications.adapters.postgres import transaction
from care_notifications.adapters.postgres_agreements import agreements_of
from care_notifications.adapters.tokens import token_hash
from care_notifications.core.fhir.caller import Caller
from care_notifications.core.fhir.minimum import Minimum
from care_shared.errors import ConfigurationError, NotFoundError
from care_shared.vocabulary import OrganizationId

NEW_TOKEN = "INSERT INTO fhir_tokens (token_hash, name, organization_id, created_at) VALUES ($1, $2, $3, $4)"  # noqa: S105
REVOKE = "UPDATE fhir_tokens SET revoked_at = $2 WHERE name = $1 AND revoked_at IS NULL RETURNING true"
LIST = "SELECT name, organization_id, created_at, revoked_at FROM fhir_tokens ORDER BY created_at, name"
WHO = "SELECT name, organization_id FROM fhir_tokens WHERE token_hash = $1 AND revoked_at IS NULL"

PREFIX = "clf_"


class PostgresPartners:
    """The partners of this installation."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def new_token(self, name: str, organization: OrganizationId, now: datetime) -> str:
        """A token for one of the partner's systems; it is shown once and kept nowhere.

        Raises NotFoundError for an unknown organisation, ConfigurationError for a name that is taken.
        """
        token = PREFIX + secrets.token_urlsafe(32)
        try:
            async with transaction(self._pool) as connection:
                await connection.execute(NEW_TOKEN, token_hash(token), name, organization, now)
        except asyncpg.ForeignKeyViolationError:
            raise NotFoundError("no organisation of that name is in the directory") from None
        except asyncpg.UniqueViolationError:
            raise ConfigurationError("a token of that name exists; revoked or not, a name is used once") from None
        return token

    async def revoke(self, name: str, now: datetime) -> None:
        """The token is worth nothing from now on. Raises NotFoundError."""
        async with transaction(self._pool) as connection:
            if not await connection.fetchval(REVOKE, name, now):
                raise NotFoundError("no such token")

    async def all(self) -> Sequence[asyncpg.Record]:
        """Every token there ever was, without its hash."""
        async with transaction(self._pool) as connection:
            return await connection.fetch(LIST)

    async def who(self, token: str, now: datetime) -> Caller | None:
        """Whose token this is, if it is good now. Agreements are read at each request: what has ended, has ended."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(WHO, token_hash(token))
            if row is None:
                return None
            organization = OrganizationId(row["organization_id"])
            agreements = await agreements_of(connection, organization)
        return Caller(row["name"], organization, minimum=Minimum(agreements, now))
