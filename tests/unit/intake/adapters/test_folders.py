"""Files in a watched folder: taken when whole, once each, put aside with a report, and never outside of it."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from care_intake.adapters.folders import FolderDoor, Shape, Watched
from care_intake.adapters.sources import Ready
from care_intake.core.effects import Verdict
from care_intake.core.formats import Format
from care_intake.core.receipts import Judged
from care_intake.core.tables import MAX_BYTES
from care_intake.ports import Kept
from tests.fakes.memory_intake_store import MemoryIntakeStore
from tests.folder_room import SETTLED_AFTER, FolderRoom
from tests.intake_builders import roster, table


@pytest.fixture
def store() -> MemoryIntakeStore:
    return MemoryIntakeStore()


@pytest.fixture
def room(tmp_path: Path, store: MemoryIntakeStore) -> FolderRoom:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return FolderRoom(folder, store)


async def test_a_file_that_is_still_is_taken_and_put_aside_with_its_report(
    room: FolderRoom, store: MemoryIntakeStore
) -> None:
    room.put("roster.csv", roster("1,ANN"))

    [receipt] = await room.settle()

    assert receipt.verdict is Verdict.ACCEPTED
    assert room.files() == []
    name = f"{receipt.receipt_id[:8]}-roster.csv"
    assert room.files("done") == [name, f"{name}.report.csv"]
    assert (room.path / "done" / name).read_bytes() == roster("1,ANN")
    assert len(store.published) == 3


async def test_a_file_that_still_grows_is_left_alone(room: FolderRoom, store: MemoryIntakeStore) -> None:
    whole = roster("1,ANN", "2,BEA")
    place = room.put("roster.csv", whole[:-40])
    await room.look()
    place.write_bytes(whole)
    assert await room.look(wait=SETTLED_AFTER) == []
    assert await room.look(wait=SETTLED_AFTER - 1) == []

    await room.look(wait=1)

    assert len(store.members) == 2


async def test_a_marked_folder_takes_a_file_when_its_marker_stands_beside_it(
    tmp_path: Path, store: MemoryIntakeStore
) -> None:
    room = FolderRoom(tmp_path, store, ready=Ready.MARKED)
    room.put("roster.csv", roster("1,ANN"))
    assert await room.look(wait=9999) == []
    room.put("roster.csv.done", b"")

    assert len(await room.look()) == 1
    assert room.files() == []


async def test_a_file_that_cannot_be_used_is_rejected_with_the_reason(room: FolderRoom) -> None:
    room.put("roster.csv", roster("1,ANN", as_of="soon"))

    [receipt] = await room.settle()

    [name, report] = room.files("rejected")
    assert receipt.verdict is Verdict.QUARANTINED
    assert name.endswith("-roster.csv")
    assert "as of" in (room.path / "rejected" / report).read_text("utf-8")


@pytest.mark.parametrize("name", [".hidden.csv", "roster.csv.part", "roster.tmp", "roster.filepart", "roster.csv~"])
async def test_a_name_that_says_unfinished_is_left_alone(room: FolderRoom, name: str) -> None:
    room.put(name, roster("1,ANN"))

    assert await room.settle() == []
    assert room.files() == [name]


async def test_the_same_file_again_says_nothing_new(room: FolderRoom, store: MemoryIntakeStore) -> None:
    room.put("monday.csv", roster("1,ANN"))
    [first] = await room.settle()
    room.put("tuesday.csv", roster("1,ANN"))

    [again] = await room.settle()

    assert again.receipt_id == first.receipt_id
    assert len(store.published) == 3
    assert len(room.files("done")) == 4


async def test_a_crash_between_keeping_and_moving_repeats_nothing(
    room: FolderRoom, store: MemoryIntakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.put("roster.csv", roster("1,ANN"))
    with monkeypatch.context() as broken:
        broken.setattr("care_intake.adapters.folders._put_aside", _dies)
        with pytest.raises(KeyboardInterrupt):
            await room.settle()
    assert (room.files(), len(store.published)) == (["roster.csv"], 3)

    [receipt] = await FolderRoom(room.path, store).settle()

    assert receipt.verdict is Verdict.ACCEPTED
    assert (room.files(), len(store.published)) == ([], 3)


def _dies(*_: object) -> None:
    raise KeyboardInterrupt


async def test_a_file_replaced_while_it_was_kept_is_read_too(
    room: FolderRoom, store: MemoryIntakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.put("roster.csv", roster("1,ANN", complete=False))
    await room.look()
    keep = store.keep_all

    async def replaced(group: Sequence[Judged]) -> list[Kept]:
        kept = await keep(group)
        room.put("new.tmp", roster("2,BEA", complete=False)).rename(room.path / "roster.csv")
        return kept

    with monkeypatch.context() as busy:
        busy.setattr(store, "keep_all", replaced)
        await room.look(wait=SETTLED_AFTER)
    assert [name.startswith("again-") for name in room.files()] == [True]

    await room.settle()

    assert (room.files(), len(store.members)) == ([], 2)


async def test_two_replicas_take_a_file_once(room: FolderRoom, store: MemoryIntakeStore) -> None:
    other = FolderRoom(room.path, store)
    room.put("roster.csv", roster("1,ANN"))
    await room.look()
    await other.look()

    taken = [await room.look(wait=SETTLED_AFTER), await other.look(wait=SETTLED_AFTER)]

    assert [len(one) for one in taken] == [1, 0]
    assert len(store.published) == 3


async def test_a_store_that_is_away_leaves_the_file_for_later(room: FolderRoom, store: MemoryIntakeStore) -> None:
    room.put("roster.csv", roster("1,ANN"))
    store.is_away = True
    assert await room.settle() == []
    assert room.files() == ["roster.csv"]

    store.is_away = False

    assert len(await room.look()) == 1


async def test_a_file_that_meets_a_bug_stops_no_other(
    room: FolderRoom, store: MemoryIntakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.put("a.csv", roster("1,ANN"))
    room.put("b.csv", roster("2,BEA", complete=False))
    keep = store.keep_all

    async def chokes(group: Sequence[Judged]) -> list[Kept]:
        if len(store.groups) == 0:
            store.groups.append(1)
            raise RuntimeError("a bug")
        return await keep(group)

    monkeypatch.setattr(store, "keep_all", chokes)

    assert len(await room.settle()) == 1
    assert room.files() == ["a.csv"]


async def test_a_file_too_large_is_rejected_unread(room: FolderRoom) -> None:
    with (room.path / "huge.csv").open("wb") as file:
        file.truncate(MAX_BYTES + 10)

    [receipt] = await room.settle()

    assert (receipt.verdict, receipt.field) == (Verdict.QUARANTINED, "body")
    assert "larger" in receipt.problem


class TestAttacks:
    @pytest.fixture
    def secret(self, tmp_path: Path) -> Path:
        place = tmp_path / "secret.csv"
        place.write_bytes(roster("666,EVE"))
        return place

    async def test_a_link_is_not_followed(self, room: FolderRoom, secret: Path, store: MemoryIntakeStore) -> None:
        (room.path / "roster.csv").symlink_to(secret)

        assert await room.settle() == []
        assert store.receipts == {}

    async def test_a_hard_link_is_not_taken(self, room: FolderRoom, secret: Path, store: MemoryIntakeStore) -> None:
        os.link(secret, room.path / "roster.csv")

        assert await room.settle() == []
        assert store.receipts == {}
        assert room.files("..") == ["secret.csv"]

    async def test_a_link_in_place_of_the_folder_for_done_files_is_not_followed(
        self, room: FolderRoom, tmp_path: Path
    ) -> None:
        outside = tmp_path / "outside"
        outside.mkdir()
        (room.path / "done").symlink_to(outside)
        room.put("roster.csv", roster("1,ANN"))

        await room.settle()

        assert list(outside.iterdir()) == []
        assert "roster.csv" in room.files()

    async def test_a_link_in_place_of_the_whole_folder_is_not_followed(
        self, room: FolderRoom, tmp_path: Path, store: MemoryIntakeStore
    ) -> None:
        room.put("roster.csv", roster("1,ANN"))
        (tmp_path / "link").symlink_to(room.path)

        assert await FolderRoom(tmp_path / "link", store).settle() == []

    async def test_a_file_swapped_for_a_link_between_look_and_reading_is_not_read(
        self, room: FolderRoom, secret: Path, store: MemoryIntakeStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        place = room.put("roster.csv", roster("1,ANN"))
        await room.look()
        whole = FolderDoor._whole_files

        def swapped(door: FolderDoor, folder: Watched, root: int) -> list[tuple[str, Shape]]:
            found = whole(door, folder, root)
            place.unlink()
            place.symlink_to(secret)
            return found

        monkeypatch.setattr(FolderDoor, "_whole_files", swapped)

        assert await room.look(wait=SETTLED_AFTER) == []
        assert store.receipts == {}

    @pytest.mark.parametrize("name", ["..csv", "=cmd.csv", "-rf.csv", "a\nb.csv", "x" * 240 + ".csv"])
    async def test_a_strange_name_stays_inside(self, room: FolderRoom, name: str) -> None:
        room.put(name, roster("1,ANN"))
        taken = await room.settle()

        assert room.files("..") == []
        assert len(taken) == (0 if name.startswith(".") else 1)

    async def test_a_pipe_does_not_block_the_door(self, room: FolderRoom) -> None:
        os.mkfifo(room.path / "pipe.csv")
        room.put("roster.csv", roster("1,ANN"))

        assert len(await room.settle()) == 1

    async def test_a_folder_that_is_gone_is_looked_for_again(self, tmp_path: Path, store: MemoryIntakeStore) -> None:
        assert await FolderRoom(tmp_path / "nowhere", store).settle() == []


async def test_a_folder_takes_what_was_agreed_only(tmp_path: Path, store: MemoryIntakeStore) -> None:
    room = FolderRoom(tmp_path, store, takes=Format.READINGS_TABLE)
    room.put("visits.csv", table("Visit ID,MRN,Scheduled Start,Scheduled End", "1,2,2026-11-20 09:00,2026-11-20 10:00"))

    [receipt] = await room.settle()

    assert receipt.verdict is Verdict.QUARANTINED
