"""What people do about partners' endpoints: look, add, prove, change keys, stop, go on, send again."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import asyncpg

from care_notifications.adapters.channels.webhook.signatures import (
    PRIVATE,
    check_secret,
    new_private_key,
    new_shared_secret,
    public_key_of,
)
from care_notifications.adapters.postgres import transaction
from care_notifications.adapters.postgres_directory import (
    NamedEndpoint,
    NamedOrganization,
    ensure_directory,
)
from care_notifications.adapters.postgres_endpoints import HURRY_LANE
from care_notifications.adapters.postgres_probes import ask
from care_notifications.adapters.sealed import Sealer
from care_notifications.adapters.tokens import token_hash
from care_notifications.core.challenges import ProbeKind
from care_shared.errors import ConfigurationError, NotFoundError
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import OrganizationId

LIST = """
SELECT endpoints.*, (SELECT count(*) FROM deliveries WHERE recipient = endpoint_id AND state = 'waiting') AS waiting,
    (SELECT min(noticed_at) FROM deliveries WHERE recipient = endpoint_id AND state = 'waiting') AS oldest,
    (SELECT state || coalesce(': ' || code, '') FROM probes WHERE probes.endpoint_id = endpoints.endpoint_id
        ORDER BY asked_at DESC LIMIT 1) AS probed
FROM endpoints WHERE removed_at IS NULL AND ($1::text IS NULL OR organization_id = $1) ORDER BY endpoint_id
"""
KNOWN = """
SELECT * FROM endpoints WHERE endpoint_id = $1 AND removed_at IS NULL AND ($2::text IS NULL OR organization_id = $2)
FOR UPDATE
"""
COUNT_OF = "SELECT count(*) FROM endpoints WHERE organization_id = $1 AND removed_at IS NULL"
IS_TAKEN = "SELECT EXISTS (SELECT FROM endpoints WHERE endpoint_id = $1)"
TEST_WAITS = "SELECT EXISTS (SELECT FROM probes WHERE endpoint_id = $1 AND kind = 'test' AND state = 'waiting')"
PROBES = "SELECT * FROM probes WHERE endpoint_id = $1 ORDER BY asked_at DESC LIMIT $2"
TAKE_TOKEN = "UPDATE endpoints SET token_hash = $2, contact_email = coalesce($3, contact_email) WHERE endpoint_id = $1"  # noqa: S105
UNPROVEN = "UPDATE endpoints SET verified_at = NULL WHERE endpoint_id = $1"
ROTATE = "UPDATE endpoints SET secrets = $2, old_secret_until = $3 WHERE endpoint_id = $1"
PAUSE = "UPDATE endpoints SET paused_at = $2 WHERE endpoint_id = $1"
RESUME = """
UPDATE endpoints SET paused_at = NULL, enabled = true, switched_off_at = NULL, switched_off_because = NULL,
    failures = 0, failing_since = NULL, open_until = NULL, warned_at = NULL WHERE endpoint_id = $1
"""
# Its keys and its address go; a notice that waits for it finds it switched off and ends with that reason.
REMOVE = """
UPDATE endpoints SET removed_at = $2, enabled = false, switched_off_at = $2, switched_off_because = 'removed', url = '',
    secrets = $3, old_secret_until = NULL, token_hash = NULL, paused_at = NULL, verified_at = NULL, contact_email = ''
WHERE endpoint_id = $1
"""
END_PROBES = "UPDATE probes SET state = 'replaced', ended_at = $2 WHERE endpoint_id = $1 AND state = 'waiting'"
ATTEMPTS = """
SELECT sequence, deliveries.delivery_id, gap_id, notice, change, number, started_at, attempts.ended_at, attempts.code,
    deliveries.state, reason, labelled
FROM attempts JOIN deliveries USING (delivery_id) JOIN alerts USING (gap_id)
WHERE recipient = $1 ORDER BY attempts.ended_at DESC, sequence DESC LIMIT $2
"""
# Under the same id: a receiver that has it already sees a repeat. `base` gives the schedule a new beginning.
AGAIN = """
UPDATE deliveries SET state = 'waiting', reason = NULL, code = NULL, ended_at = NULL, leased_until = NULL,
    next_attempt_at = $2, expires_at = greatest(expires_at, $3), base = attempts,
    perhaps_received = perhaps_received OR state = 'delivered'
WHERE delivery_id = ANY($1::text[]) AND state IN ('delivered', 'failed') AND EXISTS (
    SELECT FROM endpoints WHERE endpoint_id = recipient AND removed_at IS NULL
        AND ($4::text IS NULL OR organization_id = $4))
"""
SINCE = """
SELECT delivery_id FROM deliveries WHERE recipient = $1 AND sequence > $2 AND state IN ('delivered', 'failed')
"""
SINCE_TIME = """
SELECT delivery_id FROM deliveries WHERE recipient = $1 AND noticed_at >= $2 AND state IN ('delivered', 'failed')
"""

LIVES_AGAIN = timedelta(days=5)
MOST_ENDPOINTS = 10  # of an organisation that adds them itself
UNKNOWN = "no endpoint of that name is known here"
TOKEN_MARK = "clp_"  # noqa: S105  # the public mark of such a token


@dataclass(frozen=True, slots=True)
class NewEndpoint:
    """An endpoint to add. `asymmetric`: sign with Ed25519, so that the partner holds no secret of ours."""

    endpoint_id: str
    organization: NamedOrganization
    url: str
    contact_email: str = ""
    asymmetric: bool = False


@dataclass(frozen=True, slots=True)
class Keys:
    """What the partner needs, shown once: the secret or public key that verifies, and the token for catch-up."""

    verify_with: str = field(repr=False)
    token: str = field(default="", repr=False)


class PartnerDesk:
    """One per command, or per organisation: for that one no endpoint of another exists."""

    def __init__(self, pool: asyncpg.Pool, sealer: Sealer, organization: OrganizationId | None = None) -> None:
        self._pool = pool
        self._sealer = sealer
        self._organization = organization

    async def endpoints(self) -> Sequence[asyncpg.Record]:
        """Every endpoint and how it is."""
        async with transaction(self._pool) as connection:
            rows: Sequence[asyncpg.Record] = await connection.fetch(LIST, self._organization)
            return rows

    async def endpoint(self, endpoint_id: str) -> asyncpg.Record:
        """One of them. Raises NotFoundError."""
        found = [one for one in await self.endpoints() if one["endpoint_id"] == endpoint_id]
        if not found:
            raise NotFoundError(UNKNOWN)
        return found[0]

    async def add(self, new: NewEndpoint) -> Keys:
        """Enter an endpoint with fresh keys, or give a known one a new address and new keys.

        An organisation itself adds new ones only, and not too many. Raises ConfigurationError.
        """
        await self._check_new(new)
        secret, token = new_secret(new.asymmetric), TOKEN_MARK + secrets.token_urlsafe(32)
        named = NamedEndpoint(new.endpoint_id, new.organization.organization_id, new.url, (secret,))
        await ensure_directory(self._pool, [], [new.organization], [named], self._sealer)
        async with transaction(self._pool) as connection:
            await connection.execute(TAKE_TOKEN, new.endpoint_id, token_hash(token), new.contact_email or None)
        return Keys(verify_with(secret), token)

    async def probe(self, endpoint_id: str, kind: ProbeKind, now: datetime) -> None:
        """Ask the endpoint. After a challenge it gets nothing else until it has answered."""
        async with transaction(self._pool) as connection:
            await self._known(connection, endpoint_id)
            if kind is ProbeKind.CHALLENGE:
                await connection.execute(UNPROVEN, endpoint_id)
            elif await connection.fetchval(TEST_WAITS, endpoint_id):
                return  # one that has not left yet will do
            await ask(connection, endpoint_id, kind, now)

    async def probes(self, endpoint_id: str, most: int) -> Sequence[asyncpg.Record]:
        """The newest challenges and tests first, and what came back."""
        async with transaction(self._pool) as connection:
            await self._known(connection, endpoint_id)
            rows: Sequence[asyncpg.Record] = await connection.fetch(PROBES, endpoint_id, most)
            return rows

    async def remove(self, endpoint_id: str, now: datetime) -> None:
        """Nothing is sent there any more; keys, address and token are forgotten, what was sent is remembered."""
        nobodys = self._sealer.seal(new_secret(asymmetric=False), endpoint_id)
        async with transaction(self._pool) as connection:
            await self._known(connection, endpoint_id)
            await connection.execute(REMOVE, endpoint_id, now, [nobodys])
            await connection.execute(END_PROBES, endpoint_id, now)

    async def rotate(self, endpoint_id: str, overlap: timedelta, now: datetime) -> Keys:
        """A new key of the same kind; the old one signs beside it for a while. A third never lives."""
        async with transaction(self._pool) as connection:
            row = await self._known(connection, endpoint_id)
            old = self._sealer.open(row["secrets"][0], endpoint_id)
            check_secret(old)
            fresh = new_secret(asymmetric=old.startswith(PRIVATE))
            sealed = [self._sealer.seal(one, endpoint_id) for one in (fresh, old)]
            await connection.execute(ROTATE, endpoint_id, sealed, now + overlap)
        return Keys(verify_with(fresh))

    async def pause(self, endpoint_id: str, now: datetime) -> None:
        """Keep what comes, send nothing."""
        async with transaction(self._pool) as connection:
            await self._known(connection, endpoint_id)
            await connection.execute(PAUSE, endpoint_id, now)

    async def resume(self, endpoint_id: str, now: datetime) -> None:
        """Go on, with a clean slate; one that was switched off has to prove itself first."""
        async with transaction(self._pool) as connection:
            row = await self._known(connection, endpoint_id)
            await connection.execute(RESUME, endpoint_id)
            if not row["enabled"]:
                await connection.execute(UNPROVEN, endpoint_id)
                await ask(connection, endpoint_id, ProbeKind.CHALLENGE, now)
            await connection.execute(HURRY_LANE, f"webhook:{endpoint_id}", now)

    async def attempts(self, endpoint_id: str, most: int) -> Sequence[asyncpg.Record]:
        """The newest attempts first."""
        async with transaction(self._pool) as connection:
            await self._known(connection, endpoint_id)
            rows: Sequence[asyncpg.Record] = await connection.fetch(ATTEMPTS, endpoint_id, most)
            return rows

    async def resend(self, delivery_id: str, now: datetime) -> None:
        """Send one that has ended once more, under its own id. Raises NotFoundError when there is none to send."""
        if not await self._again([delivery_id], now):
            raise NotFoundError("no delivered or failed notice has this id")

    async def replay(self, endpoint_id: str, since: int | datetime, now: datetime) -> int:
        """Send everything behind this number, or from this time on, once more, in order. Returns how much that is."""
        async with transaction(self._pool) as connection:
            await self._known(connection, endpoint_id)
            sql = SINCE_TIME if isinstance(since, datetime) else SINCE
            ids = [row["delivery_id"] for row in await connection.fetch(sql, endpoint_id, since)]
        return await self._again(ids, now)

    async def _again(self, ids: Sequence[str], now: datetime) -> int:
        async with transaction(self._pool) as connection:
            said: str = await connection.execute(AGAIN, ids, now, now + LIVES_AGAIN, self._organization)
            return int(said.rpartition(" ")[2])

    async def _check_new(self, new: NewEndpoint) -> None:
        if self._organization is None:
            return
        async with transaction(self._pool) as connection:
            taken = await connection.fetchval(IS_TAKEN, new.endpoint_id)
            count = await connection.fetchval(COUNT_OF, self._organization)
        if taken or new.organization.organization_id != self._organization:
            raise ConfigurationError("that name is taken")
        if count >= MOST_ENDPOINTS:
            raise ConfigurationError(f"an organisation has {MOST_ENDPOINTS} endpoints at most: remove one first")

    async def _known(self, connection: Connection, endpoint_id: str) -> asyncpg.Record:
        row = await connection.fetchrow(KNOWN, endpoint_id, self._organization)
        if row is None:
            raise NotFoundError(UNKNOWN)
        return row


def new_secret(asymmetric: bool) -> str:
    """A fresh key to sign with."""
    random = secrets.token_bytes(32)
    return new_private_key(random) if asymmetric else new_shared_secret(random)


def verify_with(secret: str) -> str:
    """What the receiver gets: the shared secret itself, or the public half."""
    return public_key_of(secret) if secret.startswith(PRIVATE) else secret
