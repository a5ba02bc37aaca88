"""What people keep of the worklist for themselves and their team: saved views, and whether single keys do something."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from care_notifications.adapters.postgres import statement
from care_shared.errors import NotFoundError
from care_shared.vocabulary import PersonId

VIEWS = """
SELECT view_id, name, query, owner, saved_views.team_id IS NOT NULL AS shared, display_name AS owner_name
FROM saved_views JOIN people ON person_id = owner
WHERE owner = $1 OR saved_views.team_id = (SELECT team_id FROM people WHERE person_id = $1)
ORDER BY owner <> $1, lower(name), view_id
"""
# The same name again replaces what it stood for. Sharing needs a team; without one a view stays one's own.
SAVE = """
INSERT INTO saved_views (view_id, owner, team_id, name, query, changed_at)
VALUES ($1, $2, CASE WHEN $5 THEN (SELECT team_id FROM people WHERE person_id = $2) END, $3, $4, $6)
ON CONFLICT (owner, name) DO UPDATE SET query = excluded.query, team_id = excluded.team_id, changed_at = $6
"""
RENAME = """
UPDATE saved_views SET name = $3, changed_at = $4 WHERE view_id = $1 AND owner = $2
AND NOT EXISTS (SELECT FROM saved_views AS other WHERE other.owner = $2 AND other.name = $3 AND other.view_id <> $1)
RETURNING true
"""
DELETE = "DELETE FROM saved_views WHERE view_id = $1 AND owner = $2 RETURNING true"
KEYS = "SELECT single_keys FROM web_preferences WHERE person_id = $1"
SET_KEYS = """
INSERT INTO web_preferences (person_id, single_keys) VALUES ($1, $2)
ON CONFLICT (person_id) DO UPDATE SET single_keys = excluded.single_keys
"""


@dataclass(frozen=True, slots=True)
class SavedView:
    """A way of looking at the worklist, and whose it is."""

    view_id: str
    name: str
    query: str
    owner: PersonId
    owner_name: str
    shared: bool


class PostgresViews:
    """One's own views, and those that the team shares."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def of(self, person: PersonId) -> Sequence[SavedView]:
        """Their own first, then the team's, each by name."""
        async with statement(self._pool) as connection:
            rows = await connection.fetch(VIEWS, person)
        return [
            SavedView(
                row["view_id"], row["name"], row["query"], PersonId(row["owner"]), row["owner_name"], row["shared"]
            )
            for row in rows
        ]

    async def save(self, view: SavedView, now: datetime) -> None:
        """Keep it under its name."""
        async with statement(self._pool) as connection:
            await connection.execute(SAVE, view.view_id, view.owner, view.name, view.query, view.shared, now)

    async def rename(self, view_id: str, person: PersonId, name: str, now: datetime) -> bool:
        """False when this person has no such view, or another one of that name."""
        async with statement(self._pool) as connection:
            return bool(await connection.fetchval(RENAME, view_id, person, name, now))

    async def delete(self, view_id: str, person: PersonId) -> None:
        """Only whoever made it may. Raises NotFoundError."""
        async with statement(self._pool) as connection:
            if not await connection.fetchval(DELETE, view_id, person):
                raise NotFoundError("no such view of this person")

    async def single_keys(self, person: PersonId) -> bool:
        """Whether single keys do something for this person: until they say no."""
        async with statement(self._pool) as connection:
            return await connection.fetchval(KEYS, person) is not False

    async def set_single_keys(self, person: PersonId, wanted: bool) -> None:
        """Switch them on or off (WCAG 2.1.4)."""
        async with statement(self._pool) as connection:
            await connection.execute(SET_KEYS, person, wanted)
