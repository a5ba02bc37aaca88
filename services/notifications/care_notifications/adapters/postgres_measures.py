"""The measures added up: in all, by week or month, by organisation, and by groups of patients."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import asyncpg

from care_notifications.adapters.postgres import adding_up
from care_notifications.core.measures.definitions import BY_MONTH, Measure
from care_notifications.core.measures.rates import Group, Rate

# GROUPING is 0 where a column is one of those by which this row was added up.
SUMS = """
SELECT measure, turn, name AS organization, GROUPING(turn) = 0 AS by_turn, GROUPING(name) = 0 AS by_organization,
    coalesce(sum(part) FILTER (WHERE NOT is_open), 0) AS part,
    coalesce(sum(whole) FILTER (WHERE NOT is_open), 0) AS whole,
    count(*) FILTER (WHERE is_late) AS late, count(*) FILTER (WHERE is_open) AS open
FROM measure_cases LEFT JOIN organizations ON organization_id = organization
CROSS JOIN LATERAL (SELECT coalesce(display_name, organization) AS name,
    date_trunc(CASE WHEN measure = ANY($3) THEN 'month' ELSE 'week' END, index_on)::date AS turn) AS keys
WHERE index_on >= $1 AND index_on < $2
GROUP BY GROUPING SETS ((measure), (measure, turn), (measure, name)) ORDER BY measure, turn, name
"""
GROUPS = """
SELECT CASE $4 WHEN 'language' THEN language ELSE coalesce(is_dual::text, '') END AS name,
    coalesce(sum(part), 0) AS part, coalesce(sum(whole), 0) AS whole
FROM measure_cases WHERE index_on >= $1 AND index_on < $2 AND measure = $3 AND NOT is_open GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Sum:
    """Cases added up. `key`: the week, month or organisation; None in all. Late and open ones are told beside."""

    measure: Measure
    key: date | str | None
    rate: Rate
    late: int
    open: int


@dataclass(frozen=True, slots=True)
class Sums:
    """Every measure in a period."""

    totals: tuple[Sum, ...]
    turns: tuple[Sum, ...]
    organizations: tuple[Sum, ...]


class PostgresMeasures:
    """Read access."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def sums(self, since: date, until: date) -> Sums:
        """All measures of cases that began in the period."""
        async with adding_up(self._pool) as connection:
            rows = await connection.fetch(SUMS, since, until, list(BY_MONTH))
        return Sums(
            totals=_sums([row for row in rows if not (row["by_turn"] or row["by_organization"])], None),
            turns=_sums([row for row in rows if row["by_turn"]], "turn"),
            organizations=_sums([row for row in rows if row["by_organization"]], "organization"),
        )

    async def groups(self, measure: Measure, by: str, since: date, until: date) -> list[Group]:
        """One measure by language, or by who pays; nothing is hidden yet."""
        async with adding_up(self._pool) as connection:
            rows = await connection.fetch(GROUPS, since, until, measure, by)
        return [Group(row["name"], Rate(row["part"], row["whole"])) for row in rows]


def _sums(rows: Sequence[asyncpg.Record], key: str | None) -> tuple[Sum, ...]:
    return tuple(_sum(row, row[key] if key else None) for row in rows)


def _sum(row: asyncpg.Record, key: date | str | None) -> Sum:
    return Sum(Measure(row["measure"]), key, Rate(row["part"], row["whole"]), row["late"], row["open"])
