"""What became of a fact here: when it was folded, which gaps it changed, who stayed silent, what was published."""

import asyncpg

from care_shared.runtime.trace import TraceStep

FOLDED = """
SELECT 'folded' AS what, committed_at AS at, partition::text, first_offset::text, next_offset::text
FROM batches WHERE partition = $1 AND first_offset <= $2 AND next_offset > $2
"""
# A gap's story, found by the gap, by one of its messages, or by the fact that caused one.
# `at` of the story is the patient's time; a way through machines is told in theirs, while the outbox remembers it.
GAP_CHANGES = """
SELECT 'gap ' || change AS what, coalesce(created_at, at) AS at, rule_id, episode, reason, revision::text, gap_id,
    event_id, caused_by
FROM timeline LEFT JOIN outbox USING (event_id)
WHERE kind = 'gap' AND (gap_id = $1 OR event_id = $1 OR caused_by = $1 OR patient_id = $1)
"""
SILENCES = """
SELECT CASE kind WHEN 'silence' THEN 'silent' ELSE 'shadow ' || change END AS what, at, rule_id, episode, reason
FROM timeline WHERE kind IN ('silence', 'shadow') AND patient_id = $1
"""
# What the rules said last about each episode: why they are silent, or what they told.
STANDING = """
SELECT DISTINCT ON (rule_id, episode)
    CASE kind WHEN 'silence' THEN 'silent' ELSE kind || ' ' || change END AS what, at, rule_id, episode, reason, gap_id
FROM timeline WHERE patient_id = $1 ORDER BY rule_id, episode, id DESC
"""
PUBLISHED = """
SELECT 'published' AS what, coalesce(published_at, created_at) AS at, event_id, topic,
    published_partition::text AS partition, published_offset::text AS offset
FROM outbox WHERE event_id = ANY($1::text[])
"""


async def trace(pool: asyncpg.Pool, wanted: str) -> list[TraceStep]:
    """All steps here that this id leads to, oldest first: a patient, a gap, an alert's or a fact's event id."""
    changes = await pool.fetch(GAP_CHANGES, wanted)
    silences = await pool.fetch(SILENCES, wanted)
    published = await pool.fetch(PUBLISHED, [row["event_id"] for row in changes])
    return sorted((_step(row) for row in (*changes, *silences, *published)), key=lambda step: step.at)


async def folded(pool: asyncpg.Pool, partition: int, offset: int) -> list[TraceStep]:
    """The transaction that folded the fact at that place of care.events.v1; empty when it is not remembered."""
    return [_step(row) for row in await pool.fetch(FOLDED, partition, offset)]


async def standing(pool: asyncpg.Pool, patient_id: str) -> list[TraceStep]:
    """How each episode of the patient stands now: open, closed, or silent and why."""
    return [_step(row) for row in await pool.fetch(STANDING, patient_id)]


def _step(row: asyncpg.Record) -> TraceStep:
    ids = {name: value for name, value in row.items() if name not in ("what", "at") and value}
    return TraceStep("scoring", row["what"], row["at"], ids)
