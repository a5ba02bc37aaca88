"""Alerts by any of the filters, page by page, and counted up to a bound; each way of asking has its index."""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import asyncpg

from care_notifications.adapters.postgres import transaction
from care_notifications.adapters.postgres_worklist import ONE, ListedAlert, listed
from care_notifications.core.state import AlertState, is_over
from care_shared.errors import NotFoundError
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import GapId, PatientId, PersonId, Tier

# Statements are put together from these parts; a `?` is the next parameter, a `!` the last. Nothing from outside
# becomes SQL.
ALERTS = "SELECT * FROM alerts WHERE"
COUNTED = "SELECT count(*) FROM (SELECT FROM alerts WHERE"
LIMITED = "LIMIT !"
COUNTED_END = "LIMIT !) AS found"
TO_DO, OVER, ALL = "NOT is_over", "is_over", "true"
PUBLIC = "NOT labelled"
ONE_STATE, SOME_STATES = "state = ?", "state = ANY(?::text[])"
ONE_TIER, SOME_TIERS = "tier = ?", "tier = ANY(?::text[])"
WHERE = {
    "owner": "owner = ?",
    "team": "owner = ANY(ARRAY(SELECT person_id FROM people WHERE team_id = ?))",
    "rule": "rule_id = ?",
    "patient": "patient_id = ?",
    "programme": "programmes @> ARRAY[?::text]",
    "due_before": "due_sort < ?",
    "opened_since": "opened_at >= ?",
    "agency": "agency = ?",
    "facility": "EXISTS (SELECT FROM known_patients AS known WHERE known.patient_id = alerts.patient_id"
    " AND known.facility = ?)",
    "mates_of": "owner = ANY(ARRAY(SELECT mate.person_id FROM people AS me, people AS mate WHERE me.person_id = ?"
    " AND (mate.team_id = me.team_id OR mate.supervisor = me.person_id OR mate.person_id = me.person_id)))",
    # Nobody's yet: it lies with the default owner, about somebody whom this person led before or stands in for.
    "waits_for": "(backup = ? OR patient_id = ANY(ARRAY(SELECT patient_id FROM lead_history WHERE person_id = ?)))",
}
EITHER_FIRST, EITHER_NEXT, EITHER_END = "SELECT * FROM ((", ") UNION ALL (", ")) AS either"

LIVE_STATES = tuple(state for state in AlertState if not is_over(state))
COUNT_LIMIT = 1000


class Sort(StrEnum):
    """The order of a list. Only `id` never changes for an alert: read by it to see every alert once, come what may."""

    WORK = "work"
    URGENCY = "urgency"
    DEADLINE = "deadline"
    NEWEST = "newest"
    CHANGED = "changed"
    ID = "id"


# The past has two orders: urgency and deadlines mean something as long as there is something to do.
SORTS_OF_THE_PAST = frozenset({Sort.CHANGED, Sort.ID})


Place = str | datetime | int


@dataclass(frozen=True, slots=True)
class Order:
    """How a sort is said in SQL: the columns of a place in it, what comes after such a place, and the order itself."""

    columns: tuple[str, ...]
    kinds: tuple[type[Place], ...]
    after: str
    by: str


ORDERS: Mapping[Sort, Order] = {
    Sort.WORK: Order(
        ("rank", "due_sort", "outreach_sort", "opened_at", "gap_id"),
        (int, datetime, int, datetime, str),
        "(rank, due_sort, outreach_sort, opened_at, gap_id) > (?, ?, ?, ?, ?)",
        "ORDER BY rank, due_sort, outreach_sort, opened_at, gap_id",
    ),
    Sort.URGENCY: Order(
        ("tier", "due_sort", "opened_at", "gap_id"),
        (str, datetime, datetime, str),
        "(tier, due_sort, opened_at, gap_id) > (?, ?, ?, ?)",
        "ORDER BY tier, due_sort, opened_at, gap_id",
    ),
    Sort.DEADLINE: Order(
        ("due_sort", "gap_id"), (datetime, str), "(due_sort, gap_id) > (?, ?)", "ORDER BY due_sort, gap_id"
    ),
    Sort.NEWEST: Order(
        ("opened_at", "gap_id"), (datetime, str), "(opened_at, gap_id) < (?, ?)", "ORDER BY opened_at DESC, gap_id DESC"
    ),
    Sort.CHANGED: Order(
        ("changed_at", "gap_id"),
        (datetime, str),
        "(changed_at, gap_id) < (?, ?)",
        "ORDER BY changed_at DESC, gap_id DESC",
    ),
    Sort.ID: Order(("gap_id",), (str,), "gap_id > ?", "ORDER BY gap_id"),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What to show; None and empty do not filter. No states: all that are not over."""

    states: tuple[AlertState, ...] = ()
    tiers: tuple[Tier, ...] = ()
    owner: PersonId | None = None
    team: str | None = None
    rule: str | None = None
    patient: PatientId | None = None
    programme: str | None = None
    due_before: datetime | None = None
    opened_since: datetime | None = None
    agency: str | None = None
    facility: str | None = None
    mates_of: PersonId | None = None  # alerts of this person's team, of those they supervise, and their own
    work_of: PersonId | None = None  # their own alerts, and those of `nobody` that wait for them
    nobody: PersonId | None = None
    waits_for: PersonId | None = None
    sensitive: bool = True


@dataclass(frozen=True, slots=True)
class Listing:
    """One page: the alerts, and the place of the last of them when more may follow."""

    alerts: tuple[ListedAlert, ...]
    next_place: tuple[Place, ...] | None


@dataclass(frozen=True, slots=True)
class Tally:
    """Alerts that fit, up to `COUNT_LIMIT` each."""

    all: int
    by_state: Mapping[AlertState, int]
    by_tier: Mapping[Tier, int]


class PostgresListing:
    """Read access by filters."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def page(self, filters: Filters, sort: Sort, after: Sequence[Place] | None, size: int) -> Listing:
        """The alerts after this place. What is inserted or moves meanwhile shifts nobody else."""
        sql, values = page_statement(filters, sort, after)
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(sql, *values, size + 1)
            alerts = await listed(connection, rows[:size])
        place = tuple(rows[size - 1][name] for name in ORDERS[sort].columns) if len(rows) > size else None
        return Listing(alerts, place)

    async def one(self, gap_id: GapId) -> ListedAlert:
        """One alert as a list shows it. Raises NotFoundError."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(ONE, gap_id)
            if not rows:
                raise NotFoundError("no such alert")
            return (await listed(connection, rows))[0]

    async def count(self, filters: Filters) -> Tally:
        """How many fit: in all, and by state and tier among these."""
        states = filters.states or LIVE_STATES
        tiers = filters.tiers or tuple(Tier)
        async with transaction(self._pool) as connection:
            return Tally(
                await fitting(connection, filters),
                {state: await fitting(connection, _narrowed(filters, states=(state,))) for state in states},
                {tier: await fitting(connection, _narrowed(filters, tiers=(tier,))) for tier in tiers},
            )

    async def count_each(self, several: Sequence[Filters]) -> tuple[int, ...]:
        """How many fit each of these, up to one more than `COUNT_LIMIT`."""
        async with transaction(self._pool) as connection:
            return tuple([min(await fitting(connection, one), COUNT_LIMIT + 1) for one in several])


def sorts_for(states: Sequence[AlertState]) -> frozenset[Sort]:
    """The orders in which alerts of these states can be read; none: those that are not over."""
    return SORTS_OF_THE_PAST if any(is_over(state) for state in states) else frozenset(Sort)


async def fitting(connection: Connection, filters: Filters) -> int:
    """How many alerts fit; counting stops one above `COUNT_LIMIT` for each way to fit."""
    found = 0
    for one in either(filters):
        parts, values = conditions(one)
        sql = numbered(COUNTED, " AND ".join(parts), COUNTED_END)
        found += await connection.fetchval(sql, *values, COUNT_LIMIT + 1)
    return found


def page_statement(filters: Filters, sort: Sort, after: Sequence[Place] | None) -> tuple[str, list[object]]:
    """The SQL of one page and its parameters; the last parameter, the number of rows, is left to the caller."""
    order = ORDERS[sort]
    selects: list[str] = []
    values: list[object] = []
    for one in either(filters):
        parts, more = conditions(one)
        if after is not None:
            parts, more = [*parts, order.after], [*more, *after]
        selects.append(" ".join((ALERTS, " AND ".join(parts), order.by, LIMITED)))
        values += more
    if len(selects) == 1:
        return numbered(selects[0]), values
    return numbered(EITHER_FIRST, EITHER_NEXT.join(selects), EITHER_END, order.by, LIMITED), values


def either(filters: Filters) -> tuple[Filters, ...]:
    """Each of these is read in the order of its own index, so that a page needs no more rows than it shows."""
    if filters.work_of is None:
        return (filters,)
    own = replace(filters, owner=filters.work_of, work_of=None, nobody=None)
    if filters.nobody is None or filters.nobody == filters.work_of or filters.owner is not None:
        return (own,)
    return own, replace(own, owner=filters.nobody, waits_for=filters.work_of)


def numbered(*parts: str) -> str:
    """One statement; each `?` becomes the next of $1, $2, …, and every `!` the one after all of them."""
    numbers = itertools.count(1)
    sql = re.sub(r"\?", lambda _: f"${next(numbers)}", " ".join(parts))
    return sql.replace("!", f"${next(numbers)}")


def _narrowed(
    filters: Filters, states: tuple[AlertState, ...] | None = None, tiers: tuple[Tier, ...] | None = None
) -> Filters:
    return replace(filters, states=states or filters.states, tiers=tiers or filters.tiers)


def conditions(filters: Filters) -> tuple[list[str], list[object]]:
    """The parts of a WHERE, and their parameters."""
    pairs = list(_pairs(filters))
    return [part for part, _ in pairs], [value for part, value in pairs for _ in range(part.count("?"))]


def _pairs(filters: Filters) -> Iterator[tuple[str, object]]:
    yield _lives(filters.states), None
    if not filters.sensitive:
        yield PUBLIC, None
    if filters.states and set(filters.states) != set(LIVE_STATES):
        one = len(filters.states) == 1
        yield (ONE_STATE, filters.states[0]) if one else (SOME_STATES, list(filters.states))
    if filters.tiers:
        one = len(filters.tiers) == 1
        yield (ONE_TIER, filters.tiers[0]) if one else (SOME_TIERS, list(filters.tiers))
    for name, part in WHERE.items():
        value = getattr(filters, name)
        if value is not None:
            yield part, value


def _lives(states: Sequence[AlertState]) -> str:
    """Said in the words of the partial indices, so that one of them can be used."""
    kinds = {is_over(state) for state in states}
    if kinds == {True, False}:
        return ALL
    return OVER if kinds == {True} else TO_DO
