"""A migrated `notifications` schema with Anna, Ben, the desk and Harbor in it, and short ways to look inside."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

import asyncpg
from pydantic import SecretStr

from care_notifications.adapters.postgres import SCHEMA
from care_notifications.adapters.postgres_acts import PostgresActs
from care_notifications.adapters.postgres_agreements import put_agreements
from care_notifications.adapters.postgres_alerts import PostgresAlertStore
from care_notifications.adapters.postgres_deliveries import PostgresDeliveryStore
from care_notifications.adapters.postgres_directory import (
    DirectorySource,
    NamedEndpoint,
    NamedOrganization,
    NamedPerson,
    ensure_default_owner,
    ensure_directory,
)
from care_notifications.core.acts import Acknowledge, Answer, Ask
from care_notifications.core.state import Channel
from care_notifications.handler import handle
from care_notifications.ports import RawAlert, Slot
from care_shared.contracts.care_alerts import AnyCareAlert
from care_shared.runtime.clock import random_id
from care_shared.runtime.postgres import ensure_schema, migrate, migrations_of, open_pool
from care_shared.settings import PostgresSettings
from care_shared.vocabulary import GapId, PersonId
from tests.care_alerts import AGREEMENT, ANNA, BEN, DESK, HARBOR, NOW

SLOT = Slot("care.alerts.v1", 0)
SECRET = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldY"
PASSWORD = "only-for-tests"
OWNER = "SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = $1"
SOURCE = DirectorySource(DESK, frozenset(Channel))


def nobody_rings() -> None:
    """Tests look for themselves."""


async def prepare(dsn: str) -> str:
    """Make role, schema and tables; the address of the service's own role."""
    role = f"care_n_{dsn.rpartition('_')[2]}"
    await ensure_schema(dsn, SCHEMA, role, PASSWORD)
    await migrate(address(dsn, role), SCHEMA, migrations_of("care_notifications"))
    return address(dsn, role)


def address(dsn: str, role: str) -> str:
    """The same database for this role."""
    return f"postgresql://{role}:{PASSWORD}@{dsn.partition('@')[2]}"


async def remove(dsn: str, role: str) -> None:
    """The opposite of `prepare`: a role outlives its database."""
    admin = await asyncpg.connect(dsn)
    await admin.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
    await admin.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")
    await admin.close()


async def owner_of_schema(dsn: str) -> str | None:
    """The role of a schema that is there already: the database is a copy of a prepared one."""
    admin = await asyncpg.connect(dsn)
    found: str | None = await admin.fetchval(OWNER, SCHEMA)
    await admin.close()
    return found


def role_of(own: str) -> str:
    """Whose address it is."""
    return own.partition("//")[2].partition(":")[0]


@contextlib.asynccontextmanager
async def world(dsn: str, hook: str = "https://partner.example/hook") -> AsyncIterator["World"]:
    """An open pool on a prepared schema."""
    owner = await owner_of_schema(dsn)
    own = address(dsn, owner) if owner else await prepare(dsn)
    pool = await open_pool(PostgresSettings(dsn=SecretStr(own)), SCHEMA)
    try:
        await ensure_default_owner(pool, DESK, "Care coordination desk")
        await ensure_directory(
            pool,
            [NamedPerson(ANNA, "Anna", "anna@lead.example"), NamedPerson(BEN, "Ben", "ben@lead.example")],
            [NamedOrganization(HARBOR, "Harbor Home Health")],
            [NamedEndpoint("endpoint-harbor", HARBOR, hook, (SECRET,))],
        )
        await put_agreements(pool, [AGREEMENT], "test", NOW)
        # These tests are about notices; how an endpoint proves itself is tested in test_endpoints.
        await pool.execute("UPDATE endpoints SET verified_at = $1", NOW)
        await pool.execute("DELETE FROM probes")
        yield World(pool, own)
    finally:
        pool.terminate()
        if owner is None:
            await remove(dsn, role_of(own))


class World:
    """The service's stores, and what stands in the database."""

    def __init__(self, pool: asyncpg.Pool, dsn: str) -> None:
        self.pool = pool
        self.dsn = dsn
        self.alerts = PostgresAlertStore(pool, SOURCE, nobody_rings)
        self.store = PostgresDeliveryStore(pool, nobody_rings)
        self._next_offset = 0

    async def hear(self, *alerts: AnyCareAlert, now: datetime = NOW) -> None:
        """These messages come next on the topic."""
        await handle({SLOT: raws(alerts, self._next_offset)}, self.alerts, now)
        self._next_offset += len(alerts)

    async def taken(self, gap_id: str, person: PersonId, now: datetime = NOW) -> Answer:
        """This person acknowledges."""
        acts = PostgresActs(self.pool, nobody_rings, SOURCE)
        return await acts.act(Ask(GapId(gap_id), Acknowledge(), person, random_id()), now)

    async def deliveries(self) -> list[tuple[str, str, str]]:
        rows = await self.pool.fetch("SELECT recipient, channel, notice FROM deliveries ORDER BY 1, 2, 3")
        return [tuple(row) for row in rows]

    async def states(self) -> dict[str, tuple[str, int, str]]:
        rows = await self.pool.fetch("SELECT gap_id, state, revision, owner FROM alerts")
        return {row["gap_id"]: (row["state"], row["revision"], row["owner"]) for row in rows}

    async def scores(self) -> dict[tuple[str, str, str], tuple[int, int | None]]:
        rows = await self.pool.fetch("SELECT * FROM scores")
        return {(row["patient_id"], row["score"], row["subject"]): (row["revision"], row["value"]) for row in rows}

    async def score_history(self) -> list[int]:
        return [row["revision"] for row in await self.pool.fetch("SELECT revision FROM score_changes ORDER BY 1")]

    async def letters(self) -> list[str]:
        from care_shared.contracts.alert_activity import DeadLetter

        rows = await self.pool.fetch("SELECT value FROM outbox WHERE topic LIKE '%.dead-letters' ORDER BY id")
        return [DeadLetter.model_validate_json(row["value"]).field for row in rows]

    async def ends(self) -> dict[tuple[str, str], tuple[str, str | None]]:
        """How each notice ended, by channel and kind."""
        rows = await self.pool.fetch("SELECT channel, notice, state, reason FROM deliveries")
        return {(row["channel"], row["notice"]): (row["state"], row["reason"]) for row in rows}

    async def published(self, topic: str) -> list[bytes]:
        """What waits in the outbox for a topic."""
        rows = await self.pool.fetch("SELECT value FROM outbox WHERE topic = $1 ORDER BY id", topic)
        return [row["value"] for row in rows]


def raws(alerts: Sequence[AnyCareAlert], first_offset: int = 0) -> list[RawAlert]:
    """Messages as they stand in Kafka."""
    return [
        RawAlert(first_offset + index, alert.patient_id.encode(), alert.model_dump_json().encode())
        for index, alert in enumerate(alerts)
    ]


class SteppedClock:
    """A clock that stands still until it is told."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)
