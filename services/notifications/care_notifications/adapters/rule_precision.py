"""How each rule does with the people it alerts: acknowledged, acted on, overridden, not useful; from stored acts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from care_notifications.adapters.postgres import transaction
from care_notifications.core.acts import Resolution

ACTED_WITHIN = timedelta(days=14)
# One row per time a gap opened. What was done about it counts when it was done after that, and before it opened again.
COUNTS = """
WITH opened AS (
    SELECT gap_id, changed_at AS opened_at, tier,
        lead(changed_at, 1, 'infinity') OVER (PARTITION BY gap_id ORDER BY revision) AS again_at
    FROM alert_changes WHERE change IN ('opened', 'reopened')
), told AS (
    SELECT opened.*, convert_from(body, 'UTF8')::jsonb ->> 'rule_id' AS rule_id
    FROM opened JOIN alerts USING (gap_id) WHERE opened.opened_at >= $1 AND opened.opened_at < $2
), judged AS (
    SELECT rule_id, opened_at,
        bool_or(kind = 'acknowledged') AS acknowledged,
        bool_or(kind = ANY($4::text[]) AND NOT is_override AND done_at <= opened_at + $3::interval) AS acted,
        bool_or(is_override) AS overridden,
        bool_or(kind = 'rated' AND codes ->> 'useful' = 'no') AS not_useful,
        bool_or(kind = 'rated' AND codes ->> 'useful' = 'yes') AS useful
    FROM told LEFT JOIN acts ON acts.gap_id = told.gap_id AND done_at >= opened_at AND done_at < again_at
    CROSS JOIN LATERAL (SELECT coalesce(kind = 'resolved' AND outcome = ANY($5::text[]), false)) AS judged (is_override)
    GROUP BY told.gap_id, opened_at, rule_id
)
SELECT rule_id, count(*) AS told, count(*) FILTER (WHERE acknowledged) AS acknowledged,
    count(*) FILTER (WHERE acted) AS acted, count(*) FILTER (WHERE overridden) AS overridden,
    count(*) FILTER (WHERE useful) AS useful, count(*) FILTER (WHERE not_useful) AS not_useful,
    count(*) FILTER (WHERE NOT coalesce(acted OR overridden, false) AND opened_at + $3::interval > $2)
        AS undecided
FROM judged GROUP BY rule_id ORDER BY rule_id
"""
ACTS_THAT_COUNT = ("contact-logged", "visit-booked", "medicines-reconciled", "step-taken", "resolved")
OVERRIDES = (Resolution.NO_ACTION_NEEDED, Resolution.FALSE_ALERT, Resolution.DUPLICATE)


@dataclass(frozen=True, slots=True)
class RulePrecision:
    """One rule in one period. `undecided`: nobody acted yet, and there is still time."""

    rule_id: str
    told: int
    acknowledged: int
    acted: int
    overridden: int
    useful: int
    not_useful: int
    undecided: int

    @property
    def precision(self) -> float | None:
        """The share acted on within 14 days, of those whose time is over; None while there is none of them."""
        decided = self.told - self.undecided
        return self.acted / decided if decided else None


async def rule_precision(pool: asyncpg.Pool, since: datetime, until: datetime) -> list[RulePrecision]:
    """Every rule that alerted somebody in the period."""
    async with transaction(pool) as connection:
        rows = await connection.fetch(COUNTS, since, until, ACTED_WITHIN, list(ACTS_THAT_COUNT), list(OVERRIDES))
    return [RulePrecision(**dict(row)) for row in rows]
