"""Rosters and watched folders on a real database: once each, whoever dies, and a person's word for many endings."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg
import pytest

from care_intake.adapters.asked_codes import asked_codes
from care_intake.adapters.postgres import PostgresIntakeStore
from care_intake.adapters.replays import Asker, Replays
from care_intake.adapters.sources import Source, Sources
from care_intake.core.effects import Verdict
from care_intake.core.rosters import counts_of
from care_shared.runtime.postgres import migrate, migrations_of
from tests.folder_room import SETTLED_AFTER, FolderRoom
from tests.intake_builders import GENERAL, NOW, judge, roster, table, visit

pytestmark = pytest.mark.stack

ROWS = tuple(f"{number},P{number}" for number in range(10))
FACTS = "SELECT event_type, count(*) FROM receipt_facts GROUP BY event_type"


@dataclass
class Room:
    """A database with what may be asked of it."""

    pool: asyncpg.Pool
    store: PostgresIntakeStore
    replays: Replays

    async def facts(self) -> dict[str, int]:
        return {row[0]: row[1] for row in await self.pool.fetch(FACTS)}


@pytest.fixture
async def room(postgres_dsn: str) -> AsyncIterator[Room]:
    await migrate(postgres_dsn, "public", migrations_of("care_intake"))
    async with asyncpg.create_pool(postgres_dsn, min_size=1, max_size=8) as pool:
        sources = Sources([Source(GENERAL, "", frozenset())])
        yield Room(pool, PostgresIntakeStore(pool), Replays(pool, sources, lambda: NOW))


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    place = tmp_path / "inbox"
    place.mkdir()
    return place


async def test_a_file_is_kept_once_although_we_died_before_it_was_moved(
    room: Room, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = FolderRoom(inbox, room.store)
    watched.put("roster.csv", roster("1,ANN"))
    with monkeypatch.context() as broken:
        broken.setattr("care_intake.adapters.folders._put_aside", _dies)
        with pytest.raises(KeyboardInterrupt):
            await watched.settle()
    told = await room.facts()

    [receipt] = await FolderRoom(inbox, room.store).settle()

    assert receipt.verdict is Verdict.ACCEPTED
    assert await room.facts() == told == {"patient-updated": 1, "alignment-changed": 1, "care-team-changed": 1}
    assert (watched.files(), len(watched.files("done"))) == ([], 2)


def _dies(*_: object) -> None:
    raise KeyboardInterrupt


async def test_two_replicas_at_one_folder_say_everything_once(room: Room, inbox: Path) -> None:
    replicas = [FolderRoom(inbox, PostgresIntakeStore(room.pool)) for _ in range(2)]
    for number in range(5):
        replicas[0].put(f"{number}.csv", roster(f"{number},P", complete=False))
    await asyncio.gather(*(one.look() for one in replicas))

    await asyncio.gather(*(one.look(wait=SETTLED_AFTER) for one in replicas))
    await asyncio.gather(*(one.look(wait=SETTLED_AFTER) for one in replicas))

    assert await room.facts() == {"patient-updated": 5, "alignment-changed": 5, "care-team-changed": 5}
    assert (replicas[0].files(), len(replicas[0].files("done"))) == ([], 10)


async def test_two_rosters_of_one_source_at_once_wait_for_one_another(room: Room) -> None:
    bodies = [roster("1,ANN", "2,BEA", as_of=f"2026-11-{day:02}") for day in range(1, 9)]

    await asyncio.gather(*(room.store.keep_all([judge(body)]) for body in bodies))

    assert await room.facts() == {"patient-updated": 2, "alignment-changed": 2, "care-team-changed": 2}


async def test_a_held_roster_is_applied_by_a_person_s_word_and_only_then(room: Room) -> None:
    await room.store.keep_all([judge(roster(*ROWS))])
    [kept] = await room.store.keep_all([judge(roster(*ROWS[:5], as_of="2026-12-01"))])
    receipt_id = kept.receipt.receipt_id
    assert kept.receipt.verdict is Verdict.HELD

    without = await room.replays.replay(receipt_id, Asker("ann"))
    seen = await room.replays.replay(receipt_id, Asker("ann", is_dry_run=True, may_end_many=True))
    assert (await room.facts())["alignment-changed"] == 10
    done = await room.replays.replay(receipt_id, Asker("ann", may_end_many=True))
    again = await room.replays.replay(receipt_id, Asker("ann", may_end_many=True))

    assert without.receipt.verdict is Verdict.HELD
    assert seen.difference.added == done.difference.added == ("alignment-changed",) * 5
    assert again.difference.added == ()
    assert (await room.facts())["alignment-changed"] == 15
    by = await room.pool.fetchval("SELECT replayed_by FROM receipt_replays ORDER BY id DESC LIMIT 1")
    assert by == "ann"


async def test_a_preview_changes_nothing(room: Room) -> None:
    await room.store.keep_all([judge(roster(*ROWS))])

    found = await room.store.preview(judge(roster(*ROWS[:9], "77,NEW", as_of="2026-12-01")))

    assert found is not None
    assert counts_of(found) == {"new": 1, "changed": 0, "ended": 1, "unchanged": 9}
    assert (await room.facts())["alignment-changed"] == 10


async def test_a_large_roster_is_kept_in_one_piece(room: Room) -> None:
    rows = [f"{number},P{number}" for number in range(5000)]

    [kept] = await room.store.keep_all([judge(roster(*rows))])
    [again] = await room.store.keep_all([judge(roster(*rows, as_of="2026-12-01"))])

    assert kept.receipt.verdict is again.receipt.verdict is Verdict.ACCEPTED
    assert (await room.facts())["alignment-changed"] == 5000


async def test_codes_nobody_explained_are_counted_until_the_sources_file_does(room: Room) -> None:
    heading = "Visit ID,MRN,Scheduled Start,Scheduled End,Missed,Reason"
    rows = [f"{number},4711,2026-11-20 09:00,2026-11-20 10:00,Y,{code}"
            for number, code in enumerate(("Q7", "Q7", "X1", "Mrs Sim was out"))]  # fmt: skip
    await room.store.keep_all([judge(table(heading, *rows)), judge(visit("missed", reason_code="Q7"))])
    # A repeat is not another question.
    await room.store.keep_all([judge(visit("missed", reason_code="Q7"))])

    unmapped = await asked_codes(room.pool, Sources([Source(GENERAL, "", frozenset())]))
    agreed = replace(GENERAL, visit_codes={"q7": "no-answer"})
    rest = await asked_codes(room.pool, Sources([Source(agreed, "", frozenset())]))

    assert [(one.source, one.code, one.times) for one in unmapped] == [
        ("general", "Q7", 3), ("general", "Mrs Sim was out", 1), ("general", "X1", 1),
    ]  # fmt: skip
    assert unmapped[1].shown.startswith("«xxx xxx xxx xxx» in ")
    assert [one.code for one in rest] == ["Mrs Sim was out", "X1"]


async def test_the_command_shows_the_difference_and_applies_it(postgres_dsn: str, tmp_path: Path) -> None:
    connection = await asyncpg.connect(postgres_dsn)
    await connection.execute("CREATE SCHEMA intake")
    await connection.close()
    await migrate(postgres_dsn, "intake", migrations_of("care_intake"))

    async def carelead(*arguments: str) -> tuple[str, int]:
        process = await asyncio.create_subprocess_exec(
            Path(sys.executable).with_name("carelead"), "intake", *arguments, stdout=PIPE, stderr=STDOUT,
            env={**os.environ, "CARE_POSTGRES_DSN": postgres_dsn},
        )  # fmt: skip
        said, _ = await process.communicate()
        assert process.returncode is not None
        return said.decode(), process.returncode

    whole, cut = str(tmp_path / "whole.csv"), str(tmp_path / "cut.csv")
    await asyncio.to_thread(Path(whole).write_bytes, roster("1,SMITH", "2,BEA"))
    await asyncio.to_thread(Path(cut).write_bytes, roster("1,SMITH", as_of="2026-12-01"))

    dry, good = await carelead("roster", whole, "--source", "local", "--dry-run")
    first, _ = await carelead("roster", whole, "--source", "local")
    again, _ = await carelead("roster", whole, "--source", "local")
    held, bad = await carelead("roster", cut, "--source", "local")
    ended, done = await carelead("roster", cut, "--source", "local", "--yes-end-many", "--by", "ann")
    nobody, unknown = await carelead("roster", cut, "--source", "elsewhere")

    assert "accepted: 2 new, 0 changed, 0 ended, 0 unchanged\nnothing was changed" in dry
    assert "accepted: receipt " in first
    assert "0 new, 0 changed, 0 ended, 2 unchanged" in again
    assert "held: 0 new, 0 changed, 1 ended, 1 unchanged" in held
    assert "accepted: receipt " in ended
    assert [good, bad, done] == [0, 1, 0]
    assert unknown != 0
    assert "no such source" in nobody
    assert "SMITH" not in dry + first + again + held + ended
    async with asyncpg.create_pool(postgres_dsn, server_settings={"search_path": "intake"}) as pool:
        found = {row[0]: row[1] for row in await pool.fetch(FACTS)}
    assert found == {"patient-updated": 2, "alignment-changed": 3, "care-team-changed": 2}
