"""Waiting notices in PostgreSQL: claimed under a lease, judged once more, and ended with a reason."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg

from care_notifications.adapters.activity import activity_row
from care_notifications.adapters.postgres import NOTE_CHANGE, Ring, record_of, transaction
from care_notifications.adapters.postgres_around import consents_of
from care_notifications.core.attempts import Done, GiveUp, Next, Outcome, TryAgain, Unavailable
from care_notifications.core.messages import Address, Message
from care_notifications.core.notice_policy import SHIPPED, NoticePolicy
from care_notifications.core.reasons import Reason
from care_notifications.core.send_check import Waiting, reason_not_to_send
from care_notifications.core.state import AlertRecord, Channel, Endpoint, Notice, Person, Standing
from care_shared.contracts.care_alerts import CareAlert
from care_shared.runtime.outbox import enqueue
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import ActivityKind, AlertChange, GapId, OrganizationId, PersonId, Role, Tier

DUE_LANES = """
SELECT DISTINCT lane FROM deliveries
WHERE state = 'waiting' AND next_attempt_at <= $1 AND (leased_until IS NULL OR leased_until <= $1)
"""
# A closing notice waits for its sister: it must not overtake the one that opened, nor tell those who never heard.
NEXT_OF_LANE = """
SELECT * FROM deliveries AS one
WHERE lane = $1 AND state = 'waiting' AND next_attempt_at <= $2 AND (leased_until IS NULL OR leased_until <= $2)
    AND NOT (notice = 'closed' AND EXISTS (
        SELECT FROM deliveries AS sister WHERE sister.gap_id = one.gap_id AND sister.recipient = one.recipient
            AND sister.channel = one.channel AND sister.notice = 'attention' AND sister.state = 'waiting'))
ORDER BY next_attempt_at, revision, delivery_id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
ALERT_NOW = "SELECT * FROM alerts WHERE gap_id = $1 FOR SHARE"
PERSON_NOW = "SELECT person_id, email, mobile, roles, active FROM people WHERE person_id = $1"
ENDPOINT_NOW = "SELECT endpoint_id, organization_id, url, secrets, enabled FROM endpoints WHERE endpoint_id = $1"
PERHAPS_TOLD = """
SELECT EXISTS (SELECT FROM deliveries WHERE gap_id = $1 AND round = $2 AND recipient = $3 AND channel = $4
    AND notice = 'attention' AND (state = 'delivered' OR perhaps_received))
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
SWITCH_OFF = """
UPDATE endpoints SET enabled = false, switched_off_at = $2, switched_off_because = $3 WHERE endpoint_id = $1
"""

LEASE_TIME = timedelta(seconds=60)  # four times the longest attempt


class PostgresDeliveryStore:
    """The notices of this installation."""

    def __init__(self, pool: asyncpg.Pool, ring: Ring, policy: NoticePolicy = SHIPPED) -> None:
        """`ring` is called after each commit that pages or partners want to know about."""
        self._pool = pool
        self._ring = ring
        self._policy = policy

    async def due_lanes(self, now: datetime) -> Sequence[str]:
        """Lanes in which something may leave now."""
        async with transaction(self._pool) as connection:
            return [row["lane"] for row in await connection.fetch(DUE_LANES, now)]

    async def claim(self, lane: str, now: datetime) -> Message | None:
        """Lease the lane's next notice; those that must not leave any more are suppressed on the way."""
        while True:
            async with transaction(self._pool) as connection:
                row = await connection.fetchrow(NEXT_OF_LANE, lane, now)
                if row is None:
                    return None
                message = await _lease_or_suppress(connection, row, self._policy, now)
            if message is not None:
                return message
            self._ring()

    async def settle(self, message: Message, outcome: Outcome, following: Next, now: datetime) -> None:
        """Write down how the attempt ended."""
        async with transaction(self._pool) as connection:
            kind = await _write_down(connection, message, outcome, following, now)
            if kind is not None:
                await enqueue(connection, [activity_row(message, kind, outcome.code, now)])
                await connection.execute(NOTE_CHANGE, message.gap_id, now)
        self._ring()


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
        case GiveUp(reason=reason, switch_off=switch_off):
            if switch_off:
                await connection.execute(SWITCH_OFF, message.recipient, now, outcome.code)
            ended = await connection.fetchval(
                GIVE_UP, message.delivery_id, message.number, outcome.code, reason, now, perhaps
            )
            return ActivityKind.DELIVERY_FAILED if ended else None


async def _lease_or_suppress(
    connection: Connection, row: asyncpg.Record, policy: NoticePolicy, now: datetime
) -> Message | None:
    alert_row = await connection.fetchrow(ALERT_NOW, row["gap_id"])
    assert alert_row is not None
    alert, record = CareAlert.model_validate_json(alert_row["body"]), record_of(alert_row)
    recipient, address = await who_now(connection, row)
    reason = await _doubt(connection, row, (alert, record, recipient, address), policy, now)
    if reason is not None:
        await connection.execute(SUPPRESS, row["delivery_id"], reason, now)
        await connection.execute(NOTE_CHANGE, row["gap_id"], now)
        return None
    number = await connection.fetchval(LEASE, row["delivery_id"], now + LEASE_TIME)
    return _message(row, alert, number, address)


Found = tuple[CareAlert, AlertRecord, Person | Endpoint | None, Address]


async def _doubt(
    connection: Connection, row: asyncpg.Record, found: Found, policy: NoticePolicy, now: datetime
) -> Reason | None:
    alert, record, recipient, address = found
    perhaps_told = await connection.fetchval(
        PERHAPS_TOLD, row["gap_id"], row["round"], row["recipient"], row["channel"]
    )
    consents = await consents_of(connection, (alert.patient_id,)) if alert.labels else {}
    channel = Channel(row["channel"])
    waiting = Waiting(
        notice=Notice(row["notice"]),
        channel=channel,
        standing=Standing(row["standing"]),
        round=row["round"],
        expires_at=row["expires_at"],
        has_address=address.reaches(channel),
        perhaps_told=perhaps_told,
        consents=consents.get(alert.patient_id, ()),
        policy=policy,
        step=row["step"],
    )
    return reason_not_to_send(waiting, alert, record, recipient, now)


async def who_now(connection: Connection, row: asyncpg.Record) -> tuple[Person | Endpoint | None, Address]:
    """The recipient of this very row as it is now; nothing about recipients is remembered between notices."""
    if Standing(row["standing"]) is Standing.PARTNER:
        found = await connection.fetchrow(ENDPOINT_NOW, row["recipient"])
        if found is None:
            return None, Address()
        endpoint = Endpoint(found["endpoint_id"], OrganizationId(found["organization_id"]), found["enabled"])
        return endpoint, Address(url=found["url"], secrets=tuple(found["secrets"]))
    found = await connection.fetchrow(PERSON_NOW, row["recipient"])
    if found is None:
        return None, Address()
    roles = tuple(Role(role) for role in found["roles"])
    person = Person(PersonId(found["person_id"]), roles, active=found["active"])
    return person, Address(email=found["email"], mobile=found["mobile"])


def _message(row: asyncpg.Record, alert: CareAlert, number: int, address: Address) -> Message:
    return Message(
        delivery_id=row["delivery_id"],
        number=number,
        gap_id=GapId(row["gap_id"]),
        patient_id=alert.patient_id,
        channel=Channel(row["channel"]),
        recipient=row["recipient"],
        notice=Notice(row["notice"]),
        change=AlertChange(row["change"]),
        tier=Tier(row["tier"]),
        rule_id=alert.rule_id,
        due_at=row["due_at"],
        noticed_at=row["noticed_at"],
        expires_at=row["expires_at"],
        address=address,
    )
