"""Notices that list several alerts: claimed under a lease, each alert in them judged once more, ended together."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from care_notifications.adapters.activity import activity_row
from care_notifications.adapters.postgres import NOTE_CHANGE, Ring, statement, transaction
from care_notifications.adapters.postgres_deliveries import LEASE_TIME
from care_notifications.adapters.postgres_send_check import alerts_now, consents_about, suppress_each, who_now
from care_notifications.core.attempts import Done, GiveUp, Next, Outcome, TryAgain, Unavailable
from care_notifications.core.consents import Consent
from care_notifications.core.effects import FoldKind
from care_notifications.core.listing import in_order, listing_of
from care_notifications.core.messages import Address, Listed, Message
from care_notifications.core.notice_policy import SHIPPED, NoticePolicy
from care_notifications.core.reasons import Reason
from care_notifications.core.send_check import Waiting, reason_not_to_send
from care_notifications.core.state import Channel, Endpoint, Notice, Person, Standing
from care_shared.contracts.care_alerts import CareAlert
from care_shared.runtime.outbox import enqueue
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import ActivityKind, AlertChange, GapId, Tier

DUE_LANES = """
SELECT DISTINCT lane FROM folds
WHERE state = 'waiting' AND next_attempt_at <= $1 AND (leased_until IS NULL OR leased_until <= $1)
"""
NEXT_OF_LANE = """
SELECT * FROM folds
WHERE lane = $1 AND state = 'waiting' AND next_attempt_at <= $2 AND (leased_until IS NULL OR leased_until <= $2)
ORDER BY next_attempt_at, fold_id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
MEMBERS = """
SELECT * FROM deliveries WHERE fold_id = $1 AND state = 'folded' ORDER BY tier, due_at, delivery_id FOR UPDATE
"""
OPTED_OUT = """
SELECT min(kind) FROM opt_outs WHERE person_id = $1 AND channel = $2 AND kind IN ('all', $3)
"""
DROP_FOLD = "UPDATE folds SET state = 'suppressed', reason = $2, ended_at = $3, leased_until = NULL WHERE fold_id = $1"
LEASE = """
UPDATE folds SET attempts = attempts + 1, perhaps_received = perhaps_received OR leased_until IS NOT NULL,
    leased_until = $2 WHERE fold_id = $1 RETURNING attempts
"""
TRY_AGAIN = """
UPDATE folds SET code = $3, next_attempt_at = $4, leased_until = NULL, perhaps_received = perhaps_received OR $5
WHERE fold_id = $1 AND state = 'waiting' AND attempts = $2
"""
DELIVERED = """
UPDATE folds SET state = 'delivered', code = $2, ended_at = $3, leased_until = NULL
WHERE fold_id = $1 AND state = 'waiting' RETURNING true
"""
GIVE_UP = """
UPDATE folds SET state = 'failed', reason = $4, code = $3, ended_at = $5, leased_until = NULL,
    perhaps_received = perhaps_received OR $6
WHERE fold_id = $1 AND state = 'waiting' AND attempts = $2 RETURNING true
"""
END_MEMBERS = """
UPDATE deliveries SET state = $2, reason = $3, code = $4, ended_at = $5, perhaps_received = perhaps_received OR $6
WHERE fold_id = $1 AND state = 'folded'
RETURNING *, (SELECT patient_id FROM alerts WHERE alerts.gap_id = deliveries.gap_id) AS patient_id
"""


class PostgresFoldStore:
    """A store of deliveries for the courier, in which each delivery stands for several alerts."""

    def __init__(self, pool: asyncpg.Pool, ring: Ring, policy: NoticePolicy = SHIPPED) -> None:
        """`ring` is called after each commit that pages want to know about."""
        self._pool = pool
        self._ring = ring
        self._policy = policy

    async def due_lanes(self, now: datetime) -> Sequence[str]:
        """Lanes in which something may leave now."""
        async with statement(self._pool) as connection:
            return [row["lane"] for row in await connection.fetch(DUE_LANES, now)]

    async def claim(self, lane: str, now: datetime) -> Message | None:
        """Lease the lane's next fold; alerts in it that must not be told any more are taken out on the way."""
        while True:
            async with transaction(self._pool) as connection:
                fold = await connection.fetchrow(NEXT_OF_LANE, lane, now)
                if fold is None:
                    return None
                message = await self._lease(connection, fold, now)
            if message is not None:
                return message
            self._ring()

    async def settle(
        self, message: Message, outcome: Outcome, following: Next, now: datetime, started_at: datetime | None = None
    ) -> None:
        """Write down how the attempt ended, for the fold and for each alert in it."""
        async with transaction(self._pool) as connection:
            await _write_down(connection, message, outcome, following, now)
        self._ring()

    async def _lease(self, connection: Connection, fold: asyncpg.Record, now: datetime) -> Message | None:
        unwanted = await connection.fetchval(OPTED_OUT, fold["recipient"], fold["channel"], fold["kind"])
        if unwanted is not None:
            reason = Reason.NO_DIGESTS if unwanted == FoldKind.DIGEST else Reason.OPTED_OUT
            await _drop(connection, fold, reason, now)
            return None
        recipient, address = await who_now(connection, fold)
        kept = await self._members(connection, fold, (recipient, address), now)
        if not kept:
            await connection.execute(DROP_FOLD, fold["fold_id"], Reason.CLOSED_BEFORE_SEND, now)
            return None
        number = await connection.fetchval(LEASE, fold["fold_id"], now + LEASE_TIME)
        return _message(fold, kept, number, address)

    async def _members(
        self,
        connection: Connection,
        fold: asyncpg.Record,
        who: tuple[Person | Endpoint | None, Address],
        now: datetime,
    ) -> list[tuple[asyncpg.Record, CareAlert]]:
        """The alerts that are still to be told; the others are suppressed, each with its reason."""
        rows = await connection.fetch(MEMBERS, fold["fold_id"])
        alerts = await alerts_now(connection, [row["gap_id"] for row in rows])
        consents = await consents_about(connection, (alert for alert, _ in alerts.values()))
        kept, dropped = [], []
        for row in rows:
            alert, record = alerts[row["gap_id"]]
            waiting = _waiting(row, fold, who[1], self._policy, consents.get(alert.patient_id, ()))
            reason = reason_not_to_send(waiting, alert, record, who[0], now)
            if reason is None:
                kept.append((row, alert))
            else:
                dropped.append((row, reason))
        await suppress_each(connection, [(row["delivery_id"], reason) for row, reason in dropped], now)
        await connection.executemany(NOTE_CHANGE, [(row["gap_id"], now) for row, _ in dropped])
        return kept


async def _drop(connection: Connection, fold: asyncpg.Record, reason: Reason, now: datetime) -> None:
    await connection.execute(DROP_FOLD, fold["fold_id"], reason, now)
    ended = await connection.fetch(END_MEMBERS, fold["fold_id"], "suppressed", reason, None, now, False)
    await connection.executemany(NOTE_CHANGE, [(row["gap_id"], now) for row in ended])


def _waiting(
    row: asyncpg.Record, fold: asyncpg.Record, address: Address, policy: NoticePolicy, consents: tuple[Consent, ...]
) -> Waiting:
    channel = Channel(row["channel"])
    return Waiting(
        notice=Notice(row["notice"]),
        channel=channel,
        standing=Standing(row["standing"]),
        round=row["round"],
        expires_at=fold["expires_at"],
        has_address=address.reaches(channel),
        perhaps_told=True,
        consents=consents,
        policy=policy,
        step=row["step"],
    )


def _message(
    fold: asyncpg.Record, kept: Sequence[tuple[asyncpg.Record, CareAlert]], number: int, address: Address
) -> Message:
    by_gap = {GapId(row["gap_id"]): (row, alert) for row, alert in kept}
    ordered = in_order(Listed(gap, Tier(row["tier"]), row["due_at"]) for gap, (row, _) in by_gap.items())
    gravest = ordered[0]
    row, alert = by_gap[gravest.gap_id]
    return Message(
        delivery_id=fold["fold_id"],
        number=number,
        gap_id=gravest.gap_id,
        patient_id=alert.patient_id,
        channel=Channel(fold["channel"]),
        recipient=fold["recipient"],
        notice=Notice.ATTENTION,
        change=AlertChange(row["change"]),
        tier=gravest.tier,
        rule_id=alert.rule_id,
        due_at=gravest.due_at,
        noticed_at=row["noticed_at"],
        expires_at=fold["expires_at"],
        address=address,
        listing=listing_of(FoldKind(fold["kind"]), ordered),
    )


async def _write_down(
    connection: Connection, message: Message, outcome: Outcome, following: Next, now: datetime
) -> None:
    perhaps = isinstance(outcome, Unavailable) and outcome.perhaps_received
    fold_id = message.delivery_id
    match following:
        case Done():
            if await connection.fetchval(DELIVERED, fold_id, outcome.code, now):
                ended = await connection.fetch(END_MEMBERS, fold_id, "delivered", None, outcome.code, now, False)
                await _tell(connection, ended, ActivityKind.DELIVERED, outcome.code, now)
        case TryAgain(at=at):
            await connection.execute(TRY_AGAIN, fold_id, message.number, outcome.code, at, perhaps)
        case GiveUp(reason=reason):
            if await connection.fetchval(GIVE_UP, fold_id, message.number, outcome.code, reason, now, perhaps):
                ended = await connection.fetch(END_MEMBERS, fold_id, "failed", reason, outcome.code, now, perhaps)
                await _tell(connection, ended, ActivityKind.DELIVERY_FAILED, outcome.code, now)


async def _tell(
    connection: Connection, ended: Sequence[asyncpg.Record], kind: ActivityKind, code: str, now: datetime
) -> None:
    """Each alert's own activity, as if it had been told by itself."""
    await enqueue(connection, [activity_row(_alone(row), kind, code, now) for row in ended])
    await connection.executemany(NOTE_CHANGE, [(row["gap_id"], now) for row in ended])


def _alone(row: asyncpg.Record) -> Message:
    return Message(
        delivery_id=row["delivery_id"], number=1, gap_id=GapId(row["gap_id"]), patient_id=row["patient_id"],
        channel=Channel(row["channel"]), recipient=row["recipient"], notice=Notice(row["notice"]),
        change=AlertChange(row["change"]), tier=Tier(row["tier"]), rule_id="", due_at=row["due_at"],
        noticed_at=row["noticed_at"], expires_at=row["expires_at"], address=Address(),
    )  # fmt: skip
