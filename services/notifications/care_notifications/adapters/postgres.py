"""What the adapters that speak to PostgreSQL share: the schema's name, transactions, and the doorbell of a commit."""

import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from datetime import datetime

import asyncpg

from care_notifications.core.state import AlertRecord, AlertState, Climb
from care_shared.errors import NotReadyError
from care_shared.runtime.postgres import TRANSIENT_ERRORS, Connection
from care_shared.vocabulary import GapId, PatientId, PersonId, Role, Tier

SCHEMA = "notifications"
# Many rows are added up in memory; compiling such a statement first takes longer than running it.
ADD_UP = "SET LOCAL jit = off; SET LOCAL work_mem = '64MB'"
NOTE_CHANGE = "INSERT INTO feed (gap_id, noted_at) VALUES ($1, $2)"
NOTE_CHANGES = "INSERT INTO feed (gap_id, noted_at) SELECT gap_id, $2 FROM unnest($1::text[]) AS changed (gap_id)"

# Called after a commit that others in this process want to know about; they would find it by themselves a little later.
Ring = Callable[[], None]


@contextlib.asynccontextmanager
async def transaction(pool: asyncpg.Pool) -> AsyncIterator[Connection]:
    """One READ COMMITTED transaction. Raises NotReadyError when PostgreSQL is away; nothing was kept then."""
    with ready():
        async with pool.acquire() as connection, connection.transaction():
            yield connection


@contextlib.asynccontextmanager
async def adding_up(pool: asyncpg.Pool) -> AsyncIterator[Connection]:
    """A transaction for figures over many rows. Raises NotReadyError when PostgreSQL is away."""
    async with transaction(pool) as connection:
        await connection.execute(ADD_UP)
        yield connection


@contextlib.asynccontextmanager
async def statement(pool: asyncpg.Pool) -> AsyncIterator[Connection]:
    """For one statement, which is its own transaction: two round trips less. Raises NotReadyError."""
    with ready():
        async with pool.acquire() as connection:
            yield connection


async def note_changes(connection: Connection, gaps: Iterable[str], now: datetime) -> None:
    """Open pages look at these alerts again, once each."""
    await connection.execute(NOTE_CHANGES, list(dict.fromkeys(gaps)), now)


@contextlib.contextmanager
def ready() -> Iterator[None]:
    """Say NotReadyError for what may succeed later; anything else is a bug and stays what it is."""
    try:
        yield
    except TRANSIENT_ERRORS as error:
        raise NotReadyError("PostgreSQL does not answer") from error


def record_of(row: asyncpg.Record) -> AlertRecord:
    """The alert in a row that has its columns."""
    return AlertRecord(
        gap_id=GapId(row["gap_id"]),
        patient_id=PatientId(row["patient_id"]),
        revision=row["revision"],
        state=AlertState(row["state"]),
        round=row["round"],
        tier=Tier(row["tier"]),
        owner=PersonId(row["owner"]),
        version=row["version"],
        backup=_person(row["backup"]),
        covering_for=_person(row["covering_for"]),
        outcome=row["outcome"],
        snoozed_until=row["snoozed_until"],
        awaited=tuple(Role(role) for role in row["awaited"]),
        takers=tuple(PersonId(taker) for taker in row["takers"]),
        climb=Climb(row["rung"], row["step"], row["next_escalation_at"], row["chain_ended_at"]),
        named=row["named"],
        occurrences=row["occurrences"],
    )


def _person(value: str | None) -> PersonId | None:
    return PersonId(value) if value is not None else None
