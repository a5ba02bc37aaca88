"""Every filter and every sort has an index: no question reads the whole table of alerts."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from care_notifications.adapters.postgres_listing import ORDERS, Filters, Sort, page_statement, sorts_for
from care_notifications.core.state import AlertState
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import PatientId, Tier
from tests.care_alerts import ANNA, BEN, NOW, care_alert
from tests.conftest import fresh_database
from tests.notifications_world import world

pytestmark = pytest.mark.stack
MANY = 20_000
COLUMNS = ("gap_id", "patient_id", "revision", "state", "round", "tier", "owner", "due_sort", "opened_at", "changed_at")
TIERS = tuple(Tier)
FILTERS = {
    "nothing": Filters(),
    "a tier": Filters(tiers=(Tier.P3,)),
    "two tiers": Filters(tiers=(Tier.P1, Tier.P4)),
    "open": Filters(states=(AlertState.OPEN,)),
    "a rare state": Filters(states=(AlertState.IN_PROGRESS,)),
    "a rare owner": Filters(owner=ANNA),
    "a team": Filters(team="north"),
    "a rare rule": Filters(rule="rare-rule"),
    "a rare programme": Filters(programme="rare"),
    "a common programme": Filters(programme="lead"),
    "closed of a rare programme": Filters(states=(AlertState.RESOLVED,), programme="rare"),
    "a patient": Filters(patient=PatientId("patient-7")),
    "due": Filters(due_before=NOW + timedelta(minutes=2)),
    "new": Filters(opened_since=NOW - timedelta(minutes=2)),
    "owner, rule and tier": Filters(owner=ANNA, rule="rare-rule", tiers=(Tier.P1,)),
    "closed": Filters(states=(AlertState.RESOLVED,)),
    "closed of an owner": Filters(states=(AlertState.RESOLVED, AlertState.EXPIRED), owner=ANNA),
    "closed of a rule": Filters(states=(AlertState.RESOLVED,), rule="rare-rule"),
    "everything": Filters(states=tuple(AlertState)),
    "all of a patient": Filters(states=tuple(AlertState), patient=PatientId("patient-7")),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def full(stack):
    """Open alerts of many patients, with some that are rare in each way, among as many that are over."""

    async with fresh_database(stack.postgres_dsn) as dsn, world(dsn) as there:
        await there.pool.execute("INSERT INTO teams (team_id, display_name) VALUES ('north', 'North')")
        await there.pool.execute("UPDATE people SET team_id = 'north' WHERE person_id = $1", ANNA)
        async with there.pool.acquire() as connection:
            await connection.copy_records_to_table("alerts", records=rows(), columns=[*COLUMNS, "body"])
            await connection.execute("ANALYZE alerts")
        yield there


def rows() -> Iterator[tuple[Any, ...]]:
    for number in range(MANY):
        tier, due = TIERS[number % 4], NOW + timedelta(minutes=number % 10_000)
        rule = "rare-rule" if number % 1000 == 0 else f"rule-{number % 25}"
        state = "in-progress" if number % 500 == 1 else "open" if number % 2 else "resolved"
        gap, patient = derived_id("plans", str(number)), f"patient-{number % 5000}"
        programmes = ("LEAD", "rare") if number % 1000 == 1 else ("LEAD",)
        body = care_alert(gap, patient_id=patient, tier=tier, due_at=due, rule_id=rule, programmes=programmes)
        owner = ANNA if number % 400 == 0 else BEN
        at = NOW - timedelta(minutes=number % 7_000)
        yield (gap, patient, 1, state, 1, tier, owner, due, at, at, body.model_dump_json(exclude_none=True).encode())


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


async def plan_of(there: Any, sql: str, *values: object) -> list[dict[str, Any]]:
    text = await there.pool.fetchval(f"EXPLAIN (FORMAT JSON) {sql}", *values)
    return list(nodes(json.loads(text)[0]["Plan"]))


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("name", "sort"), [(name, sort) for name, one in FILTERS.items() for sort in Sort if sort in sorts_for(one.states)]
)
async def test_complaint_17_no_list_reads_the_whole_table(full: Any, name: str, sort: Sort) -> None:
    for deep in (False, True):
        place = None
        if deep:
            columns = ORDERS[sort].columns
            row = await full.pool.fetchrow("SELECT * FROM alerts ORDER BY gap_id OFFSET 9000 LIMIT 1")
            place = tuple(row[column] for column in columns)
        sql, values = page_statement(FILTERS[name], sort, place)

        found = await plan_of(full, sql, *values, 51)

        read_whole = [one for one in found if one["Node Type"] == "Seq Scan" and one.get("Relation Name") == "alerts"]
        assert not read_whole, (name, sort, deep, found)


@pytest.mark.asyncio(loop_scope="module")
async def test_the_first_page_of_everything_sorts_nothing(full: Any) -> None:
    for sort in Sort:
        sql, values = page_statement(Filters(), sort, None)
        found = await plan_of(full, sql, *values, 51)
        assert not [one for one in found if "Sort" in one["Node Type"]], (sort, found)


@pytest.mark.asyncio(loop_scope="module")
async def test_whoever_sees_no_labels_is_served_from_the_same_indices(full: Any) -> None:
    for filters in FILTERS.values():
        sql, values = page_statement(replace(filters, sensitive=False), Sort.ID, None)
        found = await plan_of(full, sql, *values, 51)
        assert not [one for one in found if one["Node Type"] == "Seq Scan" and one.get("Relation Name") == "alerts"]
