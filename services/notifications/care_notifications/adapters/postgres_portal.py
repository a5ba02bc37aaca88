"""What a partner's portal lists: its open tasks by when an answer is due, those that are over by when they ended."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import asyncpg

from care_notifications.adapters.postgres import statement
from care_notifications.adapters.postgres_partner_tasks import Shown, shown_of
from care_notifications.adapters.postgres_task_book import task_of
from care_notifications.core.fhir.caller import Caller
from care_notifications.core.partner_tasks import OVER, UNANSWERED, TaskStatus

# $1 is the organisation, $2 the door. What an index can find stands before `may_see`, which is asked row by row.
OPEN = """
SELECT partner_tasks.*, body, owner, display_name, phone
FROM partner_tasks JOIN issues USING (gap_id) JOIN alerts USING (gap_id) JOIN people ON person_id = owner
WHERE organization_id = $1 AND status = ANY($3::text[]) AND (answer_by, task_id) > ($4, $5)
    AND may_see($1, false, issues, $2)
ORDER BY answer_by, task_id LIMIT $6
"""
ENDED = """
SELECT partner_tasks.*, body, owner, display_name, phone
FROM partner_tasks JOIN issues USING (gap_id) JOIN alerts USING (gap_id) JOIN people ON person_id = owner
WHERE organization_id = $1 AND status = ANY($3::text[]) AND (partner_tasks.updated_at, task_id) < ($4, $5)
    AND may_see($1, false, issues, $2)
ORDER BY partner_tasks.updated_at DESC, task_id DESC LIMIT $6
"""
COUNTS = """
SELECT status, count(*) AS count FROM partner_tasks JOIN issues USING (gap_id)
WHERE organization_id = $1 AND status = ANY($3::text[]) AND may_see($1, false, issues, $2) GROUP BY status
"""
OF_GAP = """
SELECT task_id FROM partner_tasks JOIN issues USING (gap_id)
WHERE gap_id = $3 AND organization_id = $1 AND may_see($1, false, issues, $2) ORDER BY round DESC LIMIT 1
"""


class Pile(StrEnum):
    """Where a task lies, as the partner works."""

    TO_ANSWER = "to-answer"
    IN_HAND = "in-hand"
    OVER = "over"


PILES = {
    Pile.TO_ANSWER: UNANSWERED,
    Pile.IN_HAND: frozenset({TaskStatus.ACCEPTED, TaskStatus.IN_PROGRESS}),
    Pile.OVER: OVER,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: behind this one."""

    at: datetime
    task_id: str


class PostgresPortal:
    """Read access for the people of partners; each row as far as they may see it."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def pile(self, caller: Caller, pile: Pile, after: Place, size: int) -> list[Shown]:
        """A page of one pile; one more than asked for when there is a next page."""
        sql = ENDED if pile is Pile.OVER else OPEN
        async with statement(self._pool) as connection:
            rows = await connection.fetch(
                sql, caller.organization, caller.minimum.door, sorted(PILES[pile]), after.at, after.task_id, size + 1
            )
        return [shown_of(row, task_of(row)).seen_by(caller) for row in rows]

    async def counts(self, caller: Caller) -> dict[Pile, int]:
        """How many wait for an answer, and how many are in hand."""
        piles = (Pile.TO_ANSWER, Pile.IN_HAND)
        wanted = sorted(status for pile in piles for status in PILES[pile])
        async with statement(self._pool) as connection:
            rows = await connection.fetch(COUNTS, caller.organization, caller.minimum.door, wanted)
        found = {TaskStatus(row["status"]): row["count"] for row in rows}
        return {pile: sum(found.get(status, 0) for status in PILES[pile]) for pile in piles}

    async def task_of_gap(self, caller: Caller, gap_id: str) -> str | None:
        """The newest task about an alert, as a webhook's link names it."""
        async with statement(self._pool) as connection:
            found: str | None = await connection.fetchval(OF_GAP, caller.organization, caller.minimum.door, gap_id)
            return found
