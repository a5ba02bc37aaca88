"""Asks scoring to look at every patient again, as after a change of the policy."""

import asyncpg

from care_scoring.adapters.postgres import SCHEMA
from care_scoring.adapters.rule_counts import request_recheck
from care_shared.errors import NotReadyError


async def recheck_everyone(dsn: str) -> int:
    """How many patients will be woken."""
    try:
        connection = await asyncpg.connect(dsn, timeout=5, server_settings={"search_path": SCHEMA})
    except (OSError, TimeoutError) as error:
        raise NotReadyError("PostgreSQL does not answer") from error
    try:
        return await request_recheck(connection)
    finally:
        await connection.close()
