"""A feed that should have spoken by now is noticed once, told for each of its patients, and noticed again on return."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import asyncpg
import pytest

from care_intake.adapters import feed_watch
from care_intake.adapters.feed_watch import FeedWatch
from care_intake.adapters.postgres import PostgresIntakeStore
from care_intake.adapters.sources import Source, Sources
from care_intake.core.feed_watch import change_of
from care_shared.contracts.care_events import CareEvent, decode_event
from care_shared.runtime.postgres import migrate, migrations_of
from tests.intake_builders import GENERAL, NOW, adt, judge

FOUR_HOURS = timedelta(hours=4)
SOURCES = Sources([Source(GENERAL, "", frozenset(), silent_after=FOUR_HOURS)])


@pytest.mark.parametrize(
    ("was_silent", "hours", "expected"),
    [
        pytest.param(False, 3, None, id="still in time"),
        pytest.param(False, 5, True, id="overdue is silent"),
        pytest.param(True, 5, None, id="silent stays silent"),
        pytest.param(True, 1, False, id="a message ends the silence"),
        pytest.param(False, None, None, id="who never spoke cannot fall silent"),
    ],
)
def test_what_changed(was_silent: bool, hours: int | None, expected: bool | None) -> None:
    last = None if hours is None else NOW - timedelta(hours=hours)

    change = change_of(GENERAL.source, was_silent, last, FOUR_HOURS, NOW)

    assert (change.is_silent if change else None) is expected


@dataclass
class Room:
    """A database with a feed's messages, and watchers at any hour."""

    pool: asyncpg.Pool

    async def message(self, patient: str, at: datetime) -> None:
        one = judge(adt("A08", control_id=f"{patient}-{at:%d%H}", pid3=f"{patient}^^^1.2.3&1.2.3&ISO^MR"))
        one = replace(one, message=replace(one.message, received_at=at))
        await PostgresIntakeStore(self.pool).keep_all([one])

    async def look(self, at: datetime) -> list[CareEvent]:
        """What one or more looks at that hour say."""
        await self.pool.execute("DELETE FROM outbox")
        watch = FeedWatch(self.pool, SOURCES, lambda: at)
        while await watch.look():
            pass
        return [decode_event(row["value"]) for row in await self.pool.fetch("SELECT value FROM outbox ORDER BY id")]


@pytest.fixture
async def room(postgres_dsn: str) -> AsyncIterator[Room]:
    await migrate(postgres_dsn, "public", migrations_of("care_intake"))
    async with asyncpg.create_pool(postgres_dsn, min_size=1, max_size=4) as pool:
        yield Room(pool)


def types(facts: list[CareEvent]) -> list[str]:
    return [str(fact.model_dump()["type"]) for fact in facts]


@pytest.mark.stack
async def test_silence_is_told_once_for_each_patient_and_so_is_the_return(room: Room) -> None:
    for patient in ("1", "2"):
        await room.message(patient, NOW)

    in_time = await room.look(NOW + timedelta(hours=3))
    silent = await room.look(NOW + timedelta(hours=5))
    still = await room.look(NOW + timedelta(hours=6))
    await room.message("1", NOW + timedelta(hours=7))
    back = await room.look(NOW + timedelta(hours=7, minutes=1))

    assert (in_time, still) == ([], [])
    assert (types(silent), types(back)) == (["feed-went-silent"] * 2, ["feed-resumed"] * 2)
    assert len({fact.patient_id for fact in silent}) == 2
    assert {fact.occurred_at for fact in silent} == {NOW + timedelta(hours=5)}


@pytest.mark.stack
async def test_many_patients_are_told_in_batches_and_no_more_than_the_cap(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_watch, "BATCH", 2)
    monkeypatch.setattr(feed_watch, "MOST_PATIENTS", 4)
    for patient in range(5):
        await room.message(str(patient), NOW)

    silent = await room.look(NOW + timedelta(hours=5))

    assert len({fact.patient_id for fact in silent}) == 4


@pytest.mark.stack
async def test_two_watchers_tell_it_once(room: Room) -> None:
    await room.message("1", NOW)
    await room.pool.execute("DELETE FROM outbox")
    watchers = [FeedWatch(room.pool, SOURCES, lambda: NOW + timedelta(hours=5)) for _ in range(3)]

    await asyncio.gather(*(one.look() for one in watchers))

    assert await room.pool.fetchval("SELECT count(*) FROM outbox") == 1
