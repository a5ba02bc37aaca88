"""Acts that may be taken back for ten seconds are held in the database: judged at once, done when their time comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
from pydantic_core import from_json, to_json

from care_notifications.adapters.postgres import NOTE_CHANGE, Ring, record_of, statement, transaction
from care_notifications.adapters.postgres_acts import PostgresActs, locked, log_within
from care_notifications.core.acts import Action, Answer, Ask, Done, Refused, Reused, Since, Stale
from care_notifications.core.holding import HELD_FOR, Contact, codes_of, kind_of, note_of, read_back
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import GapId, PersonId

KNOWN = """
SELECT gap_id, done_by FROM held_acts WHERE act_id = $1 UNION ALL SELECT gap_id, done_by FROM acts WHERE act_id = $1
"""
IN_THE_WAY = """
SELECT act_id, kind, held_at, done_by, display_name FROM held_acts JOIN people ON person_id = done_by
WHERE gap_id = $1 AND ended_at IS NULL
"""
HOLD = """
INSERT INTO held_acts (act_id, gap_id, done_by, kind, codes, note, seen_version, held_at, due_at)
VALUES ($1, $2, $3, $4, $5::text::jsonb, $6, $7, $8, $9)
"""
UNDO = """
UPDATE held_acts SET ended_at = $3, ended_as = 'undone' WHERE act_id = $1 AND done_by = $2 AND ended_at IS NULL
RETURNING gap_id
"""
DUE = "SELECT act_id, gap_id FROM held_acts WHERE ended_at IS NULL AND due_at <= $1 ORDER BY due_at, act_id LIMIT 100"
TAKE = "UPDATE held_acts SET ended_at = $2, ended_as = 'done' WHERE act_id = $1 AND ended_at IS NULL RETURNING *"
REFUSED = "UPDATE held_acts SET ended_as = $2 WHERE act_id = $1"
# What a person may still take back, and what came to nothing lately: both are shown to them.
OF_PERSON = """
SELECT act_id, gap_id, held_acts.kind, due_at, ended_as, body
FROM held_acts JOIN alerts USING (gap_id)
WHERE done_by = $1 AND due_at > $2 AND (ended_at IS NULL OR ended_as NOT IN ('done', 'undone'))
ORDER BY due_at DESC LIMIT 20
"""

SHOWN_FOR = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Held:
    """What is asked of one alert, by whom, under which name, and what they saw."""

    act_id: str
    gap_id: GapId
    what: Action | Contact
    by: PersonId
    seen_version: int


class PostgresHeld:
    """Keeps what may be taken back."""

    def __init__(self, pool: asyncpg.Pool, acts: PostgresActs, ring: Ring) -> None:
        self._pool = pool
        self._acts = acts
        self._ring = ring

    async def hold(self, held: Held, now: datetime) -> Answer:
        """Judge it now, do it later. Two at once: the second is told of the first. Raises NotFoundError."""
        async with transaction(self._pool) as connection:
            row = await locked(connection, held.gap_id)
            known = await connection.fetchrow(KNOWN, held.act_id)
            if known is not None:
                same = tuple(known) == (held.gap_id, held.by)
                return Done(record_of(row), repeated=True) if same else Reused(record_of(row))
            answer = await self._judged(connection, row, held, now)
            if isinstance(answer, Done):
                await connection.execute(
                    HOLD, held.act_id, held.gap_id, held.by, kind_of(held.what),
                    to_json(codes_of(held.what)).decode(), note_of(held.what), held.seen_version, now, now + HELD_FOR,
                )  # fmt: skip
                await connection.execute(NOTE_CHANGE, held.gap_id, now)
        self._ring()
        return answer

    async def undo(self, act_id: str, person: PersonId, now: datetime) -> GapId | None:
        """The alert that it would have changed; None when it is too late, or was not this person's."""
        async with transaction(self._pool) as connection:
            gap_id = await connection.fetchval(UNDO, act_id, person, now)
            if gap_id is not None:
                await connection.execute(NOTE_CHANGE, gap_id, now)
        self._ring()
        return GapId(gap_id) if gap_id is not None else None

    async def of(self, person: PersonId, now: datetime) -> Sequence[asyncpg.Record]:
        """What this person may still take back, and what came to nothing lately."""
        async with statement(self._pool) as connection:
            return await connection.fetch(OF_PERSON, person, now - SHOWN_FOR)

    async def release_due(self, now: datetime) -> int:
        """Do what nobody took back. Returns how many acts ended, whichever way."""
        async with statement(self._pool) as connection:
            due = await connection.fetch(DUE, now)
        for row in due:
            async with transaction(self._pool) as connection:
                await self._release(connection, GapId(row["gap_id"]), row["act_id"], now)
        if due:
            self._ring()
        return len(due)

    async def _judged(self, connection: Connection, row: asyncpg.Record, held: Held, now: datetime) -> Answer:
        other = await connection.fetchrow(IN_THE_WAY, held.gap_id)
        if other is not None and other["done_by"] != held.by:
            since = Since(held.seen_version, other["kind"], other["held_at"], other["display_name"])
            return Stale(record_of(row), (since,))
        if isinstance(held.what, Contact):
            answer: Answer = Done(record_of(row))
        else:
            answer = await self._acts.judge(
                connection, row, Ask(held.gap_id, held.what, held.by, held.act_id, held.seen_version), now
            )
        # Whoever goes on with the same alert meant what they did before.
        if other is not None and isinstance(answer, Done):
            await self._release(connection, held.gap_id, other["act_id"], now)
        return answer

    async def _release(self, connection: Connection, gap_id: GapId, act_id: str, now: datetime) -> None:
        """The alert first, then the act, as everywhere: nobody waits for one another."""
        await locked(connection, gap_id)
        row = await connection.fetchrow(TAKE, act_id, now)
        if row is None:
            return
        person = PersonId(row["done_by"])
        what = read_back(act_id, row["kind"], from_json(row["codes"]), row["note"])
        if isinstance(what, Contact):
            await log_within(connection, gap_id, what, person, row["held_at"])
            return
        answer = await self._acts.act_within(connection, Ask(gap_id, what, person, act_id), now)
        if not isinstance(answer, Done):
            code = answer.refusal.value if isinstance(answer, Refused) else "somebody-else"
            await connection.execute(REFUSED, act_id, code)
            await connection.execute(NOTE_CHANGE, gap_id, now)
