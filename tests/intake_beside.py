"""A real intake beside the worklist: its tables, its doors for senders and operators, on the same database server."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import asyncpg
from pydantic import SecretStr

from care_intake.adapters.feeds import feeds
from care_intake.adapters.grouping import Alone
from care_intake.adapters.http import http_app
from care_intake.adapters.operations import Operations
from care_intake.adapters.postgres import PostgresIntakeStore
from care_intake.adapters.seen_kinds import seen_kinds
from care_intake.adapters.sources import Source, Sources
from care_intake.adapters.workbench import workbench
from care_intake.core.feed import Feed
from care_intake.core.formats import Format
from care_intake.handler import Intake
from care_local.addresses import free_ports
from care_shared.runtime.clock import Clock
from care_shared.runtime.health import serving
from care_shared.runtime.postgres import migrate, migrations_of
from care_shared.topics import CARE_EVENTS
from care_shared.vocabulary import SourceId

OPERATOR = "an-operator-token-for-tests"
GENERAL = Feed(SourceId("general-hospital"), ZoneInfo("America/New_York"))
NORTH = Feed(SourceId("north-clinic"), ZoneInfo("America/Chicago"))
AGREED = Sources([Source(GENERAL, "", frozenset(), silent_after=timedelta(hours=4)), Source(NORTH, "", frozenset())])


@dataclass
class IntakeBeside:
    """Where operators ask, and short ways to let messages come in."""

    url: str
    pool: asyncpg.Pool
    intake: Intake

    async def hear(self, *messages: bytes, feed: Feed = GENERAL, form: Format = Format.HL7) -> list[str]:
        """These messages come in; their receipts."""
        return [(await self.intake.receive(one, form, feed)).receipt.receipt_id for one in messages]

    async def verdict(self, receipt_id: str) -> str:
        """How a receipt stands now."""
        return str(await self.pool.fetchval("SELECT verdict FROM receipts WHERE receipt_id = $1", receipt_id))


@contextlib.asynccontextmanager
async def intake_beside(dsn: str, clock: Clock, sources: Sources = AGREED) -> AsyncIterator[IntakeBeside]:
    """A served intake in the schema `intake` of this database. `dsn` may make schemas."""
    connection = await asyncpg.connect(dsn)
    await connection.execute("CREATE SCHEMA IF NOT EXISTS intake")
    await connection.close()
    await migrate(dsn, "intake", migrations_of("care_intake"))
    port = free_ports(1)[0]
    async with asyncpg.create_pool(dsn, min_size=1, max_size=6, server_settings={"search_path": "intake"}) as pool:
        intake = Intake(Alone(PostgresIntakeStore(pool), lambda: None), clock)
        bench = workbench(pool, sources, clock, CARE_EVENTS.name)
        operations = Operations(
            SecretStr(OPERATOR), lambda: feeds(pool, sources, clock()), bench,
            lambda source: seen_kinds(pool, source, clock() - timedelta(days=30)),
        )  # fmt: skip
        async with serving(http_app(intake, sources, operations, clock), "127.0.0.1", port):
            yield IntakeBeside(f"http://127.0.0.1:{port}", pool, intake)
