"""A partner that was away fetches what it missed, in order of its numbers; what it has fetched is not sent again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from care_notifications.adapters.activity import activity_row
from care_notifications.adapters.channels.webhook.channel import content
from care_notifications.adapters.postgres import NOTE_CHANGE, Ring, transaction
from care_notifications.adapters.postgres_endpoints import LOCK, number
from care_notifications.adapters.postgres_send_check import About, doubt, look_up, message_of, partner_doubt
from care_notifications.adapters.tokens import token_hash
from care_notifications.core.messages import Message
from care_notifications.core.notice_policy import NoticePolicy
from care_notifications.core.reasons import Reason
from care_notifications.core.state import Channel, Endpoint, Notice
from care_shared.runtime.outbox import enqueue
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import ActivityKind

WHO = "SELECT endpoint_id FROM endpoints WHERE token_hash = $1"
PAGE = """
SELECT * FROM deliveries WHERE recipient = $1 AND sequence > $2 ORDER BY sequence LIMIT $3
"""
# Fetched before, and asked for what comes after it: it has arrived. One in flight is left to its own answer.
FETCHED = """
UPDATE deliveries SET state = 'delivered', code = 'caught-up', ended_at = $3
WHERE delivery_id IN (
    SELECT delivery_id FROM deliveries WHERE recipient = $1 AND sequence <= $2 AND state = 'waiting'
        AND (leased_until IS NULL OR leased_until <= $3) FOR UPDATE SKIP LOCKED)
RETURNING *
"""
SERVED = "UPDATE endpoints SET served_sequence = greatest(served_sequence, $2) WHERE endpoint_id = $1"

# Why a notice would not be pushed now, though who asks for it may well have it.
NO_REASON_TO_HIDE = frozenset(
    {Reason.CLOSED_BEFORE_SEND, Reason.EXPIRED, Reason.NEVER_TOLD, Reason.NO_ADDRESS, Reason.ENDPOINT_OFF}
)


@dataclass(frozen=True, slots=True)
class Page:
    """Some events in order, and the highest number there is."""

    events: Sequence[dict[str, object]]
    last_sequence: int


class PostgresCatchUp:
    """The numbered events of every endpoint."""

    def __init__(self, pool: asyncpg.Pool, ring: Ring, policy: NoticePolicy, base_url: str) -> None:
        """`base_url` is where people reach the worklist."""
        self._pool = pool
        self._ring = ring
        self._policy = policy
        self._base_url = base_url

    async def who(self, token: str) -> str | None:
        """Whose token this is."""
        async with transaction(self._pool) as connection:
            found: str | None = await connection.fetchval(WHO, token_hash(token))
            return found

    async def after(self, endpoint_id: str, sequence: int, limit: int, now: datetime) -> Page:
        """The events behind `sequence`, judged anew: what the partner may not have now is a number without words."""
        async with transaction(self._pool) as connection:
            endpoint = await connection.fetchrow(LOCK, endpoint_id)
            assert endpoint is not None
            last = await number(connection, endpoint_id, endpoint["last_sequence"])
            seen = min(sequence, endpoint["served_sequence"])
            await self._arrived(connection, endpoint_id, seen, now)
            rows = await connection.fetch(PAGE, endpoint_id, sequence, limit)
            events = [await self._event(connection, row, now) for row in rows]
            if rows:
                await connection.execute(SERVED, endpoint_id, rows[-1]["sequence"])
        self._ring()
        return Page(events, last)

    async def _event(self, connection: Connection, row: asyncpg.Record, now: datetime) -> dict[str, object]:
        about = await look_up(connection, row, None, now)
        if row["state"] == "suppressed" or await is_hidden(connection, row, about, self._policy, now):
            return {"type": "care-gap.withheld", "timestamp": None, "data": {"sequence": row["sequence"]}}
        return content(message_of(row, about, row["attempts"], now), self._base_url)

    async def _arrived(self, connection: Connection, endpoint_id: str, seen: int, now: datetime) -> None:
        for row in await connection.fetch(FETCHED, endpoint_id, seen, now):
            message: Message = message_of(row, await look_up(connection, row, None, now), row["attempts"], now)
            await enqueue(connection, [activity_row(message, ActivityKind.DELIVERED, "caught-up", now)])
            await connection.execute(NOTE_CHANGE, row["gap_id"], now)


async def is_hidden(
    connection: Connection, row: asyncpg.Record, about: About, policy: NoticePolicy, now: datetime
) -> bool:
    """Whether the partner may not have what this notice says, as things are now."""
    reason = await doubt(connection, row, about, policy, now)
    if reason is not None and reason not in NO_REASON_TO_HIDE:
        return True
    if not isinstance(about.who.recipient, Endpoint) or row["notice"] != Notice.ATTENTION:
        return False
    return await partner_doubt(connection, about, Channel.WEBHOOK, now) is not None
