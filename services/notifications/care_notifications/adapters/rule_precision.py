"""How each rule does with the people it alerts: acknowledged, acted on, overridden, not useful; from stored acts."""

from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta

import asyncpg

from care_notifications.adapters.postgres import adding_up
from care_notifications.core.acts import Resolution

ACTED_WITHIN = timedelta(days=14)
# One row per time a gap opened. What was done about it counts when it was done after that, and before it opened again.
JUDGED = """
WITH opened AS (
    SELECT gap_id, rule_id, rule_version, alert_changes.changed_at AS opened_at,
        lead(alert_changes.changed_at, 1, 'infinity')
            OVER (PARTITION BY gap_id ORDER BY alert_changes.revision) AS again_at
    FROM alert_changes JOIN alerts USING (gap_id)
    WHERE alert_changes.change IN ('opened', 'reopened') AND alert_changes.changed_at >= $1
        AND ($6 = '' OR rule_id = $6)
), told AS (
    SELECT *, date_trunc('week', opened_at AT TIME ZONE 'UTC')::date AS week FROM opened WHERE opened_at < $2
), judged AS (
    SELECT rule_id, rule_version, week, opened_at,
        bool_or(kind = 'acknowledged') AS acknowledged,
        bool_or(kind = ANY($4::text[]) AND NOT is_override AND done_at <= opened_at + $3::interval) AS acted,
        bool_or(is_override) AS overridden,
        bool_or(kind = 'rated' AND codes ->> 'useful' = 'no') AS not_useful,
        bool_or(kind = 'rated' AND codes ->> 'useful' = 'yes') AS useful
    FROM told LEFT JOIN acts ON acts.gap_id = told.gap_id AND done_at >= opened_at AND done_at < again_at
    CROSS JOIN LATERAL (SELECT coalesce(kind = 'resolved' AND outcome = ANY($5::text[]), false)) AS judged (is_override)
    GROUP BY told.gap_id, opened_at, rule_id, rule_version, week
)
"""
COUNTED = """
    count(*) AS told, count(*) FILTER (WHERE acknowledged) AS acknowledged,
    count(*) FILTER (WHERE acted) AS acted, count(*) FILTER (WHERE overridden) AS overridden,
    count(*) FILTER (WHERE useful) AS useful, count(*) FILTER (WHERE not_useful) AS not_useful,
    count(*) FILTER (WHERE NOT coalesce(acted OR overridden, false) AND opened_at + $3::interval > $2)
        AS undecided
FROM judged
"""
BY_RULE = JUDGED + "SELECT rule_id," + COUNTED + "GROUP BY rule_id ORDER BY rule_id"
# Twice added up, once judged: rows of versions have no week, rows of weeks no version.
BY_VERSION_AND_WEEK = (
    JUDGED
    + "SELECT rule_id, rule_version, week,"
    + COUNTED
    + "GROUP BY GROUPING SETS ((rule_id, rule_version), (rule_id, week)) ORDER BY rule_version, week"
)
# The newest word of a person counts, as it does for scoring.
RATINGS = """
SELECT codes ->> 'useful' AS useful, coalesce(codes ->> 'reason', '') AS reason, count(*) AS count
FROM (SELECT DISTINCT ON (gap_id, done_by) codes FROM acts JOIN alerts USING (gap_id)
    WHERE kind = 'rated' AND rule_id = $3 AND done_at >= $1 AND done_at < $2
    ORDER BY gap_id, done_by, done_at DESC) AS newest
GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
"""
PERSON_DAYS = """
SELECT coalesce(sum(least(coalesce(ends_on + 1, $2), $2) - greatest(starts_on, $1)), 0) FROM measure_spans
WHERE starts_on < $2 AND (ends_on IS NULL OR ends_on >= $1)
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


@dataclass(frozen=True, slots=True)
class RuleStory:
    """One rule: by the version its alerts rest on, by week, and how people rated it."""

    versions: tuple[tuple[int, RulePrecision], ...]
    weeks: tuple[tuple[date, RulePrecision], ...]
    ratings: tuple[tuple[bool, str, int], ...]  # useful, why not, how often


async def rule_precision(pool: asyncpg.Pool, since: datetime, until: datetime) -> list[RulePrecision]:
    """Every rule that alerted somebody in the period."""
    async with adding_up(pool) as connection:
        rows = await connection.fetch(BY_RULE, *_asked(since, until, ""))
    return [RulePrecision(**dict(row)) for row in rows]


async def rule_story(pool: asyncpg.Pool, rule_id: str, since: datetime, until: datetime) -> RuleStory:
    """One rule in the period; without rows when it told nobody."""
    asked = _asked(since, until, rule_id)
    async with adding_up(pool) as connection:
        rows = await connection.fetch(BY_VERSION_AND_WEEK, *asked)
        ratings = await connection.fetch(RATINGS, since, until, rule_id)
    return RuleStory(
        tuple((row["rule_version"], _precision(row)) for row in rows if row["week"] is None),
        tuple((row["week"], _precision(row)) for row in rows if row["week"] is not None),
        tuple((row["useful"] == "yes", row["reason"], row["count"]) for row in ratings),
    )


async def person_days(pool: asyncpg.Pool, since: date, until: date) -> int:
    """On how many days patients were aligned, added up over all of them: whom alerts are counted per."""
    async with adding_up(pool) as connection:
        found: int = await connection.fetchval(PERSON_DAYS, since, until)
    return found


def _asked(since: datetime, until: datetime, rule_id: str) -> tuple[object, ...]:
    return since, until, ACTED_WITHIN, list(ACTS_THAT_COUNT), list(OVERRIDES), rule_id


def _precision(row: asyncpg.Record) -> RulePrecision:
    return RulePrecision(**{one.name: row[one.name] for one in fields(RulePrecision)})
