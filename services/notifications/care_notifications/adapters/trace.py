"""What became of an alert here: received, told, acknowledged, published; found by any id that leads to it."""

import asyncpg

from care_notifications.adapters.postgres import transaction
from care_shared.runtime.trace import TraceStep

GAPS = """
SELECT gap_id FROM alerts WHERE gap_id = $1
UNION SELECT gap_id FROM alert_changes WHERE event_id = $1 OR caused_by = $1
UNION SELECT gap_id FROM deliveries WHERE delivery_id = $1
UNION SELECT gap_id FROM acts WHERE act_id = $1
UNION SELECT gap_id FROM partner_tasks WHERE task_id = $1
"""
CHANGES = """
SELECT 'alert ' || change AS what, received_at AS at, event_id, gap_id, revision::text, tier, close_reason AS reason
FROM alert_changes WHERE gap_id = ANY($1)
"""
DELIVERIES = """
SELECT 'notice ' || state AS what,
    coalesce(ended_at, CASE WHEN state = 'held' THEN held_until END, next_attempt_at) AS at,
    delivery_id, gap_id, channel, recipient, notice, tier,
    CASE WHEN state = 'held' THEN held_because ELSE reason END AS reason, code, attempts::text, fold_id
FROM deliveries WHERE gap_id = ANY($1)
"""
SUPPRESSIONS = """
SELECT 'notice suppressed' AS what, decided_at AS at, gap_id, channel, recipient, reason
FROM suppressions WHERE gap_id = ANY($1)
"""
ACTS = "SELECT kind AS what, done_at AS at, act_id, gap_id, done_by AS by, outcome FROM acts WHERE gap_id = ANY($1)"
# Events of FHIR subscriptions, and what partners were asked.
EVENTS = """
SELECT 'subscription event' AS what, coalesce(delivered_at, noted_at) AS at, subscription_id, gap_id, kind, tier,
    number::text, CASE WHEN delivered_at IS NULL THEN 'waiting' ELSE 'delivered' END AS state
FROM subscription_events WHERE gap_id = ANY($1)
"""
TASKS = """
SELECT 'partner task ' || status AS what, updated_at AS at, task_id, gap_id, organization_id, reason, outcome
FROM partner_tasks WHERE gap_id = ANY($1)
"""
PUBLISHED = """
SELECT 'published' AS what, coalesce(published_at, created_at) AS at, event_id, topic,
    published_partition::text AS partition, published_offset::text AS offset
FROM outbox WHERE event_id = $1
"""


async def trace(pool: asyncpg.Pool, wanted: str) -> list[TraceStep]:
    """All steps here that this id leads to, oldest first: an event, a gap, a delivery or an act. Empty: unknown."""
    async with transaction(pool) as connection:
        gaps = [row["gap_id"] for row in await connection.fetch(GAPS, wanted)]
        rows = [
            *await connection.fetch(CHANGES, gaps),
            *await connection.fetch(DELIVERIES, gaps),
            *await connection.fetch(SUPPRESSIONS, gaps),
            *await connection.fetch(ACTS, gaps),
            *await connection.fetch(EVENTS, gaps),
            *await connection.fetch(TASKS, gaps),
            *await connection.fetch(PUBLISHED, wanted),
        ]
    return sorted((_step(row) for row in rows), key=lambda step: step.at)


def _step(row: asyncpg.Record) -> TraceStep:
    ids = {name: value for name, value in row.items() if name not in ("what", "at") and value}
    return TraceStep("notifications", row["what"], row["at"], ids)
