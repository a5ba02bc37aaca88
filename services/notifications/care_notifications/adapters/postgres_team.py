"""The team as its supervisor sees it: how much lies with whom and since when, and what needs somebody to look at it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import asyncpg

from care_notifications.adapters.postgres import adding_up
from care_notifications.adapters.postgres_worklist import ListedAlert, listed
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import PersonId

# By index alone.
LOAD = """
SELECT owner, tier, count(*) AS open, count(*) FILTER (WHERE due_sort < $1) AS overdue, min(opened_at) AS oldest_at
FROM alerts WHERE NOT is_over GROUP BY owner, tier
"""
TAKEN = """
SELECT owner, count(*) FILTER (WHERE acknowledged_at > $1) AS fresh,
    count(*) FILTER (WHERE acknowledged_at <= $1 AND acknowledged_at > $2) AS day,
    count(*) FILTER (WHERE acknowledged_at <= $2 AND acknowledged_at > $3) AS days,
    count(*) FILTER (WHERE acknowledged_at <= $3) AS stale, min(acknowledged_at) AS oldest_at
FROM alerts WHERE NOT is_over AND state IN ('acknowledged', 'in-progress') GROUP BY owner
"""
TEAMS = "SELECT team_id, display_name FROM teams ORDER BY display_name, team_id"
UNASSIGNED = """
SELECT * FROM alerts WHERE NOT is_over AND owner = $1 ORDER BY tier, due_sort, opened_at, gap_id LIMIT $2
"""
UNANSWERED = """
SELECT * FROM alerts WHERE NOT is_over AND chain_ended_at IS NOT NULL AND state = 'open' AND tier <> 'P4'
ORDER BY chain_ended_at, gap_id LIMIT $1
"""
OVERDUE = """
SELECT * FROM alerts WHERE NOT is_over AND tier IN ('P1', 'P2') AND due_sort < $1 AND state IN ('open', 'acknowledged')
ORDER BY due_sort, gap_id LIMIT $2
"""
STALE = """
SELECT * FROM alerts WHERE NOT is_over AND state IN ('acknowledged', 'in-progress') AND acknowledged_at <= $1
ORDER BY acknowledged_at, gap_id LIMIT $2
"""
AGES = (timedelta(hours=4), timedelta(days=1), timedelta(days=3))
SHOWN = 12


class Pile(StrEnum):
    """What a supervisor looks through."""

    UNASSIGNED = "unassigned"
    UNANSWERED = "unanswered"
    OVERDUE = "overdue"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class TeamState:
    """All of it at one instant."""

    load: Sequence[asyncpg.Record]
    taken: Sequence[asyncpg.Record]
    teams: Sequence[asyncpg.Record]
    piles: dict[Pile, tuple[ListedAlert, ...]]


class PostgresTeam:
    """Read access."""

    def __init__(self, pool: asyncpg.Pool, desk: PersonId) -> None:
        """`desk` answers when nobody is named: what lies there lies with nobody in particular."""
        self._pool = pool
        self.desk = desk

    async def state(self, now: datetime) -> TeamState:
        """Load, ages and piles; of each pile the gravest or oldest, one more than is shown."""
        fresh, day, days = (now - age for age in AGES)
        async with adding_up(self._pool) as connection:
            found = {
                Pile.UNASSIGNED: await connection.fetch(UNASSIGNED, self.desk, SHOWN + 1),
                Pile.UNANSWERED: await connection.fetch(UNANSWERED, SHOWN + 1),
                Pile.OVERDUE: await connection.fetch(OVERDUE, now, SHOWN + 1),
                Pile.STALE: await connection.fetch(STALE, days, SHOWN + 1),
            }
            return TeamState(
                load=await connection.fetch(LOAD, now),
                taken=await connection.fetch(TAKEN, fresh, day, days),
                teams=await connection.fetch(TEAMS),
                piles=await _piles(connection, found),
            )


async def _piles(
    connection: Connection, found: Mapping[Pile, Sequence[asyncpg.Record]]
) -> dict[Pile, tuple[ListedAlert, ...]]:
    """What stands around the alerts of all piles is asked once; one alert may lie on several."""
    once = {row["gap_id"]: row for rows in found.values() for row in rows}
    shown = {one.record.gap_id: one for one in await listed(connection, list(once.values()))}
    return {pile: tuple(shown[row["gap_id"]] for row in rows) for pile, rows in found.items()}
