"""Whoever has news, or whose deadline passed, is counted anew: all cases of one person are replaced at once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from care_notifications.adapters.measure_records import BOOK
from care_notifications.adapters.postgres import transaction
from care_notifications.core.measures.counting import Tally, tally
from care_shared.runtime.postgres import Connection

# One at a time in the whole installation: two would meet at the records of one person.
MY_TURN = "SELECT pg_try_advisory_xact_lock(hashtext('notifications.measures'))"
DUE = "SELECT patient_id FROM measure_records WHERE count_at <= $1 ORDER BY count_at LIMIT $2"
# Up to whoever answers for a record, and down to all records that person has. A circle would be a mistake of intake.
PERSONS = """
WITH RECURSIVE up AS (
    SELECT patient_id AS start, patient_id, survivor, 0 AS steps FROM measure_records WHERE patient_id = ANY($1)
    UNION ALL
    SELECT up.start, above.patient_id, above.survivor, steps + 1
    FROM up JOIN measure_records AS above ON above.patient_id = up.survivor WHERE steps < 20
), tops AS (
    SELECT DISTINCT ON (start) patient_id AS person FROM up ORDER BY start, steps DESC
), down AS (
    SELECT DISTINCT person, person AS patient_id, 0 AS steps FROM tops
    UNION ALL
    SELECT down.person, below.patient_id, steps + 1
    FROM down JOIN measure_records AS below ON below.survivor = down.patient_id WHERE steps < 20
)
SELECT DISTINCT ON (patient_id) person, patient_id, body, news
FROM down JOIN measure_records USING (patient_id) ORDER BY patient_id, steps
"""
CLEAR_CASES = "DELETE FROM measure_cases WHERE patient_id = ANY($1)"
CLEAR_SPANS = "DELETE FROM measure_spans WHERE patient_id = ANY($1)"
# News that came meanwhile stays due.
COUNTED = "UPDATE measure_records SET count_at = $3 WHERE patient_id = $1 AND news = $2"
BEHIND = """
SELECT (SELECT count(*) FROM (SELECT FROM measure_records WHERE count_at <= $1 LIMIT 1000) AS waiting) AS waiting,
    (SELECT min(count_at) FROM measure_records WHERE count_at <= $1) AS since
"""
CASE_COLUMNS = (
    "patient_id", "measure", "case_id", "index_on", "part", "whole", "is_late", "is_open", "organization", "language",
    "is_dual",
)  # fmt: skip
SPAN_COLUMNS = ("patient_id", "starts_on", "ends_on")
BATCH = 200


@dataclass(frozen=True, slots=True)
class Behind:
    """How many records wait to be counted, up to a thousand, and since when the oldest does."""

    waiting: int
    since: datetime | None


class MeasureCounts:
    """Counts."""

    def __init__(self, pool: asyncpg.Pool, default_zone: str) -> None:
        self._pool = pool
        self._zone = default_zone

    async def count_due(self, now: datetime) -> int:
        """Count some of those that are due. Returns how many records that were."""
        async with transaction(self._pool) as connection:
            if not await connection.fetchval(MY_TURN):
                return 0
            due = [row["patient_id"] for row in await connection.fetch(DUE, now, BATCH)]
            if due:
                await self._count(connection, due, now)
            return len(due)

    async def behind(self, now: datetime) -> Behind:
        """How far the figures are behind what is known."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(BEHIND, now)
        assert row is not None
        return Behind(row["waiting"], row["since"])

    async def _count(self, connection: Connection, due: Sequence[str], now: datetime) -> None:
        persons: dict[str, list[asyncpg.Record]] = defaultdict(list)
        for row in await connection.fetch(PERSONS, due):
            persons[row["person"]].append(row)
        records = [row["patient_id"] for rows in persons.values() for row in rows]
        await connection.execute(CLEAR_CASES, records)
        await connection.execute(CLEAR_SPANS, records)
        cases: list[tuple[object, ...]] = []
        spans: list[tuple[object, ...]] = []
        for person, rows in persons.items():
            found = tally([BOOK.validate_json(row["body"]) for row in rows], now, self._zone)
            cases += _case_rows(person, found)
            spans += [(person, *span) for span in found.spans]
            await connection.executemany(
                COUNTED, [(row["patient_id"], row["news"], found.count_at) for row in rows]
            )  # fmt: skip
        await connection.copy_records_to_table("measure_cases", records=cases, columns=CASE_COLUMNS)
        await connection.copy_records_to_table("measure_spans", records=spans, columns=SPAN_COLUMNS)


def _case_rows(person: str, found: Tally) -> list[tuple[object, ...]]:
    return [
        (
            person, one.case.measure, one.case.name, one.case.index_on, one.case.part, one.case.whole, one.case.late,
            one.case.open_until is not None, one.organization, one.language, one.dual,
        )
        for one in found.cases
    ]  # fmt: skip
