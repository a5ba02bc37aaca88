"""How many alerts each choice of each filter would leave: what a filter says beside its words."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import asyncpg

from care_notifications.adapters.postgres import statement
from care_notifications.adapters.postgres_listing import Filters, conditions, either, numbered

# The alerts are looked at once, in one pass for all filters; their bodies are not. Each group is of one filter, and has
# no value of the others.
LOOKED_AT = "SELECT patient_id, rule_id, tier, state, owner, agency, programmes, due_sort FROM alerts WHERE"
FOUND = f"WITH found AS ({LOOKED_AT}"
OR_FOUND = f"UNION ALL {LOOKED_AT}"
COUNTED = """), told AS (
    SELECT found.*, nullif(facility, '') AS facility,
        CASE WHEN due_sort < ? THEN 1 WHEN due_sort < ? THEN 2 WHEN due_sort < ? THEN 3 WHEN due_sort < ? THEN 4
        END AS span
    FROM found LEFT JOIN (SELECT patient_id, facility FROM known_patients) AS known USING (patient_id)
), counted AS (
    SELECT rule_id, tier, state, owner, agency, programmes, facility, span, count(*) AS found FROM told
    GROUP BY GROUPING SETS ((rule_id), (tier), (state), (owner), (agency), (programmes), (facility), (span))
)
SELECT 'rule' AS facet, rule_id AS code, found FROM counted WHERE rule_id IS NOT NULL
UNION ALL SELECT 'tier', tier, found FROM counted WHERE tier IS NOT NULL
UNION ALL SELECT 'state', state, found FROM counted WHERE state IS NOT NULL
UNION ALL SELECT 'owner', owner, found FROM counted WHERE owner IS NOT NULL
UNION ALL SELECT 'agency', agency, found FROM counted WHERE agency IS NOT NULL
UNION ALL SELECT 'facility', facility, found FROM counted WHERE facility IS NOT NULL
UNION ALL SELECT 'programme', programme, sum(found)::bigint FROM counted, unnest(programmes) AS programme
    GROUP BY programme
UNION ALL SELECT 'due', code, coalesce(sum(found), 0)::bigint
    FROM (VALUES ('overdue', 1), ('4h', 2), ('1d', 3), ('7d', 4)) AS spans (code, until)
    LEFT JOIN counted ON span <= until GROUP BY code
ORDER BY facet, found DESC, code
"""
AGENCIES = "SELECT organization_id, display_name FROM organizations"

DUE = {"overdue": timedelta(0), "4h": timedelta(hours=4), "1d": timedelta(days=1), "7d": timedelta(days=7)}
Facets = Mapping[str, Mapping[str, int]]


class PostgresFacets:
    """Read access for the filters."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def facets(self, filters: Filters, now: datetime) -> Facets:
        """By filter and choice, the most frequent first."""
        told: list[str] = []
        values: list[object] = []
        for one in either(filters):
            parts, more = conditions(one)
            told += [OR_FOUND if told else FOUND, " AND ".join(parts)]
            values += more
        sql = numbered(*told, COUNTED)
        async with statement(self._pool) as connection:
            rows = await connection.fetch(sql, *values, *(now + span for span in DUE.values()))
        found: dict[str, dict[str, int]] = {}
        for row in rows:
            found.setdefault(row["facet"], {})[row["code"]] = row["found"]
        return found

    async def agencies(self) -> Mapping[str, str]:
        """Partner organisations by id."""
        async with statement(self._pool) as connection:
            return {row["organization_id"]: row["display_name"] for row in await connection.fetch(AGENCIES)}


def without(filters: Filters, facet: str) -> Filters:
    """The same question with one filter taken away: what another choice of it would find."""
    match facet:
        case "state":
            return replace(filters, states=())
        case "tier":
            return replace(filters, tiers=())
        case "due":
            return replace(filters, due_before=None)
        case "rule":
            return replace(filters, rule=None)
        case "programme":
            return replace(filters, programme=None)
        case "agency":
            return replace(filters, agency=None)
        case "facility":
            return replace(filters, facility=None)
        case _:
            return replace(filters, owner=None)
