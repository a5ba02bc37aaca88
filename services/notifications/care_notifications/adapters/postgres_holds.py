"""Waiting notices in PostgreSQL whose time has come: judged again, lane by lane, in the transaction that frees them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import asyncpg

from care_notifications.adapters.postgres import NOTE_CHANGE, Ring, statement, transaction
from care_notifications.adapters.postgres_around import Subject, neighbours_of, traffic_of
from care_notifications.adapters.postgres_directory import DirectoryAtHand, DirectorySource
from care_notifications.adapters.postgres_send_check import alerts_now, consents_about, suppress_each, who_now
from care_notifications.core.consents import Consent
from care_notifications.core.departures import Clockwork, interrupts, until_useless
from care_notifications.core.notice_policy import SHIPPED, NoticePolicy
from care_notifications.core.reasons import Hold, Reason
from care_notifications.core.releasing import Fold, Held, Receiver, Released, release
from care_notifications.core.send_check import Waiting, reason_not_to_send
from care_notifications.core.situation import NOTHING_LEFT_YET, Lane, Neighbour
from care_notifications.core.state import AlertRecord, Channel, Endpoint, Notice, Person, Standing
from care_shared.contracts.care_alerts import CareAlert
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import PatientId

DUE_LANES = "SELECT DISTINCT recipient, channel FROM deliveries WHERE state = 'held' AND held_until <= $1 LIMIT 200"
# `overtaken`: the same recipient is told of the same alert at a graver tier by another notice.
DUE_OF_LANE = """
SELECT one.*, EXISTS (SELECT FROM deliveries AS other WHERE other.gap_id = one.gap_id AND other.round = one.round
        AND other.recipient = one.recipient AND other.channel = one.channel AND other.notice = one.notice
        AND other.tier < one.tier AND other.state IN ('waiting', 'held', 'folded', 'delivered')) AS overtaken
FROM deliveries AS one
WHERE state = 'held' AND recipient = $1 AND channel = $2 AND held_until <= $3
ORDER BY tier, held_until, delivery_id LIMIT $4 FOR UPDATE OF one SKIP LOCKED
"""
# A cover that is being closed at this instant is waited for: what it covered must not be put to sleep again. With
# the alerts themselves, in one order.
COVERS_NOW = "SELECT gap_id FROM alerts WHERE gap_id = ANY($1::text[]) ORDER BY gap_id FOR SHARE"
HOLD_ON = """
UPDATE deliveries AS one SET held_because = said.because, held_until = said.until, held_by = said.by,
    expires_at = greatest(expires_at, said.useless)
FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::timestamptz[])
    AS said (delivery_id, because, until, by, useless)
WHERE one.delivery_id = said.delivery_id
"""
SEND = """
UPDATE deliveries SET state = 'waiting', next_attempt_at = $2, leaves_at = $3,
    expires_at = CASE WHEN held_because = 'covered' THEN greatest(expires_at, $4) ELSE expires_at END
WHERE delivery_id = ANY($1::text[])
"""
NEW_FOLD = """
INSERT INTO folds (fold_id, kind, recipient, standing, channel, lane, leaves_at, next_attempt_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)
"""
JOIN_FOLD = "UPDATE deliveries SET state = 'folded', fold_id = $2 WHERE delivery_id = ANY($1::text[])"

# One notice lists all that is due; so many at most, to keep a transaction bounded. The rest makes a second notice.
MOST_AT_ONCE = 20_000
MOST_ALONE = 1_000


class PostgresHoldStore:
    """The notices of this installation that wait."""

    def __init__(self, pool: asyncpg.Pool, source: DirectorySource, ring: Ring, policy: NoticePolicy = SHIPPED) -> None:
        """`ring` is called after each commit that set something free."""
        self._pool = pool
        self._source = source
        self._ring = ring
        self._policy = policy
        self._directory = DirectoryAtHand()

    async def due_lanes(self, now: datetime) -> Sequence[Lane]:
        """Recipients and channels with a notice whose time has come."""
        async with statement(self._pool) as connection:
            return [(row["recipient"], Channel(row["channel"])) for row in await connection.fetch(DUE_LANES, now)]

    async def release(self, lane: Lane, now: datetime) -> int:
        """Judge again what is due in this lane. Returns how many were judged."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(DUE_OF_LANE, *lane, now, MOST_AT_ONCE)
            if rows:
                await self._release(connection, rows, now)
        if rows:
            self._ring()
        return len(rows)

    async def _release(self, connection: Connection, rows: Sequence[asyncpg.Record], now: datetime) -> None:
        held = await self._held(connection, rows, now)
        lane = rows[0]["recipient"], Channel(rows[0]["channel"])
        standing = Standing(rows[0]["standing"])
        traffic = await traffic_of(connection, (lane,), Subject(), self._policy, now)
        receiver = Receiver(lane[0], standing, lane[1], traffic.get(lane, NOTHING_LEFT_YET))
        clockwork = Clockwork(await self._directory.read(connection, self._source), self._policy, now)
        released = release(held, receiver, clockwork)
        await _keep(connection, released, receiver, now)
        gaps = sorted({row["gap_id"] for row in rows})
        await connection.executemany(NOTE_CHANGE, [(gap, now) for gap in gaps])

    async def _held(self, connection: Connection, rows: Sequence[asyncpg.Record], now: datetime) -> list[Held]:
        gaps = [row["gap_id"] for row in rows]
        await connection.execute(COVERS_NOW, [*gaps, *(row["held_by"] for row in rows if row["held_by"])])
        alerts = await alerts_now(connection, gaps)
        patients = sorted({alert.patient_id for alert, _ in alerts.values()})
        neighbours = await neighbours_of(connection, patients)
        consents = await consents_about(connection, (alert for alert, _ in alerts.values()))
        look = _LastLook(await who_now(connection, rows[0]), consents, self._policy, now)
        return [_judged(row, alerts[row["gap_id"]], look, neighbours) for row in rows]


class _LastLook:
    """What the last look needs beside the row and its alert."""

    def __init__(
        self,
        who: tuple[Person | Endpoint | None, object],
        consents: Mapping[PatientId, tuple[Consent, ...]],
        policy: NoticePolicy,
        now: datetime,
    ) -> None:
        self.recipient = who[0]
        self.consents = consents
        self.policy = policy
        self.now = now

    def objection(self, row: asyncpg.Record, alert: CareAlert, record: AlertRecord) -> Reason | None:
        """Why this notice is not wanted any more; its address is looked at when it leaves."""
        if row["overtaken"]:
            return Reason.ALREADY_TOLD
        channel = Channel(row["channel"])
        # What was covered has not been late by itself: its time begins when the cover ends.
        covered = row["held_because"] == Hold.COVERED
        waiting = Waiting(
            notice=Notice(row["notice"]),
            channel=channel,
            standing=Standing(row["standing"]),
            round=row["round"],
            expires_at=until_useless(channel, self.now) if covered else row["expires_at"],
            has_address=True,
            perhaps_told=True,
            consents=self.consents.get(alert.patient_id, ()),
            policy=self.policy,
            step=row["step"],
        )
        return reason_not_to_send(waiting, alert, record, self.recipient, self.now)


def _judged(
    row: asyncpg.Record,
    known: tuple[CareAlert, AlertRecord],
    look: _LastLook,
    neighbours: Mapping[PatientId, tuple[Neighbour, ...]],
) -> Held:
    alert, record = known
    others = tuple(one for one in neighbours.get(alert.patient_id, ()) if one.gap_id != alert.gap_id)
    return Held(row["delivery_id"], Hold(row["held_because"]), alert, look.objection(row, alert, record), others)


async def _keep(connection: Connection, released: Released, receiver: Receiver, now: datetime) -> None:
    await suppress_each(connection, released.suppressed, now)
    if released.waiting:
        ids = tuple(one for one, _ in released.waiting)
        waits = [wait for _, wait in released.waiting]
        await connection.execute(
            HOLD_ON, ids, [wait.because.value for wait in waits], [wait.until for wait in waits],
            [wait.by for wait in waits], [until_useless(receiver.channel, wait.until) for wait in waits],
        )  # fmt: skip
    if released.alone:
        reaches = interrupts(receiver.standing, receiver.channel, Notice.ATTENTION)
        useless = until_useless(receiver.channel, now)
        await connection.execute(SEND, released.alone, now, now if reaches else None, useless)
    for fold in released.folds:
        await _fold(connection, fold, receiver, now)


async def _fold(connection: Connection, fold: Fold, receiver: Receiver, now: datetime) -> None:
    await connection.execute(
        NEW_FOLD, fold.fold_id, fold.kind, receiver.id, receiver.standing, receiver.channel,
        f"{receiver.channel}:{receiver.id}", now, until_useless(receiver.channel, now),
    )  # fmt: skip
    await connection.execute(JOIN_FOLD, fold.members, fold.fold_id)
