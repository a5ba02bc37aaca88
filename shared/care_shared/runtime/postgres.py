"""PostgreSQL: one pool per service that sees its own schema only, and numbered migrations that run once."""

import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from care_shared.errors import ConfigurationError, NotReadyError
from care_shared.settings import PostgresSettings

Connection = asyncpg.Connection | PoolConnectionProxy

LOCK_MIGRATIONS = "SELECT pg_advisory_xact_lock(hashtext('carelead.migrations.' || $1))"
CREATE_LEDGER = """
CREATE TABLE IF NOT EXISTS migrations (
    name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())
"""
APPLIED = "SELECT name, checksum FROM migrations"
RECORD = "INSERT INTO migrations (name, checksum) VALUES ($1, $2)"
# PostgreSQL 15 and 16 do not know this bound: there the statement sets nothing.
BOUND_TRANSACTIONS = """
SELECT set_config('transaction_timeout', $1, false) WHERE current_setting('transaction_timeout', true) IS NOT NULL
"""
ROLE_EXISTS = "SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = $1)"

# Errors after which the same statement may succeed: connection lost, server going down or read-only after a failover.
TRANSIENT_ERRORS = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server cut the connection between two messages of one statement
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.TooManyConnectionsError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.QueryCanceledError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.TransactionTimeoutError,
    ConnectionError,
    TimeoutError,
)


def _identifier(name: str) -> str:
    """A name we put into SQL text ourselves; anything but plain lower case is refused."""
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", name):
        raise ConfigurationError("a schema or role name must be lower case letters, digits and underscores")
    return name


async def open_pool(settings: PostgresSettings, schema: str, *, bounded: bool = False) -> asyncpg.Pool:
    """A pool whose connections see `schema` and nothing else of ours. Raises NotReadyError when nobody answers.

    `bounded`: no transaction may last longer than a statement may (`command_timeout`), whatever it waits for. Patience
    with idle transactions alone is not enough for whoever fences others: between a question and its values a session
    does not count as idle, and a process frozen just then would keep its locks. (Inside a COPY no bound helps.)
    """

    async def bound(connection: Connection) -> None:
        if bounded:
            await connection.execute(BOUND_TRANSACTIONS, f"{settings.command_timeout * 1000:.0f}ms")

    try:
        return await asyncpg.create_pool(
            settings.dsn.get_secret_value(),
            min_size=1,
            max_size=settings.pool_size,
            command_timeout=settings.command_timeout,
            init=bound,
            reset=_leave_as_it_is,
            server_settings={
                "search_path": _identifier(schema),
                "application_name": f"carelead-{schema}",
                # A process that freezes inside a transaction must not hold its locks against whoever takes over.
                "idle_in_transaction_session_timeout": "10s",
            },
        )
    except TRANSIENT_ERRORS as error:
        raise NotReadyError("PostgreSQL does not answer at CARE_POSTGRES_DSN") from error


async def _leave_as_it_is(_: Connection) -> None:
    """Nobody here changes a session beyond a transaction, so there is nothing to ask the server to undo.

    asyncpg itself ends an open transaction and drops listeners first. Whoever locks for a session lets go of it, or
    of the connection (see `outbox.py`).
    """


async def ensure_schema(admin_dsn: str, schema: str, role: str, password: str) -> None:
    """Create the service's role and schema if they are missing, and set the role's password. Safe to repeat."""
    connection = await asyncpg.connect(admin_dsn)
    try:
        async with connection.transaction():
            await connection.execute(LOCK_MIGRATIONS, "roles")
            verb = "ALTER" if await connection.fetchval(ROLE_EXISTS, role) else "CREATE"
            quoted = await connection.fetchval("SELECT quote_literal($1)", password)
            await connection.execute(f"{verb} ROLE {_identifier(role)} LOGIN PASSWORD {quoted}")
            await connection.execute(f"GRANT {_identifier(role)} TO CURRENT_USER")
            await connection.execute(
                f"CREATE SCHEMA IF NOT EXISTS {_identifier(schema)} AUTHORIZATION {_identifier(role)}"
            )
    finally:
        await connection.close()


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered SQL file and the SHA-256 of its text."""

    name: str
    sql: str
    checksum: str


def migrations_of(package: str) -> list[Migration]:
    """The package's `adapters/migrations/NNNN_what.sql` files in order."""
    folder: Traversable = files(package) / "adapters" / "migrations"
    found = sorted((entry.name, entry.read_text("utf-8")) for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [Migration(name, sql, hashlib.sha256(sql.encode()).hexdigest()) for name, sql in found]


async def migrate(dsn: str, schema: str, migrations: list[Migration]) -> list[str]:
    """Apply what is missing, each file in its own transaction, one process at a time. Returns the names applied.

    Raises ConfigurationError when an applied file was changed afterwards or this release does not know it.
    """
    connection = await asyncpg.connect(dsn, server_settings={"search_path": _identifier(schema), "lock_timeout": "10s"})
    try:
        await connection.execute(f"SET search_path TO {_identifier(schema)}")
        async with connection.transaction():
            await connection.execute(LOCK_MIGRATIONS, schema)
            await connection.execute(CREATE_LEDGER)
        applied: list[str] = []
        for migration in migrations:
            async with connection.transaction():
                await connection.execute(LOCK_MIGRATIONS, schema)
                known = {row["name"]: row["checksum"] for row in await connection.fetch(APPLIED)}
                _refuse_surprises(known, migrations)
                if migration.name not in known:
                    await connection.execute(migration.sql)
                    await connection.execute(RECORD, migration.name, migration.checksum)
                    applied.append(migration.name)
        return applied
    finally:
        await connection.close()


async def check_migrated(pool: asyncpg.Pool, schema: str, migrations: list[Migration]) -> None:
    """A service refuses to start on an older, newer or altered schema. Raises ConfigurationError."""
    try:
        known = {row["name"]: row["checksum"] for row in await pool.fetch(APPLIED)}
    except asyncpg.UndefinedTableError as error:
        raise ConfigurationError(f"schema {schema} is not migrated; run: carelead migrate") from error
    _refuse_surprises(known, migrations)
    missing = [migration.name for migration in migrations if migration.name not in known]
    if missing:
        raise ConfigurationError(f"schema {schema} lacks {', '.join(missing)}; run: carelead migrate")


def _refuse_surprises(known: dict[str, str], migrations: list[Migration]) -> None:
    ours = {migration.name: migration.checksum for migration in migrations}
    for name, checksum in known.items():
        if name not in ours:
            raise ConfigurationError(f"the schema was migrated by a newer release ({name} is unknown here)")
        if ours[name] != checksum:
            raise ConfigurationError(f"migration {name} was changed after it was applied")
