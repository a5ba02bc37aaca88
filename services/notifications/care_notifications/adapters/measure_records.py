"""Facts from `care.events.v1` are kept for the measures, each under the record it was told of."""

from collections.abc import Sequence
from typing import cast

import asyncpg
from pydantic import TypeAdapter

from care_notifications.adapters.facts import FactListener
from care_notifications.core.measures.book import Book
from care_notifications.core.measures.joining import LINKS, LinkFact, link_of
from care_notifications.core.measures.listen import HEARD, note
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.runtime.clock import Clock
from care_shared.runtime.postgres import Connection

LOAD = "SELECT patient_id, body FROM measure_records WHERE patient_id = ANY($1::text[]) ORDER BY 1 FOR UPDATE"
SAVE = """
INSERT INTO measure_records (patient_id, body, count_at) VALUES ($1, $2, $3)
ON CONFLICT (patient_id) DO UPDATE SET body = $2, count_at = $3, news = measure_records.news + 1
"""
# Both the record and whoever answered for it until now are counted anew; an older revision changes nothing.
LINK = """
INSERT INTO measure_records (patient_id, survivor, link_revision, count_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (patient_id) DO UPDATE SET survivor = $2, link_revision = $3, count_at = $4,
    news = measure_records.news + 1
WHERE measure_records.link_revision < $3 OR (measure_records.link_revision = $3 AND $3 = 0)
RETURNING true
"""
FORMER = "SELECT survivor FROM measure_records WHERE patient_id = $1"
TOUCH = """
INSERT INTO measure_records (patient_id, count_at) VALUES ($1, $2)
ON CONFLICT (patient_id) DO UPDATE SET count_at = $2, news = measure_records.news + 1
"""
BOOK: TypeAdapter[Book] = TypeAdapter(Book)


class MeasureRecords(FactListener):
    """What the measures know, record by record."""

    def __init__(self, pool: asyncpg.Pool, clock: Clock) -> None:
        super().__init__(pool, (*HEARD, *LINKS), "measures")
        self._clock = clock

    async def fold(self, connection: Connection, events: Sequence[AnyCareEvent]) -> None:
        """Keep what these facts say; who is concerned is counted soon."""
        now = self._clock()
        spoken_of = {_record(event) for event in events if isinstance(event, HEARD)}
        rows = await connection.fetch(LOAD, sorted(spoken_of))
        books = {row["patient_id"]: BOOK.validate_json(row["body"]) for row in rows}
        for event in events:
            if isinstance(event, LINKS):
                await self._link(connection, cast("LinkFact", event))
            else:
                note(books.setdefault(_record(event), Book()), event)
        for book in books.values():
            book.forget(now)
        await connection.executemany(SAVE, [(name, dump(books[name]), now) for name in sorted(books)])

    async def _link(self, connection: Connection, event: LinkFact) -> None:
        link, now = link_of(event), self._clock()
        former = await connection.fetchval(FORMER, link.record)
        if await connection.fetchval(LINK, link.record, link.survivor, link.revision, now):
            for other in sorted({one for one in (former, link.survivor) if one is not None}):
                await connection.execute(TOUCH, other, now)


def dump(book: Book) -> str:
    """The book as it is stored."""
    return BOOK.dump_json(book, exclude_defaults=True).decode()


def _record(event: AnyCareEvent) -> str:
    """The record whose number the source named: what is told of an absorbed one stays its own."""
    return event.recorded_under or event.patient_id
