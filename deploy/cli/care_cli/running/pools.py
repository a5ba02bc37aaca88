"""Connections to one service's tables, for as long as a command needs them."""

import contextlib
from collections.abc import AsyncIterator

import asyncpg

from care_cli.running.target import postgres_target
from care_shared.runtime.postgres import open_pool
from care_shared.settings import PostgresSettings


@contextlib.asynccontextmanager
async def pool_of(schema: str, dsn: str = "", size: int = 2) -> AsyncIterator[asyncpg.Pool]:
    """A pool that sees `schema`, at `dsn` or at the server that the environment or the local stack names."""
    settings = PostgresSettings.model_validate({"dsn": dsn or postgres_target(), "pool_size": size})
    pool = await open_pool(settings, schema)
    try:
        yield pool
    finally:
        await pool.close()
