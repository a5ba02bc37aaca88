"""Reads all that was decided about telling of an alert, found by any id that leads to it."""

import asyncpg

from care_notifications.adapters.postgres import transaction
from care_notifications.adapters.trace import GAPS
from care_notifications.core.explanation import Deed, Explained, Explanation, NoticeRow, explained
from care_notifications.core.state import AlertState, Channel, Notice, Standing
from care_shared.contracts.care_alerts import CareAlert
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import GapId, Role, Tier

ALERT = """
SELECT alerts.*, coalesce(people.display_name, alerts.owner) AS owner_name
FROM alerts LEFT JOIN people ON person_id = alerts.owner WHERE gap_id = $1
"""
# What was decided at once and refused stands beside what became a notice; the last time it was said is enough.
NOTICES = """
WITH said AS (
    SELECT recipient, standing, channel, notice, tier, step, state, reason,
        coalesce(ended_at, leaves_at, noticed_at) AS at, held_because, held_until, held_by, attempts,
        (SELECT count(*) FROM deliveries AS one WHERE one.fold_id = deliveries.fold_id) AS together
    FROM deliveries WHERE gap_id = $1
    UNION ALL
    SELECT recipient, NULL, channel, NULL, NULL, 0, 'suppressed', reason, max(decided_at), NULL, NULL, NULL, 0, 0
    FROM suppressions WHERE gap_id = $1 GROUP BY recipient, channel, reason
    UNION ALL
    SELECT subscriptions.organization_id, 'partner', 'fhir',
        CASE WHEN kind = 'care-gap-closed' THEN 'closed' ELSE 'attention' END, tier, 0,
        CASE WHEN delivered_at IS NULL THEN 'waiting' ELSE 'delivered' END, NULL,
        coalesce(delivered_at, noted_at), NULL, NULL, NULL, subscriptions.failures, 0
    FROM subscription_events JOIN subscriptions USING (subscription_id) WHERE gap_id = $1
)
SELECT said.*, coalesce(people.display_name, organizations.display_name, said.recipient) AS name,
    coalesce(people.zone, '') AS zone, coalesce(people.roles, '{}') AS roles
FROM said
LEFT JOIN people ON people.person_id = said.recipient
LEFT JOIN endpoints ON endpoints.endpoint_id = said.recipient
LEFT JOIN organizations ON organizations.organization_id = coalesce(endpoints.organization_id, said.recipient)
ORDER BY at, recipient, channel, notice
"""
DEEDS = """
SELECT kind AS what, coalesce(display_name, done_by) AS by, done_at AS at
FROM acts LEFT JOIN people ON person_id = done_by WHERE gap_id = $1 ORDER BY done_at
"""


async def explain(pool: asyncpg.Pool, wanted: str) -> list[Explanation]:
    """Every alert that this id leads to: its own id, an event, a notice or an act. Empty: unknown."""
    async with transaction(pool) as connection:
        gaps = [GapId(row["gap_id"]) for row in await connection.fetch(GAPS, wanted)]
        return [await _explanation(connection, gap) for gap in sorted(gaps)]


async def _explanation(connection: Connection, gap: GapId) -> Explanation:
    row = await connection.fetchrow(ALERT, gap)
    assert row is not None
    alert = CareAlert.model_validate_json(row["body"])
    rows = await connection.fetch(NOTICES, gap)
    return Explanation(
        gap_id=gap,
        rule_id=alert.rule_id,
        tier=Tier(row["tier"]),
        state=AlertState(row["state"]),
        owner=row["owner"],
        owner_name=row["owner_name"],
        opened_at=alert.opened_at,
        due_at=alert.due_at,
        next_escalation_at=row["next_escalation_at"],
        notices=tuple(_explained(one, row["owner"]) for one in rows),
        deeds=tuple(Deed(one["what"], one["by"], one["at"]) for one in await connection.fetch(DEEDS, gap)),
    )


def _explained(row: asyncpg.Record, owner: str) -> Explained:
    return explained(
        NoticeRow(
            recipient=row["recipient"],
            name=row["name"],
            zone=row["zone"],
            standing=Standing(row["standing"]) if row["standing"] else None,
            roles=tuple(Role(role) for role in row["roles"]),
            channel=Channel(row["channel"]) if row["channel"] else None,
            notice=Notice(row["notice"]) if row["notice"] else None,
            tier=Tier(row["tier"]) if row["tier"] else None,
            step=row["step"],
            state=row["state"],
            at=row["at"],
            reason=row["reason"],
            held_because=row["held_because"],
            held_until=row["held_until"],
            held_by=row["held_by"],
            together=row["together"],
            attempts=row["attempts"],
        ),
        owner,
    )
