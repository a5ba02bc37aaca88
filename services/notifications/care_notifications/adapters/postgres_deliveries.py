"""Waiting notices in PostgreSQL: claimed under a lease, judged once more, and ended with a reason."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg

from care_notifications.adapters.activity import activity_row
from care_notifications.adapters.postgres import NOTE_CHANGE, Ring, transaction
from care_notifications.adapters.postgres_endpoints import Lane, begin_probe, enter_lane, note_attempt
from care_notifications.adapters.postgres_send_check import doubt, look_up, message_of
from care_notifications.adapters.sealed import Sealer
from care_notifications.core.attempts import Done, GiveUp, Next, Outcome, TryAgain, Unavailable
from care_notifications.core.messages import Message
from care_notifications.core.notice_policy import SHIPPED, NoticePolicy
from care_notifications.core.state import Channel
from care_shared.runtime.outbox import enqueue
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import ActivityKind

# One look per lane instead of one per waiting notice. A lane that is held shows only what has grown too old in it.
DUE_LANES = """
WITH RECURSIVE names (lane) AS (
    (SELECT lane FROM deliveries WHERE state = 'waiting' ORDER BY lane LIMIT 1)
    UNION ALL
    SELECT (SELECT lane FROM deliveries WHERE state = 'waiting' AND deliveries.lane > names.lane ORDER BY lane LIMIT 1)
    FROM names WHERE names.lane IS NOT NULL
), looked_at AS (
    SELECT names.lane, EXISTS (
        SELECT FROM endpoints WHERE 'webhook:' || endpoint_id = names.lane AND enabled
            AND (verified_at IS NULL OR paused_at IS NOT NULL OR open_until > $1)) AS held
    FROM names WHERE names.lane IS NOT NULL
)
SELECT lane FROM looked_at WHERE CASE WHEN held THEN EXISTS (
        SELECT FROM deliveries AS one WHERE one.lane = looked_at.lane AND state = 'waiting' AND expires_at <= $1
            AND (leased_until IS NULL OR leased_until <= $1))
    ELSE EXISTS (
        SELECT FROM deliveries AS one WHERE one.lane = looked_at.lane AND state = 'waiting' AND next_attempt_at <= $1
            AND (leased_until IS NULL OR leased_until <= $1)) END
"""
# A closing notice waits for its sister: it must not overtake the one that opened, nor tell those who never heard.
NEXT_OF_LANE = """
SELECT * FROM deliveries AS one
WHERE lane = $1 AND state = 'waiting' AND next_attempt_at <= $2 AND (leased_until IS NULL OR leased_until <= $2)
    AND (expires_at <= $2 OR NOT $3)
    AND NOT (notice = 'closed' AND EXISTS (
        SELECT FROM deliveries AS sister WHERE sister.gap_id = one.gap_id AND sister.recipient = one.recipient
            AND sister.channel = one.channel AND sister.notice = 'attention' AND sister.state = 'waiting'))
ORDER BY next_attempt_at, ordinal LIMIT 1 FOR UPDATE SKIP LOCKED
"""
LEASE = """
UPDATE deliveries SET attempts = attempts + 1, perhaps_received = perhaps_received OR leased_until IS NOT NULL,
    leased_until = $2 WHERE delivery_id = $1 RETURNING attempts
"""
SUPPRESS = """
UPDATE deliveries SET state = 'suppressed', reason = $2, ended_at = $3, leased_until = NULL WHERE delivery_id = $1
"""
DELIVERED = """
UPDATE deliveries SET state = 'delivered', code = $2, ended_at = $3, leased_until = NULL
WHERE delivery_id = $1 AND state = 'waiting' RETURNING true
"""
# The number of the attempt is the fence: whoever was overtaken by a later attempt has nothing to say any more.
TRY_AGAIN = """
UPDATE deliveries SET code = $3, next_attempt_at = $4, leased_until = NULL, perhaps_received = perhaps_received OR $5
WHERE delivery_id = $1 AND state = 'waiting' AND attempts = $2
"""
GIVE_UP = """
UPDATE deliveries SET state = 'failed', reason = $4, code = $3, ended_at = $5, leased_until = NULL,
    perhaps_received = perhaps_received OR $6
WHERE delivery_id = $1 AND state = 'waiting' AND attempts = $2 RETURNING true
"""
SAVE_ATTEMPT = """
INSERT INTO attempts (delivery_id, number, started_at, ended_at, code) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING
"""

LEASE_TIME = timedelta(seconds=60)  # four times the longest attempt


class PostgresDeliveryStore:
    """The notices of this installation."""

    def __init__(
        self, pool: asyncpg.Pool, ring: Ring, policy: NoticePolicy = SHIPPED, sealer: Sealer | None = None
    ) -> None:
        """`ring` is called after each commit that pages or partners want to know about; `sealer` opens secrets."""
        self._pool = pool
        self._ring = ring
        self._policy = policy
        self._sealer = sealer or Sealer()

    async def due_lanes(self, now: datetime) -> Sequence[str]:
        """Lanes in which something may leave now."""
        async with transaction(self._pool) as connection:
            return [row["lane"] for row in await connection.fetch(DUE_LANES, now)]

    async def claim(self, lane: str, now: datetime) -> Message | None:
        """Lease the lane's next notice; those that must not leave any more are suppressed on the way."""
        channel, _, recipient = lane.partition(":")
        while True:
            async with transaction(self._pool) as connection:
                door = Lane.OPEN
                if channel == Channel.WEBHOOK:
                    door = await enter_lane(connection, recipient, now)
                row = await connection.fetchrow(NEXT_OF_LANE, lane, now, door is Lane.HELD)
                if row is None:
                    return None
                message = await self._lease_or_suppress(connection, row, now)
                if message is not None and door is Lane.PROBING:
                    await begin_probe(connection, recipient, now + LEASE_TIME)
            if message is not None:
                return message
            self._ring()

    async def settle(
        self, message: Message, outcome: Outcome, following: Next, now: datetime, started_at: datetime | None = None
    ) -> None:
        """Write down how the attempt ended, and what it says about the endpoint."""
        async with transaction(self._pool) as connection:
            if message.channel is Channel.WEBHOOK:
                await note_attempt(connection, message.recipient, outcome, now)
            await connection.execute(
                SAVE_ATTEMPT, message.delivery_id, message.number, started_at or now, now, outcome.code
            )
            kind = await _write_down(connection, message, outcome, following, now)
            if kind is not None:
                await enqueue(connection, [activity_row(message, kind, outcome.code, now)])
                await connection.execute(NOTE_CHANGE, message.gap_id, now)
        self._ring()

    async def _lease_or_suppress(self, connection: Connection, row: asyncpg.Record, now: datetime) -> Message | None:
        about = await look_up(connection, row, self._sealer, now)
        reason = await doubt(connection, row, about, self._policy, now)
        if reason is not None:
            await connection.execute(SUPPRESS, row["delivery_id"], reason, now)
            await connection.execute(NOTE_CHANGE, row["gap_id"], now)
            return None
        number = await connection.fetchval(LEASE, row["delivery_id"], now + LEASE_TIME)
        return message_of(row, about, number, now)


async def _write_down(
    connection: Connection, message: Message, outcome: Outcome, following: Next, now: datetime
) -> ActivityKind | None:
    """What the delivery came to, when it has come to an end by this."""
    perhaps = isinstance(outcome, Unavailable) and outcome.perhaps_received
    match following:
        case Done():
            ended = await connection.fetchval(DELIVERED, message.delivery_id, outcome.code, now)
            return ActivityKind.DELIVERED if ended else None
        case TryAgain(at=at):
            await connection.execute(TRY_AGAIN, message.delivery_id, message.number, outcome.code, at, perhaps)
            return None
        case GiveUp(reason=reason):
            ended = await connection.fetchval(
                GIVE_UP, message.delivery_id, message.number, outcome.code, reason, now, perhaps
            )
            return ActivityKind.DELIVERY_FAILED if ended else None
