"""How many alerts each choice of each filter would leave: what a filter says beside its words."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import asyncpg

from care_notifications.adapters.postgres import statement
from care_notifications.adapters.postgres_listing import Filters, conditions, either, numbered

# The alerts are looked at once; their bodies are not.
LOOKED_AT = "SELECT patient_id, rule_id, tier, state, owner, agency, programmes, due_sort FROM alerts WHERE"
FOUND = f"WITH found AS MATERIALIZED ({LOOKED_AT}"
OR_FOUND = f"UNION ALL {LOOKED_AT}"
COUNTED = """)
SELECT 'rule' AS facet, rule_id AS code, count(*) AS found FROM found GROUP BY rule_id
UNION ALL SELECT 'tier', tier, count(*) FROM found GROUP BY tier
UNION ALL SELECT 'state', state, count(*) FROM found GROUP BY state
UNION ALL SELECT 'agency', agency, count(*) FROM found WHERE agency IS NOT NULL GROUP BY agency
UNION ALL SELECT 'facility', facility, count(*) FROM found JOIN known_patients USING (patient_id)
    WHERE facility <> '' GROUP BY facility
UNION ALL SELECT 'owner', owner, count(*) FROM found GROUP BY owner
UNION ALL SELECT 'programme', programme, count(*) FROM found, unnest(programmes) AS programme GROUP BY programme
UNION ALL SELECT 'due', 'overdue', count(*) FROM found WHERE due_sort < ?
UNION ALL SELECT 'due', '4h', count(*) FROM found WHERE due_sort < ?
UNION ALL SELECT 'due', '1d', count(*) FROM found WHERE due_sort < ?
UNION ALL SELECT 'due', '7d', count(*) FROM found WHERE due_sort < ?
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
