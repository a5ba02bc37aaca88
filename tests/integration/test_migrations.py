"""Migrations run once, in order, by one process at a time, and refuse surprises."""

import asyncio

import asyncpg
import pytest

from care_shared.errors import ConfigurationError
from care_shared.runtime.postgres import Migration, check_migrated, ensure_schema, migrate

pytestmark = pytest.mark.stack

FIRST = Migration("0001_first.sql", "CREATE TABLE letters (letter text)", "aa")
SECOND = Migration("0002_second.sql", "INSERT INTO letters VALUES ('b')", "bb")
BROKEN = Migration("0003_broken.sql", "INSERT INTO letters VALUES ('c'); SELECT 1/0", "cc")


@pytest.fixture
async def dsn(postgres_dsn: str) -> str:
    await ensure_schema(postgres_dsn, "intake", "care_intake_test", "pa'ss\"word")
    return postgres_dsn


async def letters(dsn: str) -> list[str]:
    connection = await asyncpg.connect(dsn)
    try:
        return [row["letter"] for row in await connection.fetch("SELECT letter FROM intake.letters")]
    finally:
        await connection.close()


async def test_what_is_missing_is_applied_and_a_second_run_does_nothing(dsn: str) -> None:
    assert await migrate(dsn, "intake", [FIRST]) == ["0001_first.sql"]
    assert await migrate(dsn, "intake", [FIRST, SECOND]) == ["0002_second.sql"]
    assert await migrate(dsn, "intake", [FIRST, SECOND]) == []


async def test_five_processes_at_once_apply_each_file_once(dsn: str) -> None:
    done = await asyncio.gather(*(migrate(dsn, "intake", [FIRST, SECOND]) for _ in range(5)))

    assert sorted(name for names in done for name in names) == ["0001_first.sql", "0002_second.sql"]
    assert await letters(dsn) == ["b"]


async def test_a_file_that_fails_leaves_nothing_behind(dsn: str) -> None:
    await migrate(dsn, "intake", [FIRST])

    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(dsn, "intake", [FIRST, BROKEN])

    assert await letters(dsn) == []


async def test_a_file_changed_after_it_was_applied_is_refused(dsn: str) -> None:
    await migrate(dsn, "intake", [FIRST])

    with pytest.raises(ConfigurationError, match=r"0001_first\.sql was changed"):
        await migrate(dsn, "intake", [Migration(FIRST.name, FIRST.sql, "other")])


async def test_a_service_does_not_start_on_a_schema_of_another_release(dsn: str) -> None:
    pool = await asyncpg.create_pool(dsn, min_size=1, max_size=1, server_settings={"search_path": "intake"})
    try:
        with pytest.raises(ConfigurationError, match="carelead migrate"):
            await check_migrated(pool, "intake", [FIRST])
        await migrate(dsn, "intake", [FIRST, SECOND])
        await check_migrated(pool, "intake", [FIRST, SECOND])
        with pytest.raises(ConfigurationError, match="newer release"):
            await check_migrated(pool, "intake", [FIRST])
    finally:
        await pool.close()


async def test_a_role_sees_its_own_schema_and_no_other(dsn: str) -> None:
    await ensure_schema(dsn, "scoring", "care_scoring_test", "x")
    await migrate(dsn, "scoring", [FIRST])
    address = dsn.split("@")[1]
    connection = await asyncpg.connect(f"postgresql://care_intake_test:pa'ss%22word@{address}")
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch("SELECT * FROM scoring.letters")
    finally:
        await connection.close()
