"""What mails and texts of ours somebody who works here wants: one row that holds now, and a line for every change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum

import asyncpg

from care_notifications.adapters.postgres import transaction
from care_notifications.core.state import Channel
from care_shared.errors import NotFoundError
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import PersonId

# The person's row is the lock: two changes at once leave two lines and one truth.
PERSON = "SELECT true FROM people WHERE person_id = $1 AND active FOR UPDATE"
OPTED_OUT = "SELECT EXISTS (SELECT FROM opt_outs WHERE person_id = $1 AND channel = $2 AND kind = $3)"
STOP = "INSERT INTO opt_outs (person_id, channel, kind, since, said_by) VALUES ($1, $2, $3, $4, $5)"
RESUME = "DELETE FROM opt_outs WHERE person_id = $1 AND channel = $2 AND kind = $3"
NOTE = """
INSERT INTO opt_out_changes (person_id, channel, kind, wanted, changed_at, said_by, door)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
HISTORY = """
SELECT wanted, changed_at, said_by, door FROM opt_out_changes
WHERE person_id = $1 AND channel = $2 AND kind = $3 ORDER BY changed_at DESC, id DESC LIMIT 50
"""


class Of(Enum):
    """What one may do without: a channel, and all of it or one kind of notice."""

    DIGESTS = (Channel.EMAIL, "digest")
    TEXTS = (Channel.SMS, "all")


class Entry(StrEnum):
    """Through which door a choice came in."""

    LINK = "link"
    COMMAND = "command"
    API = "api"
    TEXT = "text"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody wants these, or not any more."""

    person: PersonId
    wanted: bool
    by: str
    door: Entry
    of: Of = Of.DIGESTS


class PostgresChoices:
    """Read and write access to choices."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def choose(self, choice: Choice, now: datetime) -> bool:
        """Whether that changes anything. Raises NotFoundError when nobody of that name works here."""
        async with transaction(self._pool) as connection:
            return await choose(connection, choice, now)

    async def wanted(self, person: PersonId, of: Of = Of.DIGESTS) -> bool:
        """Whether this person wants these now."""
        async with transaction(self._pool) as connection:
            return not await connection.fetchval(OPTED_OUT, person, *of.value)

    async def history(self, person: PersonId, of: Of = Of.DIGESTS) -> Sequence[asyncpg.Record]:
        """The newest changes."""
        async with transaction(self._pool) as connection:
            return await connection.fetch(HISTORY, person, *of.value)


async def choose(connection: Connection, choice: Choice, now: datetime) -> bool:
    """As `PostgresChoices.choose`, within a transaction."""
    if not await connection.fetchval(PERSON, choice.person):
        raise NotFoundError("nobody of that name works here")
    if await connection.fetchval(OPTED_OUT, choice.person, *choice.of.value) is not choice.wanted:
        return False
    if choice.wanted:
        await connection.execute(RESUME, choice.person, *choice.of.value)
    else:
        await connection.execute(STOP, choice.person, *choice.of.value, now, choice.by)
    await connection.execute(NOTE, choice.person, *choice.of.value, choice.wanted, now, choice.by, choice.door)
    return True
