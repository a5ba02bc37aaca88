"""What waits in a service's own tables, counted when somebody asks for its numbers."""

import asyncio
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import asyncpg
from prometheus_client import Gauge

from care_shared.runtime.postgres import TRANSIENT_ERRORS

WAITING = Gauge("care_outbox_waiting_messages", "Messages decided that Kafka has not confirmed")
OLDEST = Gauge("care_outbox_oldest_seconds", "How long the oldest of them has waited")
# Every service's outbox has these columns; the pool sees its own schema only.
OUTBOX = """
SELECT count(*), coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 FROM outbox WHERE published_at IS NULL
"""
ASK_SECONDS = 2.0
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Counted:
    """One question of one row, and the gauge of each of its columns."""

    question: str
    gauges: tuple[Gauge, ...]


@dataclass(frozen=True, slots=True)
class CountedByLabel:
    """A question whose rows are a label and a number, for labels we know; any other comes from outside: OTHER."""

    question: str
    gauge: Gauge
    known: tuple[str, ...]


Question = Counted | CountedByLabel
OUTBOX_BACKLOG = Counted(OUTBOX, (WAITING, OLDEST))


class Backlog:
    """The numbers of one service. PostgreSQL away: they are not known, and say so (NaN)."""

    def __init__(self, pool: asyncpg.Pool, *questions: Question, at_hand: Callable[[], None] = lambda: None) -> None:
        """`at_hand` sets gauges that need no database."""
        self._pool = pool
        self._questions = (OUTBOX_BACKLOG, *questions)
        self._at_hand = at_hand

    async def measure(self) -> None:
        """Set every gauge."""
        self._at_hand()
        try:
            async with asyncio.timeout(ASK_SECONDS), self._pool.acquire() as connection:
                for one in self._questions:
                    _tell(one, await connection.fetch(one.question))
        except (TimeoutError, *TRANSIENT_ERRORS):
            for one in self._questions:
                _forget(one)


def _tell(question: Question, rows: list[asyncpg.Record]) -> None:
    match question:
        case Counted(gauges=gauges):
            for gauge, value in zip(gauges, rows[0], strict=True):
                gauge.set(value)
        case CountedByLabel(gauge=gauge, known=known):
            counts = Counter(dict.fromkeys(known, 0))
            for label, value in rows:
                counts[label if label in known else OTHER] += value
            gauge.clear()
            for label, value in counts.items():
                gauge.labels(label).set(value)


def _forget(question: Question) -> None:
    match question:
        case Counted(gauges=gauges):
            for gauge in gauges:
                gauge.set(math.nan)
        case CountedByLabel(gauge=gauge):
            gauge.clear()
