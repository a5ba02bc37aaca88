"""Whether somebody wants digest mails: one row that holds now, and a line for every change of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import asyncpg

from care_notifications.adapters.postgres import transaction
from care_notifications.core.state import Channel
from care_shared.errors import NotFoundError
from care_shared.vocabulary import PersonId

# The person's row is the lock: two changes at once leave two lines and one truth.
PERSON = "SELECT true FROM people WHERE person_id = $1 AND active FOR UPDATE"
OPTED_OUT = "SELECT EXISTS (SELECT FROM opt_outs WHERE person_id = $1 AND channel = $2 AND kind = 'digest')"
STOP = "INSERT INTO opt_outs (person_id, channel, kind, since, said_by) VALUES ($1, $2, 'digest', $3, $4)"
RESUME = "DELETE FROM opt_outs WHERE person_id = $1 AND channel = $2 AND kind = 'digest'"
NOTE = """
INSERT INTO opt_out_changes (person_id, channel, kind, wanted, changed_at, said_by, door)
VALUES ($1, $2, 'digest', $3, $4, $5, $6)
"""
HISTORY = """
SELECT wanted, changed_at, said_by, door FROM opt_out_changes
WHERE person_id = $1 AND channel = $2 AND kind = 'digest' ORDER BY changed_at DESC, id DESC LIMIT 50
"""


class Entry(StrEnum):
    """Through which door a choice came in."""

    LINK = "link"
    COMMAND = "command"
    API = "api"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody wants digests by mail, or not any more."""

    person: PersonId
    wanted: bool
    by: str
    door: Entry


class PostgresDigests:
    """Read and write access to the choice."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def choose(self, choice: Choice, now: datetime) -> bool:
        """Whether that changes anything. Raises NotFoundError when nobody of that name works here."""
        async with transaction(self._pool) as connection:
            if not await connection.fetchval(PERSON, choice.person):
                raise NotFoundError("nobody of that name works here")
            if await connection.fetchval(OPTED_OUT, choice.person, Channel.EMAIL) is not choice.wanted:
                return False
            if choice.wanted:
                await connection.execute(RESUME, choice.person, Channel.EMAIL)
            else:
                await connection.execute(STOP, choice.person, Channel.EMAIL, now, choice.by)
            await connection.execute(
                NOTE, choice.person, Channel.EMAIL, choice.wanted, now, choice.by, choice.door
            )  # fmt: skip
            return True

    async def wanted(self, person: PersonId) -> bool:
        """Whether this person wants digests by mail now."""
        async with transaction(self._pool) as connection:
            return not await connection.fetchval(OPTED_OUT, person, Channel.EMAIL)

    async def history(self, person: PersonId) -> Sequence[asyncpg.Record]:
        """The newest changes."""
        async with transaction(self._pool) as connection:
            return await connection.fetch(HISTORY, person, Channel.EMAIL)
