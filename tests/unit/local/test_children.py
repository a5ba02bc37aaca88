"""A child's exit code is kept, its output is in a file, and it ends when it is told to, willing or not."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from care_local.children import ChildSpec, run_child, start_child, tail
from care_shared.errors import NotReadyError

STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(60)
"""
POLITE = """
import signal, sys, threading
told = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: told.set())
print("listening", flush=True)
while not told.wait(0.05): pass
print("goodbye", flush=True)
sys.exit(7)
"""


def python(code: str, log: Path, grace: float = 5.0) -> ChildSpec:
    return ChildSpec("worker", (sys.executable, "-c", code), log, grace_seconds=grace)


async def until_logged(log: Path, words: str) -> None:
    while words not in log.read_text():  # noqa: ASYNC110, ASYNC240  # another process writes this file
        await asyncio.sleep(0.01)


async def test_the_exit_code_is_the_childs_own(tmp_path: Path) -> None:
    child = start_child(python("raise SystemExit(3)", tmp_path / "worker.log"))
    assert await child.wait() == 3


async def test_a_polite_child_ends_by_itself_and_its_last_words_are_in_the_log(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    child = start_child(python(POLITE, log))
    await until_logged(log, "listening")
    assert await child.stop() == 7
    assert log.read_text().splitlines() == ["listening", "goodbye"]


async def test_a_stubborn_child_is_ended_by_force_after_its_grace(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    child = start_child(python(STUBBORN, log, grace=0.2))
    await until_logged(log, "deaf")
    assert await child.stop() == 128 + signal.SIGKILL


async def test_the_log_of_the_run_before_is_kept(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    await run_child(python("print('first')", log))
    await run_child(python("print('second')", log))
    assert log.read_text() == "second\n"
    assert (tmp_path / "worker.log.previous").read_text() == "first\n"


async def test_a_short_command_that_fails_says_where_to_look(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    with pytest.raises(NotReadyError, match=r"(?s)worker ended with exit code 1\. Its log is .*no space left"):
        await run_child(python("raise SystemExit('no space left')", log))
    assert "no space left" in tail(log)


def test_a_program_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotReadyError, match="worker could not be started: FileNotFoundError"):
        start_child(ChildSpec("worker", ("/nonexistent/program",), tmp_path / "worker.log"))
