"""Service levels of a partner, week by week: how well notices arrive there, and how well it answers."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from care_notifications.adapters.postgres import statement
from care_shared.vocabulary import OrganizationId

# A week begins on Monday where the partner works: counted in local days, so that a change of the clock moves none.
WEEKS = """
WITH weeks AS (
    SELECT generate_series(date_trunc('week', $2::timestamptz AT TIME ZONE $3),
        date_trunc('week', $4::timestamptz AT TIME ZONE $3), interval '7 days')::date AS week
), notices AS (
    SELECT date_trunc('week', noticed_at AT TIME ZONE $3)::date AS week, count(*) AS ended,
        count(*) FILTER (WHERE state = 'delivered') AS delivered,
        percentile_disc(0.95) WITHIN GROUP (ORDER BY ended_at - noticed_at) FILTER (WHERE state = 'delivered') AS p95
    FROM deliveries JOIN endpoints ON endpoint_id = recipient
    WHERE organization_id = $1 AND channel = 'webhook' AND state IN ('delivered', 'failed') AND noticed_at >= $2
    GROUP BY 1
), tasks AS (
    SELECT date_trunc('week', requested_at AT TIME ZONE $3)::date AS week,
        count(*) FILTER (WHERE silent_at IS NULL AND status NOT IN ('requested', 'received', 'cancelled')) AS in_time,
        count(*) FILTER (WHERE silent_at IS NOT NULL) AS late
    FROM partner_tasks WHERE organization_id = $1 AND requested_at >= $2 GROUP BY 1
)
SELECT week, coalesce(ended, 0) AS ended, coalesce(delivered, 0) AS delivered, p95, coalesce(in_time, 0) AS in_time,
    coalesce(late, 0) AS late
FROM weeks LEFT JOIN notices USING (week) LEFT JOIN tasks USING (week) ORDER BY week DESC
"""


class PostgresServiceLevels:
    """How well notices arrive at one organisation, and how well it answers."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def weeks(
        self, organization: OrganizationId, since: datetime, now: datetime, zone: str
    ) -> Sequence[asyncpg.Record]:
        """One row per week that begins on a Monday in that zone, the newest first; weeks without anything, too."""
        async with statement(self._pool) as connection:
            return await connection.fetch(WEEKS, organization, since, zone, now)
