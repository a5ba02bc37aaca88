"""Subscriptions as their owners keep them: made, read, changed and deleted; nobody else's exists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from care_notifications.adapters.postgres import Ring, transaction
from care_notifications.adapters.sealed import Sealer
from care_notifications.adapters.subscription_rows import HEADERS, sealed_headers, subscription_of, wanted_columns
from care_notifications.core.fhir.caller import Caller
from care_notifications.core.fhir.outcomes import Problem, missing
from care_notifications.core.fhir.subscription_forms import kept_headers
from care_notifications.core.fhir.subscriptions import Status, Subscription, Wanted

COUNT = "SELECT count(*) FROM subscriptions WHERE organization_id = $1"
CREATE = """
INSERT INTO subscriptions (subscription_id, organization_id, topic, filters, endpoint, headers, content,
    heartbeat_seconds, timeout_seconds, max_count, ends_at, reason, status, next_attempt_at, told_at, created_at,
    updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, $14, $14) RETURNING *
"""
CHANGE = """
UPDATE subscriptions SET topic = $2, filters = $3, endpoint = $4, headers = $5, content = $6, heartbeat_seconds = $7,
    timeout_seconds = $8, max_count = $9, ends_at = $10, reason = $11, status = $12, next_attempt_at = $13,
    updated_at = $13, version = version + 1, attempt = attempt + 1, leased_until = NULL, failures = 0,
    failing_since = NULL, code = NULL
WHERE subscription_id = $1 RETURNING *
"""
LOCK = "SELECT * FROM subscriptions WHERE subscription_id = $1 AND organization_id = $2 FOR UPDATE"
DELETE = "DELETE FROM subscriptions WHERE subscription_id = $1 AND organization_id = $2 RETURNING true"
# Our own people see those of all partners.
READ = """
SELECT * FROM subscriptions WHERE ($1::text IS NULL OR organization_id = $1)
    AND ($2::text IS NULL OR subscription_id = $2) AND ($3::text IS NULL OR status = $3)
ORDER BY subscription_id LIMIT 1000
"""

MOST = 50  # of one partner


@dataclass(frozen=True, slots=True)
class Change:
    """A changed subscription, and the version that the partner believes it changes; None when it does not say."""

    subscription_id: str
    wanted: Wanted
    version: int | None


class PostgresSubscriptions:
    """The subscriptions of this installation."""

    def __init__(self, pool: asyncpg.Pool, ring: Ring, sealer: Sealer) -> None:
        """`ring` is called after a change, so that a handshake leaves at once; `sealer` for the partner's headers."""
        self._sealer = sealer
        self._pool = pool
        self._ring = ring

    async def create(self, caller: Caller, subscription_id: str, wanted: Wanted, now: datetime) -> Subscription:
        """A new one, waiting for its handshake. Raises Problem when the partner has too many."""
        assert caller.organization is not None
        async with transaction(self._pool) as connection:
            if await connection.fetchval(COUNT, caller.organization) >= MOST:
                raise Problem(422, "too-costly", f"You have {MOST} subscriptions; delete one first.")
            columns = list(wanted_columns(wanted))
            columns[HEADERS] = sealed_headers(wanted.headers, self._sealer, subscription_id)
            row = await connection.fetchrow(CREATE, subscription_id, caller.organization, *columns, _begin(wanted), now)
        self._ring()
        assert row is not None
        return subscription_of(row)

    async def change(self, caller: Caller, change: Change, now: datetime) -> Subscription:
        """The changed one. It shakes hands anew, and goes on where it was: no number is skipped. Raises Problem."""
        wanted = change.wanted
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(LOCK, change.subscription_id, caller.organization)
            if row is None:
                raise missing("Subscription")
            if change.version not in (None, row["version"]):
                raise Problem(412, "conflict", f"It has changed: its version is {row['version']} now.")
            columns = list(wanted_columns(wanted))
            kept = kept_headers(wanted.headers, row["headers"])
            columns[HEADERS] = sealed_headers(kept, self._sealer, change.subscription_id)
            row = await connection.fetchrow(CHANGE, change.subscription_id, *columns, _begin(wanted), now)
        self._ring()
        assert row is not None
        return subscription_of(row)

    async def delete(self, caller: Caller, subscription_id: str) -> None:
        """Gone, with its events. Raises Problem when there was none."""
        async with transaction(self._pool) as connection:
            if not await connection.fetchval(DELETE, subscription_id, caller.organization):
                raise missing("Subscription")

    async def read(
        self, caller: Caller, subscription_id: str | None = None, status: str | None = None
    ) -> Sequence[Subscription]:
        """The caller's own; of one id or one status."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(READ, caller.organization, subscription_id, status)
        return [subscription_of(row) for row in rows]


def _begin(wanted: Wanted) -> Status:
    """Whoever asks for `active` gets it after the handshake; `off` is a pause that the partner may choose."""
    return Status.OFF if wanted.status is Status.OFF else Status.REQUESTED
