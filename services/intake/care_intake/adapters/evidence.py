"""The receipts of a source's patient events in a period, streamed as a table."""

from collections.abc import AsyncIterator

import asyncpg

from care_intake.adapters.retranslation import Range
from care_intake.core.evidence import COLUMNS, line

# A message without a fact is a line as well: it was received, and the verdict says what became of it.
EVENTS = """
SELECT receipts.received_at, receipts.kept_at, receipts.source, receipts.format, receipts.control_id, receipts.verdict,
    receipts.receipt_id, receipt_facts.patient_id, receipt_facts.event_id, receipt_facts.event_type,
    outbox.published_at
FROM receipts LEFT JOIN receipt_facts USING (receipt_id)
LEFT JOIN outbox ON outbox.event_id = receipt_facts.event_id
WHERE receipts.source = $1 AND receipts.received_at >= $2 AND receipts.received_at < $3
ORDER BY receipts.received_at, receipts.receipt_id, receipt_facts.event_id
"""


async def evidence(pool: asyncpg.Pool, wanted: Range) -> AsyncIterator[str]:
    """The lines, heading first; a few at a time, from one snapshot."""
    yield line(COLUMNS)
    async with (
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        async for row in connection.cursor(EVENTS, wanted.source, wanted.since, wanted.until):
            yield line(tuple(row))
