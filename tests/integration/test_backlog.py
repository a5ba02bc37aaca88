"""The numbers of what waits are counted in the database when somebody asks, and are unknown when it is away."""

import math

import asyncpg
import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from care_intake.adapters.desk import SET_ASIDE_VERDICTS
from care_intake.adapters.numbers import WAITING_FOR_PERSON
from care_intake.app import SET_ASIDE
from care_scoring.app import WAITS
from care_shared.runtime.backlog import Backlog, CountedByLabel
from care_shared.runtime.health import health_app
from care_shared.runtime.postgres import migrate, migrations_of, open_pool
from care_shared.settings import PostgresSettings

pytestmark = pytest.mark.stack

ROW = """
INSERT INTO outbox (event_id, topic, key, value, headers, created_at)
VALUES ($1, 't', '', '', '[]', now() - $2::text::interval)
"""
RECEIPT = """
INSERT INTO receipts (receipt_id, source, format, control_id, fingerprint, raw, received_at, verdict, field, problem,
    ignored, mended_by)
SELECT $1, 'general', 'hl7v2', '', '', '', now(), $2, '', '', '', $3
"""


async def pool_of(dsn: str, schema: str) -> asyncpg.Pool:
    admin = await asyncpg.connect(dsn)
    await admin.execute(f"CREATE SCHEMA {schema}")
    await admin.close()
    await migrate(dsn, schema, migrations_of(f"care_{schema}"))
    return await open_pool(PostgresSettings(dsn=SecretStr(dsn)), schema)


async def numbers(backlog: Backlog) -> dict[tuple[str, str], float]:
    """What `/metrics` says, by name and label."""
    transport = httpx2.ASGITransport(app=health_app({}, {}, backlog.measure))
    async with httpx2.AsyncClient(transport=transport, base_url="http://health") as http:
        text = (await http.get("/metrics")).text
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {(one.name, "".join(one.labels.values())): one.value for one in samples}


async def test_the_outbox_tells_how_much_waits_and_since_when(postgres_dsn: str) -> None:
    pool = await pool_of(postgres_dsn, "intake")
    backlog = Backlog(pool)
    await pool.execute(ROW, "1", "90 seconds")
    await pool.execute(ROW, "2", "0 seconds")

    found = await numbers(backlog)

    assert found["care_outbox_waiting_messages", ""] == 2
    assert found["care_outbox_oldest_seconds", ""] >= 90
    await pool.execute("UPDATE outbox SET published_at = now()")
    found = await numbers(backlog)
    assert (found["care_outbox_waiting_messages", ""], found["care_outbox_oldest_seconds", ""]) == (0, 0)
    await pool.close()


async def test_messages_set_aside_count_until_somebody_mends_them(postgres_dsn: str) -> None:
    pool = await pool_of(postgres_dsn, "intake")
    backlog = Backlog(pool, CountedByLabel(SET_ASIDE, WAITING_FOR_PERSON, SET_ASIDE_VERDICTS))
    for receipt, verdict, mended in (("1", "quarantined", ""), ("2", "quarantined", "9"), ("3", "accepted", "")):
        await pool.execute(RECEIPT, receipt, verdict, mended)

    found = await numbers(backlog)

    assert found["care_intake_set_aside_messages", "quarantined"] == 1
    assert found["care_intake_set_aside_messages", "held"] == 0
    assert ("care_intake_set_aside_messages", "accepted") not in found
    await pool.close()


async def test_scoring_counts_who_is_parked_and_what_was_skipped(postgres_dsn: str) -> None:
    pool = await pool_of(postgres_dsn, "scoring")
    await pool.execute("INSERT INTO parked_patients (patient_id, partition, error) VALUES ('p', 0, 'KeyError')")

    assert tuple(await pool.fetchrow(WAITS)) == (1, 0)
    await pool.close()


async def test_what_cannot_be_counted_is_not_zero(postgres_dsn: str) -> None:
    pool = await pool_of(postgres_dsn, "intake")
    backlog = Backlog(pool, CountedByLabel(SET_ASIDE, WAITING_FOR_PERSON, SET_ASIDE_VERDICTS))
    await numbers(backlog)
    await pool.close()

    found = await numbers(backlog)

    assert math.isnan(found["care_outbox_waiting_messages", ""])
    assert ("care_intake_set_aside_messages", "quarantined") not in found
