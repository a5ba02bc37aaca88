"""A year of deadlines costs no scan: PostgreSQL finds those that are due by the index, however many wait."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from care_scoring.adapters.postgres import DUE
from tests.scoring_world import migrate_scoring

pytestmark = pytest.mark.stack

PATIENTS, DUE_NOW, PARTITIONS = 100_000, 40, 12
NOW = datetime(2027, 3, 1, tzinfo=UTC)
MOST_PAGES = 2 * DUE_NOW + 4 * PARTITIONS  # a row and its entry each, and the way down the index per partition
# Everybody has a deadline within a year; a few are due.
A_YEAR_OF_DEADLINES = f"""
INSERT INTO patient_states (patient_id, partition, state, next_wake_at)
SELECT 'patient-' || number, number % {PARTITIONS}, '\\x00',
    CASE WHEN number <= {DUE_NOW} THEN $1::timestamptz - interval '1 minute'
    ELSE $1::timestamptz + interval '1 minute' + random() * interval '365 days' END
FROM generate_series(1, {PATIENTS}) AS number
"""


@pytest_asyncio.fixture
async def database(postgres_dsn: str) -> AsyncIterator[asyncpg.Connection]:
    await migrate_scoring(postgres_dsn)
    connection = await asyncpg.connect(postgres_dsn, server_settings={"search_path": "scoring"})
    try:
        await connection.execute(A_YEAR_OF_DEADLINES, NOW)
        await connection.execute("VACUUM ANALYZE patient_states")
        yield connection
    finally:
        await connection.close()


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """A plan and everything below it."""
    return [plan, *(found for below in plan.get("Plans", ()) for found in nodes(below))]


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("owned", [range(PARTITIONS), range(1)], ids=["one worker owns all", "one of many workers"])
async def test_who_is_due_is_found_by_the_index_and_costs_no_more_than_who_is_due(
    database: asyncpg.Connection, mode: str, owned: range
) -> None:
    """The generic plan is what a connection may settle on after a few rounds, not knowing the moment asked for."""
    await database.execute(f"SET plan_cache_mode = {mode}")
    explained = await database.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {DUE}", list(owned), NOW, 500)

    found = nodes(json.loads(explained)[0]["Plan"])
    assert not [node for node in found if node["Node Type"] == "Seq Scan"]
    assert {node["Index Name"] for node in found if "Index Name" in node} == {"patient_states_due"}
    assert found[0]["Actual Rows"] == len([number for number in range(1, DUE_NOW + 1) if number % PARTITIONS in owned])
    assert found[0]["Shared Hit Blocks"] + found[0]["Shared Read Blocks"] <= MOST_PAGES
