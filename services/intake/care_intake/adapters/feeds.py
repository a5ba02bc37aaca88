"""Each agreed feed at a glance, counted from the receipts by its index: no counter of its own can be wrong."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

import asyncpg

from care_intake.adapters.retranslation import Range
from care_intake.adapters.sources import Sources
from care_intake.adapters.unread_codes import codes_of_source
from care_intake.core.feed_health import FeedHealth
from care_shared.vocabulary import SourceId

WEEKS = 4
HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)

SPAN = "SELECT min(received_at) AS first, max(received_at) AS last FROM receipts WHERE source = $1"
COUNTS = """
SELECT count(*) AS messages,
    count(*) FILTER (WHERE verdict IN ('quarantined', 'rejected', 'conflict')) AS refused,
    count(*) FILTER (WHERE received_at > $2::timestamptz - interval '1 hour') AS last_hour
FROM receipts WHERE source = $1 AND received_at > $2::timestamptz - interval '1 day' AND received_at <= $2
"""
LAST_GOOD = """
SELECT max(received_at) FROM receipts
WHERE source = $1 AND verdict = 'accepted' AND received_at > $2 AND received_at <= $3
"""
SILENT = "SELECT is_silent FROM feed_watch WHERE source = $1"
# From the commit to Kafka's word that it has the fact, of the newest messages; and what still waits for that word.
PUBLICATION = """
SELECT max(extract(epoch FROM coalesce(outbox.published_at, $2::timestamptz) - outbox.created_at))::float8 AS seconds,
    count(outbox.id) FILTER (WHERE outbox.published_at IS NULL) AS waiting
FROM (
    SELECT receipt_id FROM receipts WHERE source = $1 AND received_at > $2::timestamptz - interval '1 day'
    ORDER BY received_at DESC LIMIT 500
) AS newest JOIN receipt_facts USING (receipt_id) JOIN outbox USING (event_id)
"""
NEWEST_MESSAGES = 200  # of whose codes a look asks
SILENCE_KNOWN_FOR = timedelta(days=90)
# The same hour, one to four weeks ago.
EARLIER = """
SELECT hours.ends_at, count(receipts.receipt_id) AS messages FROM unnest($2::timestamptz[]) AS hours (ends_at)
LEFT JOIN receipts ON receipts.source = $1 AND receipts.received_at > hours.ends_at - interval '1 hour'
    AND receipts.received_at <= hours.ends_at
GROUP BY hours.ends_at ORDER BY hours.ends_at
"""


CountCodes = Callable[[SourceId, datetime], Awaitable[int]]


async def feeds(
    pool: asyncpg.Pool, sources: Sources, now: datetime, count: CountCodes | None = None
) -> list[FeedHealth]:
    """Every source of the sources file, also one that never sent anything; `count` knows its unread codes."""
    counting = count or partial(unread_codes, pool, sources)
    return [await _feed(pool, sources, source, now, await counting(source, now)) for source in sources.names]


async def unread_codes(pool: asyncpg.Pool, sources: Sources, source: SourceId, now: datetime) -> int:
    """How many codes of a source's newest messages nothing explains. Reads those messages again."""
    wanted = Range(source, now - timedelta(days=1), now)
    return len((await codes_of_source(pool, sources, wanted, NEWEST_MESSAGES)).asked)


async def _feed(pool: asyncpg.Pool, sources: Sources, source: SourceId, now: datetime, codes: int) -> FeedHealth:
    [span] = await pool.fetch(SPAN, source)
    [counts] = await pool.fetch(COUNTS, source, now)
    first: datetime = span["first"] or now
    ends = [now - WEEK * back for back in range(1, WEEKS + 1) if first <= now - WEEK * back - HOUR]
    earlier = await pool.fetch(EARLIER, source, ends) if ends else []
    [told] = await pool.fetch(PUBLICATION, source, now)
    return FeedHealth(
        source, span["last"], counts["messages"], counts["refused"], counts["last_hour"],
        [row["messages"] for row in earlier],
        last_good_at=await pool.fetchval(LAST_GOOD, source, now - SILENCE_KNOWN_FOR, span["last"] or now),
        is_silent=await _silence(pool, sources, source),
        unread_codes=codes, publication_seconds=told["seconds"], waiting_facts=told["waiting"],
    )  # fmt: skip


async def _silence(pool: asyncpg.Pool, sources: Sources, source: SourceId) -> bool | None:
    """Whether its silence was noticed; None when nobody watches it."""
    if source not in sources.silent_after:
        return None
    return bool(await pool.fetchval(SILENT, source))
