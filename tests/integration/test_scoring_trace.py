"""What scoring can tell about a patient afterwards, and that asking stays cheap when the timeline is long."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from care_scoring.adapters.trace import GAP_CHANGES, SILENCES, STANDING, standing
from care_shared.runtime.postgres import ensure_schema, migrate, migrations_of, open_pool
from care_shared.settings import PostgresSettings

pytestmark = pytest.mark.stack

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
COLUMNS = (
    *("patient_id", "at", "kind", "rule_id", "episode", "reason", "change", "revision", "gap_id", "event_id"),
    "caused_by",
)


@pytest_asyncio.fixture
async def pool(postgres_dsn: str) -> AsyncIterator[asyncpg.Pool]:
    await ensure_schema(postgres_dsn, "scoring", "care_scoring_trace_test", "secret")
    await migrate(postgres_dsn, "scoring", migrations_of("care_scoring"))
    opened = await open_pool(PostgresSettings.model_validate({"dsn": postgres_dsn, "pool_size": 1}), "scoring")
    try:
        yield opened
    finally:
        await opened.close()


async def noted(pool: asyncpg.Pool, *lines: tuple[object, ...]) -> None:
    await pool.copy_records_to_table("timeline", records=lines, columns=COLUMNS)


def silence(patient: str, minute: int, rule: str, episode: str, reason: str) -> tuple[object, ...]:
    return patient, NOON + timedelta(minutes=minute), "silence", rule, episode, reason, "", 0, "", "", "fact"


def change(patient: str, minute: int, rule: str, episode: str, reason: str, said: str) -> tuple[object, ...]:
    gap = f"gap-{patient}-{episode}"
    return patient, NOON + timedelta(minutes=minute), "gap", rule, episode, reason, said, 1, gap, f"e-{gap}", "fact"


async def test_the_last_word_on_each_episode_stands(pool: asyncpg.Pool) -> None:
    await noted(
        pool,
        silence("p1", 0, "TCM-CONTACT", "stay-1", "contact_pending"),
        silence("p1", 1, "VITALS-TREND", "2339-0", "needs_more_readings"),
        silence("p1", 2, "VITALS-TREND", "2339-0", "no_significant_trend"),
        change("p1", 3, "TCM-CONTACT", "stay-1", "contact_due_today", "opened"),
        silence("p2", 4, "TCM-CONTACT", "stay-9", "readmitted"),
    )
    told = [(step.what, step.ids["episode"], step.ids["reason"]) for step in await standing(pool, "p1")]

    assert told == [("gap opened", "stay-1", "contact_due_today"), ("silent", "2339-0", "no_significant_trend")]


@pytest.mark.parametrize(
    ("question", "indexes"),
    [
        pytest.param(
            GAP_CHANGES,
            {"timeline_gap", "timeline_event", "timeline_cause", "timeline_patient"},
            id="a gap, a message, a cause, a patient",
        ),
        pytest.param(SILENCES, {"timeline_patient"}, id="silences"),
        pytest.param(STANDING, {"timeline_patient"}, id="how it stands"),
    ],
)
async def test_a_long_timeline_is_never_read_whole(pool: asyncpg.Pool, question: str, indexes: set[str]) -> None:
    await noted(
        pool,
        *(silence(f"p{number}", 0, "VITALS-TREND", "2339-0", "stale") for number in range(20_000)),
        *(change(f"p{number}", 1, "TCM-CONTACT", "stay", "contact_overdue", "opened") for number in range(5_000)),
    )
    await pool.execute("ANALYZE timeline")
    plan = json.loads(await pool.fetchval(f"EXPLAIN (FORMAT JSON) {question}", "p77"))

    steps = list(parts(plan[0]["Plan"]))
    assert {step["Index Name"] for step in steps if step.get("Index Name", "").startswith("timeline")} == indexes
    assert not [step for step in steps if step["Node Type"] == "Seq Scan" and step["Relation Name"] == "timeline"]


def parts(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from parts(below)
