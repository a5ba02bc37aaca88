"""Who freezes in the middle of a transaction, even of a question, loses its locks to whoever takes over."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from pydantic import SecretStr

from care_shared.runtime.postgres import TRANSIENT_ERRORS, open_pool
from care_shared.settings import PostgresSettings

pytestmark = pytest.mark.stack

LOCK = "SELECT n FROM claims WHERE n = 1 FOR UPDATE"


@pytest.fixture
async def claims(postgres_dsn: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(postgres_dsn)
    await connection.execute("CREATE SCHEMA fence; CREATE TABLE fence.claims (n int PRIMARY KEY)")
    await connection.execute("SET search_path = fence; INSERT INTO claims VALUES (1)")
    yield connection
    await connection.close()


async def test_a_client_frozen_while_it_asks_a_question_loses_its_locks(
    claims: asyncpg.Connection, postgres_dsn: str
) -> None:
    if claims.get_server_version().major < 17:
        pytest.skip(
            "PostgreSQL before 17 has no bound for transactions; there a frozen worker's liveness probe ends it"
        )
    pool = await open_pool(PostgresSettings(dsn=SecretStr(postgres_dsn), command_timeout=1), "fence", bounded=True)
    frozen = await pool.acquire()
    await frozen.execute("BEGIN")
    await frozen.execute(LOCK)
    await frozen.prepare("INSERT INTO claims VALUES ($1)")  # asked, and the values never come
    assert await claims.fetchval("SELECT state FROM pg_stat_activity WHERE query LIKE 'INSERT%'") == "active"
    assert await claims.fetchval(LOCK, timeout=30) == 1
    with pytest.raises(TRANSIENT_ERRORS):
        await frozen.execute("SELECT 1")
    await pool.release(frozen)
    await pool.close()


async def test_a_pool_that_nobody_bounded_lets_a_long_transaction_end(
    claims: asyncpg.Connection, postgres_dsn: str
) -> None:
    pool = await open_pool(PostgresSettings(dsn=SecretStr(postgres_dsn), command_timeout=1), "fence")
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT pg_sleep(1.5)", timeout=30)
        assert await connection.fetchval(LOCK) == 1
    await pool.close()
