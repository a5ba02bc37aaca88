"""Waiting notices in PostgreSQL: claimed under a lease, judged once more, and ended with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
from pydantic_core import to_json

from care_notifications.adapters.activity import activity_row
from care_notifications.adapters.postgres import Ring, note_changes, statement, transaction
from care_notifications.adapters.postgres_endpoints import Lane, begin_probe, enter_lane, note_attempt
from care_notifications.adapters.postgres_send_check import doubt_each, look_up_each, message_of, suppress_each
from care_notifications.adapters.sealed import Sealer
from care_notifications.core.attempts import Done, GiveUp, Next, Outcome, TryAgain, Unavailable
from care_notifications.core.messages import Message
from care_notifications.core.notice_policy import SHIPPED, NoticePolicy
from care_notifications.core.state import Channel
from care_notifications.together import Together
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
# Of lanes that are held ($3) only what has grown too old.
NEXT_OF_LANES = """
SELECT next.* FROM unnest($1::text[]) AS asked (lane) CROSS JOIN LATERAL (
    SELECT * FROM deliveries AS one
    WHERE one.lane = asked.lane AND state = 'waiting' AND next_attempt_at <= $2
        AND (leased_until IS NULL OR leased_until <= $2) AND (expires_at <= $2 OR NOT $3)
        AND NOT (notice = 'closed' AND EXISTS (
            SELECT FROM deliveries AS sister WHERE sister.gap_id = one.gap_id AND sister.recipient = one.recipient
                AND sister.channel = one.channel AND sister.notice = 'attention' AND sister.state = 'waiting'))
    ORDER BY next_attempt_at, ordinal LIMIT 1 FOR UPDATE SKIP LOCKED) AS next
"""
LEASE = """
UPDATE deliveries SET attempts = attempts + 1, perhaps_received = perhaps_received OR leased_until IS NOT NULL,
    leased_until = $2 WHERE delivery_id = ANY($1::text[]) RETURNING delivery_id, attempts
"""
DELIVERED = """
UPDATE deliveries AS one SET state = 'delivered', code = said.code, ended_at = said.at, leased_until = NULL
FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS said (delivery_id, code, at)
WHERE one.delivery_id = said.delivery_id AND state = 'waiting' RETURNING one.delivery_id
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
INSERT INTO attempts (delivery_id, number, started_at, ended_at, code, granted) VALUES ($1, $2, $3, $4, $5, $6::jsonb)
ON CONFLICT DO NOTHING
"""

LEASE_TIME = timedelta(seconds=60)  # four times the longest attempt


@dataclass(frozen=True, slots=True)
class Ending:
    """How one attempt ended, and what follows."""

    message: Message
    outcome: Outcome
    following: Next
    started_at: datetime
    now: datetime


class PostgresDeliveryStore:
    """The notices of this installation. Lanes of our own people that ask at the same time share transactions."""

    def __init__(
        self, pool: asyncpg.Pool, ring: Ring, policy: NoticePolicy = SHIPPED, sealer: Sealer | None = None
    ) -> None:
        """`ring` is called after each commit that pages or partners want to know about; `sealer` opens secrets."""
        self._pool = pool
        self._ring = ring
        self._policy = policy
        self._sealer = sealer or Sealer()
        self._claims = Together(self._claim_each)
        self._endings = Together(self._settle_each)

    async def due_lanes(self, now: datetime) -> Sequence[str]:
        """Lanes in which something may leave now."""
        async with statement(self._pool) as connection:
            return [row["lane"] for row in await connection.fetch(DUE_LANES, now)]

    async def claim(self, lane: str, now: datetime) -> Message | None:
        """Lease the lane's next notice; those that must not leave any more are suppressed on the way."""
        if _is_partners(lane):
            return await self._claim_of_partner(lane, now)
        return await self._claims.ask((lane, now))

    async def settle(
        self, message: Message, outcome: Outcome, following: Next, now: datetime, started_at: datetime | None = None
    ) -> None:
        """Write down how the attempt ended, and what it says about the endpoint."""
        ending = Ending(message, outcome, following, started_at or now, now)
        # Each endpoint's row is locked: those who wait for several at once could wait for one another.
        await (self._settle_each((ending,)) if message.channel is Channel.WEBHOOK else self._endings.ask(ending))

    async def _claim_of_partner(self, lane: str, now: datetime) -> Message | None:
        recipient = lane.partition(":")[2]
        while True:
            async with transaction(self._pool) as connection:
                door = await enter_lane(connection, recipient, now)
                rows = await connection.fetch(NEXT_OF_LANES, (lane,), now, door is Lane.HELD)
                messages = await self._lease_or_suppress(connection, rows, now)
                if messages and door is Lane.PROBING:
                    await begin_probe(connection, recipient, now + LEASE_TIME)
            if messages or not rows:
                return messages.get(lane)
            self._ring()

    async def _claim_each(self, asked: Sequence[tuple[str, datetime]]) -> list[Message | None]:
        """Whoever asks for a lane that another asks for, too, finds it empty."""
        now = max(at for _, at in asked)
        lanes = list(dict.fromkeys(lane for lane, _ in asked))
        found: dict[str, Message] = {}
        while lanes:
            async with transaction(self._pool) as connection:
                rows = await connection.fetch(NEXT_OF_LANES, lanes, now, False)
                found |= await self._lease_or_suppress(connection, rows, now)
            lanes = [row["lane"] for row in rows if row["lane"] not in found]
            if lanes:
                self._ring()
        return [found.pop(lane, None) for lane, _ in asked]

    async def _lease_or_suppress(
        self, connection: Connection, rows: Sequence[asyncpg.Record], now: datetime
    ) -> dict[str, Message]:
        """The notices that leave, by their lanes."""
        if not rows:
            return {}
        notices = list(zip(rows, await look_up_each(connection, rows, self._sealer, now), strict=True))
        reasons = await doubt_each(connection, notices, self._policy, now)
        judged = list(zip(notices, reasons, strict=True))
        dropped = [(row, reason) for (row, _), reason in judged if reason is not None]
        if dropped:
            await suppress_each(connection, [(row["delivery_id"], reason) for row, reason in dropped], now)
            await note_changes(connection, [row["gap_id"] for row, _ in dropped], now)
        kept = [notice for notice, reason in judged if reason is None]
        if not kept:
            return {}
        leased = await connection.fetch(LEASE, [row["delivery_id"] for row, _ in kept], now + LEASE_TIME)
        numbers = {row["delivery_id"]: row["attempts"] for row in leased}
        return {row["lane"]: message_of(row, about, numbers[row["delivery_id"]], now) for row, about in kept}

    async def _settle_each(self, endings: Sequence[Ending]) -> list[None]:
        async with transaction(self._pool) as connection:
            for one in endings:
                if one.message.channel is Channel.WEBHOOK:
                    await note_attempt(connection, one.message.recipient, one.outcome, one.now)
            await connection.executemany(SAVE_ATTEMPT, [_attempt(one) for one in endings])
            ended = await _write_down(connection, endings)
            await enqueue(
                connection, [activity_row(one.message, kind, one.outcome.code, one.now) for one, kind in ended]
            )
            if ended:
                await note_changes(connection, [one.message.gap_id for one, _ in ended], ended[0][0].now)
        self._ring()
        return [None] * len(endings)


def _is_partners(lane: str) -> bool:
    return lane.partition(":")[0] == Channel.WEBHOOK


def _attempt(one: Ending) -> Sequence[object]:
    granted = to_json(dict(one.message.granted)).decode()
    return one.message.delivery_id, one.message.number, one.started_at, one.now, one.outcome.code, granted


async def _write_down(connection: Connection, endings: Sequence[Ending]) -> list[tuple[Ending, ActivityKind]]:
    """The deliveries that have come to an end by this, and to which."""
    arrived = await _arrived(connection, [one for one in endings if isinstance(one.following, Done)])
    failed = [one for one in endings if await _given_up(connection, one)]
    told = [(one, ActivityKind.DELIVERED) for one in arrived]
    return told + [(one, ActivityKind.DELIVERY_FAILED) for one in failed]


async def _arrived(connection: Connection, endings: Sequence[Ending]) -> list[Ending]:
    if not endings:
        return []
    ids, codes = [one.message.delivery_id for one in endings], [one.outcome.code for one in endings]
    rows = await connection.fetch(DELIVERED, ids, codes, [one.now for one in endings])
    by_id = {one.message.delivery_id: one for one in endings}  # two attempts at one notice end it once
    return [by_id[row["delivery_id"]] for row in rows]


async def _given_up(connection: Connection, one: Ending) -> bool:
    """Whether no further attempt follows."""
    message, outcome, perhaps = one.message, one.outcome, _perhaps_received(one.outcome)
    match one.following:
        case Done():
            return False
        case TryAgain(at=at):
            await connection.execute(TRY_AGAIN, message.delivery_id, message.number, outcome.code, at, perhaps)
            return False
        case GiveUp(reason=reason):
            ended = await connection.fetchval(
                GIVE_UP, message.delivery_id, message.number, outcome.code, reason, one.now, perhaps
            )
            return bool(ended)


def _perhaps_received(outcome: Outcome) -> bool:
    return isinstance(outcome, Unavailable) and outcome.perhaps_received
