"""A stack's folder is used by one stack, and nothing that is not ours is ever deleted."""

import os
from pathlib import Path

import pytest

from care_local.folder import StackFolder, StackState
from care_shared.errors import ConfigurationError, NotFoundError

STATE = StackState(os.getpid(), "127.0.0.1:1", "postgresql://carelead:secret@127.0.0.1:2/carelead", {"kafka": 3})


def test_a_folder_with_foreign_files_is_neither_used_nor_deleted(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(ConfigurationError, match="not CareLead's"):
        StackFolder(tmp_path).claim()
    with pytest.raises(ConfigurationError, match="left as it is"):
        StackFolder(tmp_path).reset()
    assert (tmp_path / "thesis.txt").exists()


def test_reset_deletes_the_whole_folder_and_says_when_there_was_none(tmp_path: Path) -> None:
    folder = StackFolder(tmp_path / "stack")
    folder.claim()
    assert folder.reset()
    assert not folder.reset()


async def test_the_lock_is_held_once_and_free_again_afterwards(tmp_path: Path) -> None:
    folder = StackFolder(tmp_path / "stack")
    async with folder.locked():
        folder.write_state(STATE)
        assert folder.in_use()
        with pytest.raises(ConfigurationError, match="Another CareLead stack"):
            await StackFolder(folder.root).locked().__aenter__()
    assert not folder.in_use()
    async with folder.locked():
        assert folder.in_use()


async def test_the_addresses_are_told_only_while_the_stack_runs(tmp_path: Path) -> None:
    folder = StackFolder(tmp_path / "stack")
    async with folder.locked():
        folder.write_state(STATE)
        assert folder.running_state() == STATE
    with pytest.raises(NotFoundError):
        folder.running_state()


def test_the_file_with_the_database_password_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    folder = StackFolder(tmp_path / "stack")
    folder.claim()
    folder.write_state(STATE)
    assert (folder.root / "state.json").stat().st_mode & 0o777 == 0o600
