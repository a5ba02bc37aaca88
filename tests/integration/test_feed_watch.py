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
from care_intake.core.feed_watch import Patience, Watched, change_of, released
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

    change = change_of(GENERAL.source, Watched(was_silent), last, NOW, Patience(FOUR_HOURS))

    assert (change.is_silent if change else None) is expected


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        pytest.param(5, None, id="a silence just noticed lasts, so that a stuttering feed tells nobody twice"),
        pytest.param(15, False, id="then its return is told"),
    ],
)
def test_a_silence_settles(minutes: int, expected: bool | None) -> None:
    noticed = Watched(is_silent=True, changed_at=NOW - timedelta(minutes=minutes))

    change = change_of(GENERAL.source, noticed, NOW, NOW, Patience(FOUR_HOURS, timedelta(minutes=15)))

    assert (change.is_silent if change else None) is expected


def test_only_a_silent_feed_is_released() -> None:
    assert released(GENERAL.source, Watched(), NOW) is None
    change = released(GENERAL.source, Watched(is_silent=True), NOW)
    assert change is not None
    assert not change.is_silent


@dataclass
class Room:
    """A database with a feed's messages, and watchers at any hour."""

    pool: asyncpg.Pool

    async def message(self, patient: str, at: datetime) -> None:
        one = judge(adt("A08", control_id=f"{patient}-{at:%d%H}", pid3=f"{patient}^^^1.2.3&1.2.3&ISO^MR"))
        one = replace(one, message=replace(one.message, received_at=at))
        await PostgresIntakeStore(self.pool).keep_all([one])

    async def look(self, at: datetime, sources: Sources = SOURCES) -> list[CareEvent]:
        """What one or more looks at that hour say; each is a new watcher, as after a restart."""
        await self.pool.execute("DELETE FROM outbox")
        watch = FeedWatch(self.pool, sources, lambda: at)
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
async def test_complaint_16_a_silent_feed_is_told_once_for_each_patient_and_so_is_the_return(room: Room) -> None:
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


@pytest.mark.stack
async def test_a_feed_that_is_not_expected_any_more_is_not_silent_any_more(room: Room) -> None:
    await room.message("1", NOW)
    unwatched = Sources([Source(GENERAL, "", frozenset())])

    silent = await room.look(NOW + timedelta(hours=5))
    released_ = await room.look(NOW + timedelta(hours=6), unwatched)
    again = await room.look(NOW + timedelta(hours=7), unwatched)

    assert (types(silent), types(released_), again) == (["feed-went-silent"], ["feed-resumed"], [])


@pytest.mark.stack
async def test_a_stuttering_feed_tells_its_silence_once(room: Room) -> None:
    await room.message("1", NOW)
    hours = [NOW + timedelta(hours=5, minutes=minute) for minute in (0, 1, 2, 20)]
    said = []
    for at in hours:
        await room.pool.execute("DELETE FROM outbox")
        watch = FeedWatch(room.pool, SOURCES, lambda at=at: at, settle=timedelta(minutes=15))
        while await watch.look():
            pass
        rows = await room.pool.fetch("SELECT value FROM outbox")
        said.append(types([decode_event(row["value"]) for row in rows]))
        await room.message("1", at)

    assert said == [["feed-went-silent"], [], [], ["feed-resumed"]]
