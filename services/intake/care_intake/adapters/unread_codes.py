"""Which local codes of a source nothing explains, asked of its stored messages under today's agreement."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from care_intake.adapters.retranslation import Range
from care_intake.adapters.sources import Sources
from care_intake.core.code_spots import UnreadCode
from care_intake.core.formats import Format, RawMessage
from care_intake.core.unread_codes import codes_of
from care_shared.errors import ConfigurationError
from care_shared.runtime.postgres import Connection

# The newest first: whoever asks for the last thousand messages wants to know what comes now.
STORED = """
SELECT receipt_id, format, resource, raw, received_at FROM receipts
WHERE source = $1 AND received_at >= $2 AND received_at < $3 AND verdict IN ('accepted', 'held', 'ignored')
ORDER BY received_at DESC LIMIT $4
"""
BATCH = 20


@dataclass(frozen=True, slots=True)
class AskedCode:
    """A code, in how many messages it stood, and the last of them."""

    code: UnreadCode
    messages: int
    last_at: datetime
    last_receipt_id: str


@dataclass(frozen=True, slots=True)
class Codes:
    """What is asked for, the most frequent first, and the entries of the agreement that no message needed."""

    asked: list[AskedCode]
    unused: list[tuple[str, str]]
    messages: int


async def codes_of_source(pool: asyncpg.Pool, sources: Sources, wanted: Range, most: int) -> Codes:
    """Reads at most so many messages, the newest. Raises ConfigurationError for an unknown source."""
    feed = sources.by_name(wanted.source)
    if feed is None:
        raise ConfigurationError(f"the sources file does not name {wanted.source}")
    counts: Counter[UnreadCode] = Counter()
    unused = {(kind, code) for kind, entries in feed.mappings.items() for code in entries}
    messages = 0
    last: dict[UnreadCode, tuple[datetime, str]] = {}
    async with pool.acquire() as connection, connection.transaction(readonly=True):
        async for row in _messages(connection, wanted, most):
            message = RawMessage(row["raw"], Format(row["format"]), row["received_at"], row["resource"])
            # A Bundle of thousands takes a while to read, and hospitals wait for their answers meanwhile.
            found = await asyncio.to_thread(codes_of, message, feed)
            messages += 1
            unused -= found.used
            for code in found.unread:
                counts[code] += 1
                last.setdefault(code, (row["received_at"], row["receipt_id"]))
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    asked = [AskedCode(code, count, *last[code]) for code, count in ordered]
    return Codes(asked, sorted(unused), messages)


async def _messages(connection: Connection, wanted: Range, most: int) -> AsyncIterator[asyncpg.Record]:
    async for row in connection.cursor(STORED, wanted.source, wanted.since, wanted.until, most, prefetch=BATCH):
        yield row
