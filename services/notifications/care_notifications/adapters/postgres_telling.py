"""Who is told of an alert and who is not, and why, is kept by the same few statements whatever the occasion."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from care_notifications.adapters.postgres_around import Subject, around_of, traffic_of
from care_notifications.core.decide import consequences
from care_notifications.core.departures import Clockwork, departs_now, lanes_to_ask, timed
from care_notifications.core.effects import Deliver, Effect, Suppress
from care_notifications.core.notice_policy import NoticePolicy
from care_notifications.core.situation import Situation
from care_notifications.core.state import AlertRecord, Channel, Directory, Notice, Standing, Told
from care_shared.contracts.care_alerts import CareAlert
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import AlertChange, GapId, Tier

LOAD_TOLD = """
SELECT gap_id, recipient, standing, channel, tier, notice, round, step FROM deliveries
WHERE gap_id = ANY($1::text[]) ORDER BY gap_id, recipient, channel, tier
"""
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
    """Keep who is told of an alert and who is not, and why."""
    await save_all_effects(connection, [(alert, effects)], now)


async def save_all_effects(
    connection: Connection, said: Sequence[tuple[CareAlert, Sequence[Effect]]], now: datetime
) -> None:
    """Keep who is told of these alerts and who is not, and why."""
    delivers = [_delivery(one, alert, now) for alert, effects in said for one in effects if isinstance(one, Deliver)]
    if delivers:
        await connection.executemany(SAVE_DELIVERY, delivers)
    suppresses = [one for _, effects in said for one in effects if isinstance(one, Suppress)]
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
    effects = consequences(situation)
    lanes = lanes_to_ask(effects)
    traffic = await traffic_of(connection, lanes, Subject(alert.patient_id), telling.policy, telling.now)
    clockwork = Clockwork(telling.directory, telling.policy, telling.now)
    await save_effects(connection, alert, timed(effects, alert, clockwork, traffic), telling.now)


async def load_told(connection: Connection, gap_id: GapId) -> tuple[Told, ...]:
    """The notices of an alert that were decided so far."""
    return (await load_told_of(connection, (gap_id,))).get(gap_id, ())


async def load_told_of(connection: Connection, gaps: Sequence[GapId]) -> Mapping[GapId, tuple[Told, ...]]:
    """The notices of these alerts that were decided so far."""
    found: defaultdict[GapId, list[Told]] = defaultdict(list)
    for row in await connection.fetch(LOAD_TOLD, gaps):
        found[row["gap_id"]].append(_told(row))
    return {gap: tuple(those) for gap, those in found.items()}


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
    return "waiting", None, None, None, now if departs_now(one) else None


def _suppression(one: Suppress, now: datetime) -> Sequence[object]:
    return one.gap_id, one.revision, one.recipient, one.channel or "", one.reason, now
