"""Questions to endpoints in PostgreSQL: asked under a lease until they are answered or too old."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import asyncpg

from care_notifications.adapters.postgres import transaction
from care_notifications.adapters.postgres_endpoints import HURRY_LANE
from care_notifications.adapters.postgres_send_check import live_secrets
from care_notifications.adapters.sealed import Sealer
from care_notifications.core.challenges import CHALLENGE_LIVES, TEST_LIVES, Probe, ProbeKind, next_question
from care_shared.runtime.clock import random_id
from care_shared.runtime.logs import get_log
from care_shared.runtime.postgres import Connection

log = get_log(__name__)

REPLACE = """
UPDATE probes SET state = 'replaced', ended_at = $2
WHERE endpoint_id = $1 AND kind = 'challenge' AND state = 'waiting'
"""
ASK = """
INSERT INTO probes (probe_id, endpoint_id, kind, word, asked_at, expires_at, next_attempt_at, url)
SELECT $1, endpoint_id, $3, $4, $5, $6, $5, url FROM endpoints WHERE endpoint_id = $2
"""
CLAIM = """
UPDATE probes SET attempts = attempts + 1, leased_until = $2 WHERE probe_id = (
    SELECT probe_id FROM probes WHERE state = 'waiting' AND next_attempt_at <= $1
        AND (leased_until IS NULL OR leased_until <= $1)
    ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING *
"""
ENDPOINT = "SELECT endpoint_id, secrets, old_secret_until FROM endpoints WHERE endpoint_id = $1"
END = """
UPDATE probes SET state = $2, code = $3, ended_at = $4, leased_until = NULL
WHERE probe_id = $1 AND state = 'waiting' RETURNING endpoint_id
"""
ASK_AGAIN = """
UPDATE probes SET code = $2, next_attempt_at = $3, leased_until = NULL WHERE probe_id = $1 AND state = 'waiting'
"""
VERIFIED = "UPDATE endpoints SET verified_at = $2 WHERE endpoint_id = $1 AND url = $3"

IS_ASKED = """
SELECT EXISTS (SELECT FROM probes JOIN endpoints USING (endpoint_id, url)
    WHERE endpoint_id = $1 AND kind = 'challenge' AND probes.state = 'waiting')
"""

LEASE_TIME = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on its way, with the address it goes to."""

    probe: Probe
    endpoint_id: str
    url: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)


async def ask(connection: Connection, endpoint_id: str, kind: ProbeKind, now: datetime) -> str:
    """A new question; a new challenge takes the place of one that waits. Returns its id."""
    lives = TEST_LIVES
    if kind is ProbeKind.CHALLENGE:
        lives = CHALLENGE_LIVES
        await connection.execute(REPLACE, endpoint_id, now)
    probe_id = random_id()
    await connection.execute(ASK, probe_id, endpoint_id, kind, secrets.token_urlsafe(24), now, now + lives)
    return probe_id


async def ensure_asked(connection: Connection, endpoint_id: str, now: datetime) -> None:
    """The endpoint is unproven: unless its address is being asked already, it is asked now."""
    if not await connection.fetchval(IS_ASKED, endpoint_id):
        await ask(connection, endpoint_id, ProbeKind.CHALLENGE, now)


class PostgresProbes:
    """The questions of this installation."""

    def __init__(self, pool: asyncpg.Pool, sealer: Sealer) -> None:
        self._pool = pool
        self._sealer = sealer

    async def claim(self, now: datetime) -> Asked | None:
        """Lease the next question; those that are too old end here."""
        while True:
            async with transaction(self._pool) as connection:
                row = await connection.fetchrow(CLAIM, now, now + LEASE_TIME)
                if row is None:
                    return None
                if row["expires_at"] <= now:
                    await connection.fetchval(END, row["probe_id"], "failed", "expired", now)
                    log.warning("endpoint.unanswered", recipient=row["endpoint_id"], kind=row["kind"])
                    continue
                place = await connection.fetchrow(ENDPOINT, row["endpoint_id"])
                assert place is not None
                return Asked(_probe(row), row["endpoint_id"], row["url"], live_secrets(place, self._sealer, now))

    async def settle(self, asked: Asked, answered: bool, code: str, now: datetime) -> None:
        """Write down what came back. Whoever answered a challenge gets what waited for it."""
        probe = asked.probe
        again = None if answered else next_question(probe, now)
        async with transaction(self._pool) as connection:
            if again is not None:
                await connection.execute(ASK_AGAIN, probe.probe_id, code, again)
                return
            state = "answered" if answered else "failed"
            # None: a newer challenge took its place, and only that one counts.
            endpoint_id = await connection.fetchval(END, probe.probe_id, state, code, now)
            if endpoint_id is not None and answered and probe.kind is ProbeKind.CHALLENGE:
                await connection.execute(VERIFIED, endpoint_id, now, asked.url)
                await connection.execute(HURRY_LANE, f"webhook:{endpoint_id}", now)
        log.info("endpoint.asked", recipient=asked.endpoint_id, kind=probe.kind.value, state=state, code=code)


def _probe(row: asyncpg.Record) -> Probe:
    return Probe(
        probe_id=row["probe_id"],
        kind=ProbeKind(row["kind"]),
        word=row["word"],
        number=row["attempts"],
        asked_at=row["asked_at"],
        expires_at=row["expires_at"],
    )
