"""Which kinds of messages a source sent of late, and what became of them: proof that a feed does what was agreed."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from care_intake.core.formats import Format
from care_intake.core.kinds import kind_of

# The header of an HL7 message is enough to tell its kind; a resource is told by the door it came through.
NEWEST = """
SELECT format, verdict, resource, substring(raw FROM 1 FOR 1024) AS header, received_at FROM receipts
WHERE source = $1 AND received_at >= $2 ORDER BY received_at DESC LIMIT $3
"""
MOST_READ = 1_000


@dataclass(frozen=True, slots=True)
class Seen:
    """Messages of one kind with one verdict, and when the last of them came."""

    kind: str
    verdict: str
    messages: int
    last_at: datetime


async def seen_kinds(pool: asyncpg.Pool, source: str, since: datetime) -> list[Seen]:
    """The newest thousand since then, by kind and verdict."""
    counts = Counter[tuple[str, str]]()
    last: dict[tuple[str, str], datetime] = {}
    for row in await pool.fetch(NEWEST, source, since, MOST_READ):
        key = (_kind(row), row["verdict"])
        counts[key] += 1
        last.setdefault(key, row["received_at"])
    return [Seen(kind, verdict, count, last[kind, verdict]) for (kind, verdict), count in sorted(counts.items())]


def _kind(row: asyncpg.Record) -> str:
    form = Format(row["format"])
    if form is Format.FHIR:
        return f"FHIR {row['resource'].partition('/')[0] or 'Bundle'}"
    return kind_of(row["header"], form)
