"""The patients of a care manager, those with the highest outreach priority first; or one found by its id."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from care_notifications.adapters.patient_records import roots
from care_notifications.adapters.postgres import transaction
from care_shared.errors import NotFoundError
from care_shared.vocabulary import PatientId, PersonId

# A panel is some hundred people: found by the lead or by open work, sorted in memory. Open work is what the worklist
# calls Mine: what lies with the default owner, too, where it waits for this person (`postgres_listing.WHERE`).
MINE = """
WITH mine AS (
    SELECT patient_id FROM known_patients WHERE lead = $1 OR backup = $1
    UNION SELECT patient_id FROM alerts WHERE owner = $1 AND NOT is_over
    UNION SELECT patient_id FROM alerts WHERE owner = $5 AND NOT is_over
        AND (backup = $1 OR patient_id = ANY(ARRAY(SELECT patient_id FROM lead_history WHERE person_id = $1)))
)
SELECT mine.patient_id, coalesce(value, -1) AS priority FROM mine
LEFT JOIN scores ON scores.patient_id = mine.patient_id AND score = 'outreach-priority' AND NOT labelled
WHERE (coalesce(value, -1), mine.patient_id) < ($2, $3)
ORDER BY 2 DESC, 1 DESC LIMIT $4
"""
# All of a large house: walked along the index of priorities; who has none is found by the id.
ALL = """
SELECT patient_id, value AS priority FROM scores
WHERE score = 'outreach-priority' AND value IS NOT NULL AND NOT labelled AND (value, patient_id) < ($2, $3) AND $1 <> ''
ORDER BY value DESC, patient_id DESC LIMIT $4
"""
AROUND = """
SELECT wanted.patient_id, known.display_name, birth_date, home_zone, lead, programmes,
    coalesce(deceased, false) AS deceased, coalesce(people.display_name, lead) AS lead_name,
    open.alerts, open.worst, open.due_at, newest.body
FROM unnest($1::text[]) AS wanted (patient_id)
LEFT JOIN known_patients AS known USING (patient_id)
LEFT JOIN people ON person_id = lead
LEFT JOIN LATERAL (SELECT count(*) AS alerts, min(tier) AS worst, min(due_sort) AS due_at FROM alerts
    WHERE alerts.patient_id = wanted.patient_id AND NOT is_over) AS open ON true
LEFT JOIN LATERAL (SELECT body FROM alerts WHERE alerts.patient_id = wanted.patient_id
    ORDER BY changed_at DESC, gap_id LIMIT 1) AS newest ON known.display_name IS NULL OR known.display_name = ''
"""
PLACE = """
SELECT coalesce((SELECT value FROM scores WHERE patient_id = $1 AND score = 'outreach-priority' AND NOT labelled), -1)
"""
FIND = """
SELECT patient_id FROM known_patients WHERE patient_id = $1
UNION SELECT patient_id FROM alerts WHERE patient_id = $1 LIMIT 1
"""
HIGHEST = (2**31 - 1, "\U0010ffff")


@dataclass(frozen=True, slots=True)
class PatientLines:
    """Some patients in order, and after whom the next page begins."""

    rows: Sequence[asyncpg.Record]
    priorities: dict[str, int]
    next_after: str | None


class PatientList:
    """Read access for the list."""

    def __init__(self, pool: asyncpg.Pool, nobody: PersonId) -> None:
        """`nobody`: with whom alerts lie that are nobody's yet."""
        self._pool = pool
        self._nobody = nobody

    async def page(self, person: PersonId, *, everybody: bool, after: str | None, size: int) -> PatientLines:
        """The panel of this person, or everybody who has a priority. Raises NotFoundError."""
        async with transaction(self._pool) as connection:
            start: tuple[int, str] = HIGHEST
            if after is not None:
                start = (await connection.fetchval(PLACE, after), after)
            asked = (person, *start, size + 1)
            found = (
                await connection.fetch(ALL, *asked) if everybody else await connection.fetch(MINE, *asked, self._nobody)
            )
            shown = [row["patient_id"] for row in found[:size]]
            around = {row["patient_id"]: row for row in await connection.fetch(AROUND, shown)}
        priorities = {row["patient_id"]: row["priority"] for row in found}
        return PatientLines([around[one] for one in shown], priorities, shown[-1] if len(found) > size else None)

    async def find(self, patient_id: str) -> PatientId:
        """The person behind this id. Raises NotFoundError."""
        async with transaction(self._pool) as connection:
            head = (await roots(connection, [patient_id]))[patient_id]
            if await connection.fetchval(FIND, head) is None:
                raise NotFoundError("no such patient")
        return PatientId(head)
