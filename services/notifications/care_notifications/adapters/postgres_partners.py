"""Partner organisations that speak FHIR with us: what they may have, and tokens of which only the hash is kept."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from care_notifications.adapters.postgres import transaction
from care_notifications.core.fhir.caller import Caller
from care_shared.errors import NotFoundError
from care_shared.vocabulary import OrganizationId

PUT_PARTNER = """
INSERT INTO fhir_partners (organization_id, full_resource, scores)
SELECT organization_id, $2, $3 FROM organizations WHERE organization_id = $1
ON CONFLICT (organization_id) DO UPDATE SET full_resource = $2, scores = $3 RETURNING true
"""
NEW_TOKEN = "INSERT INTO fhir_tokens (token_hash, name, organization_id, created_at) VALUES ($1, $2, $3, $4)"  # noqa: S105
REVOKE = "UPDATE fhir_tokens SET revoked_at = $2 WHERE name = $1 AND revoked_at IS NULL RETURNING true"
# The partner is read at each request: what was granted a minute ago and taken back is not granted now.
WHO = """
SELECT name, organization_id, full_resource, scores FROM fhir_tokens JOIN fhir_partners USING (organization_id)
WHERE token_hash = $1 AND revoked_at IS NULL
"""

PREFIX = "clf_"


@dataclass(frozen=True, slots=True)
class FhirPartner:
    """One organisation's agreement, as far as FHIR goes."""

    organization: OrganizationId
    full_resource: bool = False
    scores: bool = False


class PostgresPartners:
    """The partners of this installation."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def put(self, partner: FhirPartner) -> None:
        """Enter or change an agreement. Raises NotFoundError when the organisation is not in the directory."""
        async with transaction(self._pool) as connection:
            if not await connection.fetchval(
                PUT_PARTNER, partner.organization, partner.full_resource, partner.scores
            ):  # fmt: skip
                raise NotFoundError("no such organization")

    async def new_token(self, name: str, organization: OrganizationId, now: datetime) -> str:
        """A token for one of the partner's systems; it is shown once and kept nowhere."""
        token = PREFIX + secrets.token_urlsafe(32)
        async with transaction(self._pool) as connection:
            await connection.execute(NEW_TOKEN, _hash(token), name, organization, now)
        return token

    async def revoke(self, name: str, now: datetime) -> None:
        """The token is worth nothing from now on. Raises NotFoundError."""
        async with transaction(self._pool) as connection:
            if not await connection.fetchval(REVOKE, name, now):
                raise NotFoundError("no such token")

    async def who(self, token: str) -> Caller | None:
        """Whose token this is, if it is good now."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(WHO, _hash(token))
        if row is None:
            return None
        return Caller(
            credential=row["name"],
            organization=OrganizationId(row["organization_id"]),
            may_have_full=row["full_resource"],
            may_have_scores=row["scores"],
        )


def _hash(token: str) -> bytes:
    # A token has 256 bits of chance: one plain hash is enough, a slow one would only slow us down.
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
