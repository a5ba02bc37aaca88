"""Feeds on their way to being agreed, and how their first messages fared; no message is kept."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import asyncpg
from pydantic import TypeAdapter

from care_notifications.adapters.postgres import statement
from care_notifications.core.feed_drafts import Draft, Tried
from care_shared.errors import NotFoundError
from care_shared.runtime.clock import random_id
from care_shared.vocabulary import PersonId

BEGIN = "INSERT INTO feed_drafts (draft_id, body, begun_by, begun_at, changed_at) VALUES ($1, $2, $3, $4, $4)"
CHANGE = "UPDATE feed_drafts SET body = $2, changed_at = $3 WHERE draft_id = $1"
DROP = "DELETE FROM feed_drafts WHERE draft_id = $1"
ONE = "SELECT body FROM feed_drafts WHERE draft_id = $1"
ALL = """
SELECT draft_id, body, changed_at, coalesce(people.display_name, begun_by) AS name
FROM feed_drafts LEFT JOIN people ON people.person_id = begun_by ORDER BY changed_at DESC LIMIT 100
"""
NOTE = """
INSERT INTO feed_trials (draft_id, kind, verdict, facts, problems, tried_by, tried_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
TRIALS = """
SELECT kind, verdict, facts, problems, tried_at FROM feed_trials WHERE draft_id = $1 ORDER BY id DESC LIMIT 200
"""
DRAFT: TypeAdapter[Draft] = TypeAdapter(Draft)


@dataclass(frozen=True, slots=True)
class Begun:
    """A draft in the list."""

    id: str
    draft: Draft
    changed_at: datetime
    begun_by: str


@dataclass(frozen=True, slots=True)
class PastTrial:
    """A message that was tried; `problems` are places and reasons, never values."""

    kind: str
    verdict: str
    facts: int
    problems: Sequence[str]
    tried_at: datetime

    @property
    def tried(self) -> Tried:
        """As the list before going live counts it."""
        return Tried(self.kind, self.verdict)


class PostgresFeedDrafts:
    """The drafts of this installation."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def begin(self, draft: Draft, person: PersonId, now: datetime) -> str:
        """A new one; what it is called."""
        name = random_id()
        async with statement(self._pool) as connection:
            await connection.execute(BEGIN, name, _body(draft), person, now)
        return name

    async def change(self, draft_id: str, draft: Draft, now: datetime) -> None:
        """What is written down now."""
        async with statement(self._pool) as connection:
            await connection.execute(CHANGE, draft_id, _body(draft), now)

    async def drop(self, draft_id: str) -> None:
        """It, and how its messages fared, are forgotten."""
        async with statement(self._pool) as connection:
            await connection.execute(DROP, draft_id)

    async def one(self, draft_id: str) -> Draft:
        """What is written down. Raises NotFoundError."""
        async with statement(self._pool) as connection:
            body = await connection.fetchval(ONE, draft_id)
        if body is None:
            raise NotFoundError("no feed of that id is on its way")
        return DRAFT.validate_json(body)

    async def all(self) -> list[Begun]:
        """The last changed first."""
        async with statement(self._pool) as connection:
            rows = await connection.fetch(ALL)
        return [
            Begun(row["draft_id"], DRAFT.validate_json(row["body"]), row["changed_at"], row["name"]) for row in rows
        ]

    async def note(self, draft_id: str, trial: PastTrial, person: PersonId) -> None:
        """A message was tried."""
        async with statement(self._pool) as connection:
            await connection.execute(
                NOTE, draft_id, trial.kind, trial.verdict, trial.facts, json.dumps(list(trial.problems)), person,
                trial.tried_at,
            )  # fmt: skip

    async def trials(self, draft_id: str) -> list[PastTrial]:
        """The newest first."""
        async with statement(self._pool) as connection:
            rows = await connection.fetch(TRIALS, draft_id)
        return [
            PastTrial(row["kind"], row["verdict"], row["facts"], json.loads(row["problems"]), row["tried_at"])
            for row in rows
        ]


def _body(draft: Draft) -> str:
    return json.dumps(asdict(draft))
