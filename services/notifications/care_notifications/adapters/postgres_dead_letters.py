"""Dead letters lie on a shelf of our own: read from their topics, looked at, sent again or discarded by a person."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from care_notifications.adapters.postgres import Ring, statement, transaction
from care_notifications.adapters.sealed import Sealer
from care_notifications.core.letters import (
    Cause,
    Content,
    Letter,
    LetterAct,
    LetterState,
    why_not_again,
)
from care_shared.errors import ConfigurationError, NotFoundError
from care_shared.runtime.dead_letters import Place, letter_id
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import PersonId

PILES = """
SELECT topic, error, field, problem, count(*) AS letters, min(recorded_at) AS oldest, max(recorded_at) AS newest
FROM dead_letters WHERE state = 'waiting' GROUP BY topic, error, field, problem
ORDER BY topic, letters DESC, error, field, problem
"""
OF_CAUSE = """
SELECT * FROM dead_letters
WHERE state = 'waiting' AND (topic, error, field, problem) = ($1, $2, $3, $4)
ORDER BY recorded_at, partition, first_offset LIMIT $5
"""
SETTLED = "SELECT * FROM dead_letters WHERE state <> 'waiting' ORDER BY settled_at DESC LIMIT $1"
ONE = "SELECT * FROM dead_letters WHERE letter_id = $1"
ACTS = """
SELECT at, act, reason, coalesce(people.display_name, dead_letter_acts.person_id) AS name
FROM dead_letter_acts LEFT JOIN people USING (person_id) WHERE letter_id = $1 ORDER BY at, id
"""
# In their order of arrival, so that what is sent again keeps it.
HOLD = """
SELECT * FROM dead_letters WHERE letter_id = ANY($1::text[]) AND state = 'waiting'
ORDER BY recorded_at, partition, first_offset FOR UPDATE
"""
SETTLE = """
UPDATE dead_letters SET state = $2, settled_at = $3, settled_by = $4, reason = $5 WHERE letter_id = ANY($1::text[])
"""
NOTE = """
INSERT INTO dead_letter_acts (at, letter_id, person_id, act, reason)
SELECT $1, letter_id, $3, $4, $5 FROM unnest($2::text[]) AS letter_id
"""
FORGET = "DELETE FROM dead_letters WHERE state IN ('replayed', 'discarded') AND settled_at < $1"
IS_HERE = "SELECT letter_id FROM dead_letters WHERE letter_id = $1"
KEPT_SETTLED = timedelta(days=90)  # as long as the topic itself keeps them
MOST_AT_ONCE = 500
LOST_KEY = "it rests sealed under a key that CARE_NOTIFICATIONS_SECRETS_KEYS lacks"


@dataclass(frozen=True, slots=True)
class Pile:
    """Letters that wait for the same reason."""

    cause: Cause
    letters: int
    oldest: datetime
    newest: datetime


@dataclass(frozen=True, slots=True)
class Shelved:
    """A letter on the shelf, and how it stands; `reason` is what whoever settled it wrote."""

    id: str
    letter: Letter
    state: LetterState
    settled_at: datetime | None
    settled_by: str
    reason: str
    sent: tuple[int, int] | None = None  # partition and offset
    is_sealed: bool = False  # under a key that we do not have any more

    @property
    def why_not_again(self) -> str:
        """Why it cannot be sent again; empty when it can."""
        return LOST_KEY if self.is_sealed else why_not_again(self.letter.cause.topic, self.letter.content)


@dataclass(frozen=True, slots=True)
class Act:
    """One thing somebody did with a letter."""

    at: datetime
    act: LetterAct
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Doer:
    """Who does something with letters now, and why."""

    person: PersonId
    at: datetime
    reason: str = ""


class PostgresDeadLetters:
    """The shelf, for people. What is decided here leaves by `letter_sender.py`: no page waits for Kafka."""

    def __init__(self, pool: asyncpg.Pool, sealer: Sealer, ring: Ring) -> None:
        """`ring` is called after each commit that sends something."""
        self._pool = pool
        self._sealer = sealer
        self._ring = ring

    async def piles(self) -> list[Pile]:
        """What waits, by topic and cause, the most frequent first."""
        async with statement(self._pool) as connection:
            rows = await connection.fetch(PILES)
        return [Pile(_cause(row), row["letters"], row["oldest"], row["newest"]) for row in rows]

    async def pile(self, wanted: str) -> tuple[Cause, list[Shelved]]:
        """The letters that wait for this cause, the oldest first. Raises NotFoundError when none does any more."""
        cause = next((one.cause for one in await self.piles() if one.cause.id == wanted), None)
        if cause is None:
            raise NotFoundError("no letter waits for a cause of that id")
        asked = (cause.topic, cause.error, cause.field, cause.problem, MOST_AT_ONCE)
        async with statement(self._pool) as connection:
            return cause, [self._shelved(row) for row in await connection.fetch(OF_CAUSE, *asked)]

    async def settled(self, most: int) -> list[Shelved]:
        """What was settled last."""
        async with statement(self._pool) as connection:
            return [self._shelved(row) for row in await connection.fetch(SETTLED, most)]

    async def one(self, wanted: str) -> tuple[Shelved, list[Act]]:
        """A letter and everything done with it. Raises NotFoundError."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(ONE, wanted)
            acts = await connection.fetch(ACTS, wanted)
        if row is None:
            raise NotFoundError("no letter of that id lies here")
        return self._shelved(row), [Act(one["at"], LetterAct(one["act"]), one["name"], one["reason"]) for one in acts]

    async def came_back(self, sent: Shelved) -> str:
        """The letter that became of one that was sent again; empty when none did, or not yet."""
        if sent.sent is None:
            return ""
        again = letter_id(Place(sent.letter.cause.topic, *sent.sent))
        async with statement(self._pool) as connection:
            return await connection.fetchval(IS_HERE, again) or ""

    async def note(self, letters: Sequence[str], act: LetterAct, doer: Doer) -> None:
        """Write down who reads or takes away these letters; without this row nothing is shown."""
        async with transaction(self._pool) as connection:
            await _note(connection, letters, act, doer)

    async def replay(self, letters: Sequence[str], doer: Doer) -> int:
        """Put on their way those that wait and can be read again, in the order they came. Returns how many."""
        async with transaction(self._pool) as connection:
            held = [self._shelved(row) for row in await connection.fetch(HOLD, list(letters))]
            ready = [one for one in held if not one.why_not_again]
            await _settle(connection, [one.id for one in ready], LetterState.LEAVING, doer)
            await _note(connection, [one.id for one in ready], LetterAct.REPLAYED, doer)
        self._ring()
        return len(ready)

    async def discard(self, letters: Sequence[str], doer: Doer) -> int:
        """Those that wait are over, for the reason given. Returns how many."""
        async with transaction(self._pool) as connection:
            ids = [row["letter_id"] for row in await connection.fetch(HOLD, list(letters))]
            await _settle(connection, ids, LetterState.DISCARDED, doer)
            await _note(connection, ids, LetterAct.DISCARDED, doer)
        return len(ids)

    async def sweep(self, now: datetime) -> None:
        """Forget what was settled long ago; who settled it stays written."""
        async with statement(self._pool) as connection:
            await connection.execute(FORGET, now - KEPT_SETTLED)

    def _shelved(self, row: asyncpg.Record) -> Shelved:
        value = self._opened(row)
        content = Content(row["key"], value or b"", headers_of(row["headers"]))
        letter = Letter(row["partition"], row["first_offset"], _cause(row), row["recorded_at"], content)
        return Shelved(
            row["letter_id"], letter, LetterState(row["state"]), row["settled_at"], row["settled_by"] or "",
            row["reason"], (row["sent_partition"], row["sent_offset"]) if row["sent_offset"] is not None else None,
            value is None,
        )  # fmt: skip

    def _opened(self, row: asyncpg.Record) -> bytes | None:
        try:
            return base64.b64decode(self._sealer.open(row["value"], about_letter(row["letter_id"])))
        except ConfigurationError:
            return None


async def _settle(connection: Connection, ids: Sequence[str], state: LetterState, doer: Doer) -> None:
    await connection.execute(SETTLE, list(ids), state, doer.at, doer.person, doer.reason)


async def _note(connection: Connection, ids: Sequence[str], act: LetterAct, doer: Doer) -> None:
    await connection.execute(NOTE, doer.at, list(ids), doer.person, act, doer.reason)


def about_letter(letter: str) -> str:
    """What the seal of a letter is bound to."""
    return f"dead-letter:{letter}"


def _cause(row: asyncpg.Record) -> Cause:
    return Cause(row["topic"], row["error"], row["field"], row["problem"])


def headers_of(text: str | None) -> tuple[tuple[str, bytes], ...] | None:
    """The headers of a kept letter; None where nobody kept them."""
    return None if text is None else tuple((name, base64.b64decode(value)) for name, value in json.loads(text))
