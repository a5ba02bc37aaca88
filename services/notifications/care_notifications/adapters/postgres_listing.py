"""Alerts by any of the filters, page by page, and counted up to a bound; each way of asking has its index."""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import asyncpg

from care_notifications.adapters.postgres import transaction
from care_notifications.adapters.postgres_worklist import ONE, ListedAlert, page_of
from care_notifications.core.state import AlertState, is_over
from care_shared.errors import NotFoundError
from care_shared.vocabulary import GapId, PatientId, PersonId, Tier

# Statements are put together from these parts; a `?` is the next parameter. Nothing from outside becomes SQL.
ALERTS = "SELECT * FROM alerts WHERE"
COUNTED = "SELECT count(*) FROM (SELECT FROM alerts WHERE"
LIMITED = "LIMIT ?"
COUNTED_END = "LIMIT ?) AS found"
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
}

LIVE_STATES = tuple(state for state in AlertState if not is_over(state))
COUNT_LIMIT = 1000


class Sort(StrEnum):
    """The order of a list. Only `id` never changes for an alert: read by it to see every alert once, come what may."""

    URGENCY = "urgency"
    DEADLINE = "deadline"
    NEWEST = "newest"
    CHANGED = "changed"
    ID = "id"


# The past has two orders: urgency and deadlines mean something as long as there is something to do.
SORTS_OF_THE_PAST = frozenset({Sort.CHANGED, Sort.ID})


@dataclass(frozen=True, slots=True)
class Order:
    """How a sort is said in SQL: the columns of a place in it, what comes after such a place, and the order itself."""

    columns: tuple[str, ...]
    kinds: tuple[type[str] | type[datetime], ...]
    after: str
    by: str


ORDERS: Mapping[Sort, Order] = {
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
    sensitive: bool = True


@dataclass(frozen=True, slots=True)
class Listing:
    """One page: the alerts, and the place of the last of them when more may follow."""

    alerts: tuple[ListedAlert, ...]
    next_place: tuple[str | datetime, ...] | None


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

    async def page(self, filters: Filters, sort: Sort, after: Sequence[str | datetime] | None, size: int) -> Listing:
        """The alerts after this place. What is inserted or moves meanwhile shifts nobody else."""
        sql, values = page_statement(filters, sort, after)
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(sql, *values, size + 1)
            alerts = (await page_of(connection, rows, size)).alerts
        place = tuple(rows[size - 1][name] for name in ORDERS[sort].columns) if len(rows) > size else None
        return Listing(alerts, place)

    async def one(self, gap_id: GapId) -> ListedAlert:
        """One alert as a list shows it. Raises NotFoundError."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(ONE, gap_id)
            if not rows:
                raise NotFoundError("no such alert")
            return (await page_of(connection, rows, 1)).alerts[0]

    async def count(self, filters: Filters) -> Tally:
        """How many fit: in all, and by state and tier among these."""
        states = filters.states or LIVE_STATES
        tiers = filters.tiers or tuple(Tier)
        async with transaction(self._pool) as connection:

            async def fit(narrower: Filters) -> int:
                parts, values = _conditions(narrower)
                sql = numbered(COUNTED, " AND ".join(parts), COUNTED_END)
                found: int = await connection.fetchval(sql, *values, COUNT_LIMIT + 1)
                return found

            return Tally(
                await fit(filters),
                {state: await fit(_narrowed(filters, states=(state,))) for state in states},
                {tier: await fit(_narrowed(filters, tiers=(tier,))) for tier in tiers},
            )


def sorts_for(states: Sequence[AlertState]) -> frozenset[Sort]:
    """The orders in which alerts of these states can be read; none: those that are not over."""
    return SORTS_OF_THE_PAST if any(is_over(state) for state in states) else frozenset(Sort)


def page_statement(filters: Filters, sort: Sort, after: Sequence[str | datetime] | None) -> tuple[str, list[object]]:
    """The SQL of one page and its parameters; the last parameter, the number of rows, is left to the caller."""
    order = ORDERS[sort]
    parts, values = _conditions(filters)
    if after is not None:
        parts, values = [*parts, order.after], [*values, *after]
    return numbered(ALERTS, " AND ".join(parts), order.by, LIMITED), values


def numbered(*parts: str) -> str:
    """One statement; each `?` becomes the next of $1, $2, …."""
    numbers = itertools.count(1)
    return re.sub(r"\?", lambda _: f"${next(numbers)}", " ".join(parts))


def _narrowed(
    filters: Filters, states: tuple[AlertState, ...] | None = None, tiers: tuple[Tier, ...] | None = None
) -> Filters:
    return replace(filters, states=states or filters.states, tiers=tiers or filters.tiers)


def _conditions(filters: Filters) -> tuple[list[str], list[object]]:
    pairs = list(_pairs(filters))
    return [part for part, _ in pairs], [value for part, value in pairs if "?" in part]


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
