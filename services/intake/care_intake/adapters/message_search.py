"""Finds stored messages the way an interface analyst asks: by any number or id, by feed, verdict, cause and time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from care_intake.adapters.desk import Cause, StoredMessage, stored
from care_intake.core.effects import Verdict

# By receipt, by the sender's number or the Bundle's id, by one of its facts, or by the patient they are about.
NAMED = """
WITH named AS (
    SELECT receipt_id FROM receipts WHERE receipt_id = $1
    UNION SELECT receipt_id FROM receipts WHERE control_id = $1 AND control_id <> ''
    UNION SELECT receipt_id FROM receipt_facts WHERE event_id = $1
    UNION SELECT receipt_id FROM receipt_facts WHERE patient_id = $1
)
SELECT receipt_id, source, format, control_id, verdict, field, problem, received_at
FROM receipts JOIN named USING (receipt_id)
WHERE ($2 = '' OR source = $2) AND verdict = ANY($3::text[]) AND received_at >= $4 AND received_at < $5
    AND ($6::timestamptz IS NULL OR (received_at, receipt_id) < ($6, $7))
ORDER BY received_at DESC, receipt_id DESC LIMIT $8
"""
# The index is by source and time: each source gives its newest, found by leaping from source to source in the index,
# and the newest of those are the answer. However many messages there are, few of them are read.
LATEST = """
WITH RECURSIVE leap AS (
    (SELECT source FROM receipts WHERE $1 = '' OR source = $1 ORDER BY source LIMIT 1)
    UNION ALL
    SELECT (SELECT receipts.source FROM receipts WHERE receipts.source > leap.source ORDER BY receipts.source LIMIT 1)
    FROM leap WHERE leap.source IS NOT NULL AND $1 = ''
)
SELECT found.* FROM leap, LATERAL (
    SELECT receipt_id, source, format, control_id, verdict, field, problem, received_at FROM receipts
    WHERE receipts.source = leap.source AND verdict = ANY($2::text[]) AND received_at >= $3 AND received_at < $4
        AND ($5::timestamptz IS NULL OR (received_at, receipt_id) < ($5, $6))
        AND ($7::text[] IS NULL OR (verdict, field, problem, mended_by) = ($7[1], $7[2], $7[3], ''))
    ORDER BY received_at DESC, receipt_id DESC LIMIT $8
) AS found
WHERE leap.source IS NOT NULL ORDER BY found.received_at DESC, found.receipt_id DESC LIMIT $8
"""
PLACE = "SELECT received_at FROM receipts WHERE receipt_id = $1"
# The oldest first, so that a replay keeps their order; after the last one that was replayed.
OF_CAUSE = """
SELECT receipt_id FROM receipts
WHERE (source, verdict, field, problem) = ($1, $2, $3, $4) AND mended_by = '' AND received_at >= $5 AND received_at < $6
    AND ($7 = '' OR (received_at, kept_at, receipt_id)
        > (SELECT received_at, kept_at, receipt_id FROM receipts WHERE receipt_id = $7))
ORDER BY received_at, kept_at, receipt_id LIMIT $8
"""


@dataclass(frozen=True, slots=True)
class Period:
    """From, and up to and without."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for; what is empty narrows nothing. `after` is the last message of the page before."""

    period: Period
    named: str = ""
    source: str = ""
    verdicts: tuple[Verdict, ...] = tuple(Verdict)
    cause: Cause | None = None
    after: str = ""


class MessageSearch:
    """Reads receipts; no content leaves here."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def page(self, search: Search, most: int) -> Sequence[StoredMessage]:
        """The newest first."""
        at = await self._pool.fetchval(PLACE, search.after) if search.after else None
        period, verdicts = search.period, list(search.verdicts)
        if search.named:
            rows = await self._pool.fetch(
                NAMED, search.named, search.source, verdicts, period.since, period.until, at, search.after, most
            )
        else:
            cause = search.cause
            source = search.source if cause is None else cause.source
            wanted = None if cause is None else [str(cause.verdict), cause.field, cause.problem]
            rows = await self._pool.fetch(
                LATEST, source, verdicts, period.since, period.until, at, search.after, wanted, most
            )
        return [stored(row) for row in rows]

    async def of_cause(self, cause: Cause, period: Period, after: str, most: int) -> list[str]:
        """Receipts of one cause, the oldest first."""
        rows = await self._pool.fetch(
            OF_CAUSE, cause.source, cause.verdict, cause.field, cause.problem, period.since, period.until, after, most
        )
        return [row["receipt_id"] for row in rows]
