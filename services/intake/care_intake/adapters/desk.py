"""What was set aside and how each feed is doing, read from the receipts; reading a patient's values is written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from care_intake.core.effects import Verdict
from care_intake.core.formats import Format
from care_intake.core.masking import masked
from care_intake.core.replays import SET_ASIDE, cause_id
from care_shared.errors import NotFoundError
from care_shared.runtime.clock import Clock

CAUSES = """
SELECT source, verdict, field, problem, count(*) AS messages, min(received_at) AS oldest, max(received_at) AS newest
FROM receipts WHERE verdict = ANY($1::text[]) AND ($2 = '' OR source = $2) AND mended_by = ''
GROUP BY source, verdict, field, problem ORDER BY messages DESC, source, verdict, field, problem
"""
CHOSEN = """
SELECT receipt_id, source, format, control_id, verdict, field, problem, received_at FROM receipts
WHERE verdict = ANY($1::text[]) AND ($2 = '' OR source = $2) AND received_at >= $3 AND received_at < $4
    AND ($5::text[] IS NULL OR (source, verdict, field, problem) = ($5[1], $5[2], $5[3], $5[4])) AND mended_by = ''
    AND ($7 = '' OR control_id = $7)
    AND ($8 = '' OR receipt_id IN (SELECT receipt_id FROM receipt_facts WHERE patient_id = $8))
ORDER BY received_at, kept_at, receipt_id LIMIT $6
"""
ONE = """
SELECT receipt_id, source, format, control_id, verdict, field, problem, received_at, raw FROM receipts
WHERE receipt_id = $1
"""
VIEWED = "INSERT INTO receipt_views (receipt_id, viewed_by, viewed_at) VALUES ($1, $2, $3)"

SET_ASIDE_VERDICTS = tuple(SET_ASIDE)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why messages of one source were set aside, and how many."""

    source: str
    verdict: Verdict
    field: str
    problem: str
    messages: int
    oldest: datetime
    newest: datetime

    @property
    def id(self) -> str:
        """What to call it on the command line."""
        return cause_id(self.source, self.verdict, self.field, self.problem)


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One stored message without its content."""

    receipt_id: str
    source: str
    format: Format
    control_id: str
    verdict: Verdict
    field: str
    problem: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Choice:
    """Which messages are meant: a time from, up to and without `until`, perhaps of one source or one cause, under one
    number of the sender's, or about one patient of ours."""

    since: datetime
    until: datetime
    source: str = ""
    cause: Cause | None = None
    verdicts: tuple[Verdict, ...] = SET_ASIDE_VERDICTS
    control_id: str = ""
    patient_id: str = ""


class Desk:
    """The interface team's desk."""

    def __init__(self, pool: asyncpg.Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    async def causes(self, source: str = "", verdicts: Sequence[Verdict] = SET_ASIDE_VERDICTS) -> list[Cause]:
        """What waits, grouped, the most frequent first."""
        rows = await self._pool.fetch(CAUSES, list(verdicts), source)
        return [
            Cause(row["source"], Verdict(row["verdict"]), row["field"], row["problem"], row["messages"],
                  row["oldest"], row["newest"])
            for row in rows
        ]  # fmt: skip

    async def cause(self, wanted: str, verdicts: Sequence[Verdict] = tuple(Verdict)) -> Cause:
        """The cause of that id. Raises NotFoundError when nothing waits for it any more."""
        found = next((one for one in await self.causes(verdicts=verdicts) if one.id == wanted), None)
        if found is None:
            raise NotFoundError("no message waits for a cause of that id")
        return found

    async def chosen(self, choice: Choice, most: int) -> list[StoredMessage]:
        """The messages meant, the oldest first, so that a replay keeps their order."""
        cause = choice.cause
        wanted = None if cause is None else [cause.source, str(cause.verdict), cause.field, cause.problem]
        verdicts = choice.verdicts if cause is None else (cause.verdict,)
        rows = await self._pool.fetch(
            CHOSEN, list(verdicts), choice.source, choice.since, choice.until, wanted, most, choice.control_id,
            choice.patient_id,
        )  # fmt: skip
        return [stored(row) for row in rows]

    async def shown(self, receipt_id: str) -> tuple[StoredMessage, str]:
        """A message and its structure, every value replaced."""
        row = await self._row(receipt_id)
        kept = stored(row)
        return kept, masked(row["raw"], kept.format)

    async def unmasked(self, receipt_id: str, reader: str) -> bytes:
        """The message as it came. Written down first: nobody reads a patient's values without leaving a name."""
        row = await self._row(receipt_id)
        await self._pool.execute(VIEWED, receipt_id, reader, self._clock())
        return bytes(row["raw"])

    async def _row(self, receipt_id: str) -> asyncpg.Record:
        row = await self._pool.fetchrow(ONE, receipt_id)
        if row is None:
            raise NotFoundError("no message of that receipt is kept here")
        return row


def stored(row: asyncpg.Record) -> StoredMessage:
    """A row of receipts without its content."""
    return StoredMessage(
        row["receipt_id"], row["source"], Format(row["format"]), row["control_id"], Verdict(row["verdict"]),
        row["field"], row["problem"], row["received_at"],
    )  # fmt: skip
