"""Who is told of an alert and who is not, and why, is kept by the same few statements whatever the occasion."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from care_notifications.adapters.postgres_around import around_of, traffic_of
from care_notifications.core.decide import consequences
from care_notifications.core.departures import Clockwork, interrupts, lanes_to_ask, timed
from care_notifications.core.effects import Decision, Deliver, Effect, Suppress
from care_notifications.core.notice_policy import NoticePolicy
from care_notifications.core.situation import Situation
from care_notifications.core.state import AlertRecord, Channel, Directory, Notice, Standing, Told
from care_shared.contracts.care_alerts import CareAlert
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import AlertChange, GapId, Tier

LOAD_TOLD = (
    "SELECT recipient, standing, channel, tier, notice, round, step FROM deliveries WHERE gap_id = $1 ORDER BY 1, 3, 4"
)
SAVE_DELIVERY = """
INSERT INTO deliveries (delivery_id, gap_id, round, revision, tier, recipient, standing, channel, notice, change,
    due_at, noticed_at, lane, next_attempt_at, expires_at, step, state, held_because, held_until, held_by, leaves_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
ON CONFLICT DO NOTHING
"""
SAVE_SUPPRESSION = """
INSERT INTO suppressions (gap_id, revision, recipient, channel, reason, decided_at)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
"""


async def save_effects(connection: Connection, alert: CareAlert, effects: Sequence[Effect], now: datetime) -> None:
    """Keep who is told and who is not, and why."""
    delivers = [effect for effect in effects if isinstance(effect, Deliver)]
    suppresses = [effect for effect in effects if isinstance(effect, Suppress)]
    if delivers:
        await connection.executemany(SAVE_DELIVERY, [_delivery(one, alert, now) for one in delivers])
    await save_suppressions(connection, suppresses, now)


async def save_suppressions(connection: Connection, suppresses: Sequence[Suppress], now: datetime) -> None:
    """Keep who is not told, and why."""
    if suppresses:
        await connection.executemany(SAVE_SUPPRESSION, [_suppression(one, now) for one in suppresses])


@dataclass(frozen=True, slots=True)
class Telling:
    """With whom, under which policy and at what time people are told."""

    directory: Directory
    policy: NoticePolicy
    now: datetime


async def tell(connection: Connection, alert: CareAlert, record: AlertRecord, telling: Telling) -> None:
    """Whoever has not heard of the alert as it stands now is told, by the same steps as when news comes."""
    told, around = await load_told(connection, record.gap_id), await around_of(connection, alert, telling.policy)
    situation = Situation(alert, record, told, telling.directory, telling.now, around)
    decision = Decision(record, consequences(situation))
    lanes = lanes_to_ask(decision)
    traffic = await traffic_of(connection, lanes, alert.patient_id, telling.policy, telling.now)
    clockwork = Clockwork(telling.directory, telling.policy, telling.now)
    await save_effects(connection, alert, timed(decision, alert, clockwork, traffic).effects, telling.now)


async def load_told(connection: Connection, gap_id: GapId) -> tuple[Told, ...]:
    """The notices of an alert that were decided so far."""
    return tuple(_told(one) for one in await connection.fetch(LOAD_TOLD, gap_id))


def _told(row: asyncpg.Record) -> Told:
    return Told(
        recipient=row["recipient"],
        standing=Standing(row["standing"]),
        channel=Channel(row["channel"]),
        tier=Tier(row["tier"]),
        notice=Notice(row["notice"]),
        round=row["round"],
        step=row["step"],
    )


def _delivery(one: Deliver, alert: CareAlert, now: datetime) -> Sequence[object]:
    return (
        one.delivery_id, one.gap_id, one.round, one.revision, one.tier, one.recipient, one.standing, one.channel,
        one.notice, AlertChange.ESCALATED if one.step else alert.change, alert.due_at,
        now if one.step else alert.changed_at, one.lane, now, one.expires_at,
        one.step, *_wait(one, now),
    )  # fmt: skip


def _wait(one: Deliver, now: datetime) -> Sequence[object]:
    """State, reason, time and cover of a notice that waits; when it leaves if it does not."""
    if one.wait is not None:
        return "held", one.wait.because, one.wait.until, one.wait.by, None
    return "waiting", None, None, None, now if interrupts(one.standing, one.channel, one.notice) else None


def _suppression(one: Suppress, now: datetime) -> Sequence[object]:
    return one.gap_id, one.revision, one.recipient, one.channel or "", one.reason, now
