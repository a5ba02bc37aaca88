"""The lane of a partner's endpoint: numbered, held while it is unproven, paused or failing, opened when it recovers."""

from dataclasses import replace
from datetime import datetime
from enum import Enum

import asyncpg

from care_notifications.core.attempts import Accepted, Outcome, Refused
from care_notifications.core.endpoint_health import Health, after_attempt, should_switch_off, should_warn
from care_shared.runtime.logs import get_log
from care_shared.runtime.postgres import Connection

log = get_log(__name__)

LOCK = "SELECT * FROM endpoints WHERE endpoint_id = $1 FOR UPDATE"
# The numbers follow the order of writing; what is held gets its own when it is let go. Two statements, as the second
# must see what others did before our lock.
NUMBER = """
WITH fresh AS (
    SELECT delivery_id, row_number() OVER (ORDER BY ordinal) AS place FROM deliveries
    WHERE recipient = $1 AND channel = 'webhook' AND sequence IS NULL AND state <> 'held'
), numbered AS (
    UPDATE deliveries SET sequence = $2 + fresh.place FROM fresh
    WHERE deliveries.delivery_id = fresh.delivery_id RETURNING 1
)
SELECT count(*) FROM numbered
"""
COUNT_UP = "UPDATE endpoints SET last_sequence = last_sequence + $2 WHERE endpoint_id = $1"
PROBING = "UPDATE endpoints SET open_until = $2 WHERE endpoint_id = $1"
SAVE_HEALTH = """
UPDATE endpoints SET failures = $2, failing_since = $3, open_until = $4, warned_at = $5 WHERE endpoint_id = $1
"""
SWITCH_OFF = """
UPDATE endpoints SET enabled = false, switched_off_at = $2, switched_off_because = $3 WHERE endpoint_id = $1
"""
NEWS = """
INSERT INTO endpoint_news (endpoint_id, kind, since, code, noted_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
"""
# One and the same instant for all: the order of writing decides.
HURRY_LANE = """
UPDATE deliveries SET next_attempt_at = $2 WHERE delivery_id IN (
    SELECT delivery_id FROM deliveries WHERE lane = $1 AND state = 'waiting' AND leased_until IS NULL
    FOR UPDATE SKIP LOCKED)
"""


class Lane(Enum):
    """What may happen in an endpoint's lane now."""

    OPEN = "open"
    HELD = "held"
    PROBING = "probing"


async def enter_lane(connection: Connection, endpoint_id: str, now: datetime) -> Lane:
    """Lock the endpoint's row until the transaction ends, and give numbers to the notices that wait for it."""
    row = await connection.fetchrow(LOCK, endpoint_id)
    if row is None:
        return Lane.OPEN
    await number(connection, endpoint_id, row["last_sequence"])
    if not row["enabled"]:
        return Lane.OPEN  # its notices are suppressed, one by one, with that reason
    if row["verified_at"] is None or row["paused_at"] is not None:
        return Lane.HELD
    if row["open_until"] is None:
        return Lane.OPEN
    return Lane.PROBING if row["open_until"] <= now else Lane.HELD


async def begin_probe(connection: Connection, endpoint_id: str, until: datetime) -> None:
    """The notice that was just claimed is the probe; the others wait for how it ends."""
    await connection.execute(PROBING, endpoint_id, until)


async def number(connection: Connection, endpoint_id: str, last: int) -> int:
    """Give numbers to what has none; the endpoint's row must be locked. Returns the last number."""
    fresh = await connection.fetchval(NUMBER, endpoint_id, last)
    if fresh:
        await connection.execute(COUNT_UP, endpoint_id, fresh)
    return last + int(fresh)


async def note_attempt(connection: Connection, endpoint_id: str, outcome: Outcome, now: datetime) -> None:
    """What an attempt says about the endpoint. When it recovers, all that waited for it is due, in order."""
    row = await connection.fetchrow(LOCK, endpoint_id)
    if row is None or not row["enabled"]:
        return
    before = _health(row)
    if isinstance(outcome, Refused) and outcome.switch_off:
        await switch_off(connection, endpoint_id, outcome.code, now)
        return
    health = after_attempt(before, outcome, now)
    if should_warn(health, now):
        health = replace(health, warned_at=now)
        await _news(connection, endpoint_id, "failing", outcome.code, now)
    await connection.execute(
        SAVE_HEALTH, endpoint_id, health.failures, health.failing_since, health.open_until, health.warned_at
    )
    if should_switch_off(health, now):
        await switch_off(connection, endpoint_id, outcome.code, now)
    if health.was_open and not before.was_open:
        log.warning("endpoint.left-alone", recipient=endpoint_id, code=outcome.code)
    if isinstance(outcome, Accepted) and before.was_open:
        await connection.execute(HURRY_LANE, f"webhook:{endpoint_id}", now)
        log.info("endpoint.recovered", recipient=endpoint_id)


async def switch_off(connection: Connection, endpoint_id: str, code: str, now: datetime) -> None:
    """Nothing is sent there any more until a person says so."""
    await connection.execute(SWITCH_OFF, endpoint_id, now, code)
    await _news(connection, endpoint_id, "switched-off", code, now)


async def _news(connection: Connection, endpoint_id: str, kind: str, code: str, now: datetime) -> None:
    await connection.execute(NEWS, endpoint_id, kind, now, code, now)
    log.error("endpoint.trouble", recipient=endpoint_id, kind=kind, code=code)


def _health(row: asyncpg.Record) -> Health:
    return Health(row["failures"], row["failing_since"], row["open_until"], row["warned_at"])
