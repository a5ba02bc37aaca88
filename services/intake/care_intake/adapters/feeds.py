"""Each agreed feed at a glance, counted from the receipts by its index: no counter of its own can be wrong."""

from datetime import datetime, timedelta

import asyncpg

from care_intake.adapters.sources import Sources
from care_intake.core.feed_health import FeedHealth

WEEKS = 4
HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)

SPAN = "SELECT min(received_at) AS first, max(received_at) AS last FROM receipts WHERE source = $1"
COUNTS = """
SELECT count(*) AS messages,
    count(*) FILTER (WHERE verdict IN ('quarantined', 'rejected', 'conflict')) AS refused,
    count(*) FILTER (WHERE received_at > $2::timestamptz - interval '1 hour') AS last_hour
FROM receipts WHERE source = $1 AND received_at > $2::timestamptz - interval '1 day' AND received_at <= $2
"""
# The same hour, one to four weeks ago.
EARLIER = """
SELECT hours.ends_at, count(receipts.receipt_id) AS messages FROM unnest($2::timestamptz[]) AS hours (ends_at)
LEFT JOIN receipts ON receipts.source = $1 AND receipts.received_at > hours.ends_at - interval '1 hour'
    AND receipts.received_at <= hours.ends_at
GROUP BY hours.ends_at ORDER BY hours.ends_at
"""


async def feeds(pool: asyncpg.Pool, sources: Sources, now: datetime) -> list[FeedHealth]:
    """Every source of the sources file, also one that never sent anything."""
    return [await _feed(pool, source, now) for source in sources.names]


async def _feed(pool: asyncpg.Pool, source: str, now: datetime) -> FeedHealth:
    [span] = await pool.fetch(SPAN, source)
    [counts] = await pool.fetch(COUNTS, source, now)
    first: datetime = span["first"] or now
    ends = [now - WEEK * back for back in range(1, WEEKS + 1) if first <= now - WEEK * back - HOUR]
    earlier = await pool.fetch(EARLIER, source, ends) if ends else []
    return FeedHealth(
        source, span["last"], counts["messages"], counts["refused"], counts["last_hour"],
        [row["messages"] for row in earlier],
    )  # fmt: skip
