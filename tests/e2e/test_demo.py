"""The demo as a newcomer runs it: first alert, Ctrl-C, nothing left running; the next start keeps the data."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]

CARELEAD = Path(sys.executable).with_name("carelead")
STOP_SECONDS = 60


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="carelead-demo-", ignore_cleanup_errors=True) as name:
        # PostgreSQL runs as another user when we are root, and must be able to pass through.
        Path(name).chmod(0o711)
        yield Path(name) / "stack"


def demo(folder: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "CARE_LOCAL_FOLDER": str(folder), "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [CARELEAD, "demo", "--no-stream"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def read_until(running: subprocess.Popen[str], *sentences: str) -> list[str]:
    """All lines up to the one by which every sentence was said."""
    lines: list[str] = []
    assert running.stdout is not None
    for line in running.stdout:
        lines.append(line)
        if all(any(words in one for one in lines) for words in sentences):
            return lines
    raise AssertionError("".join(lines))


def stop(running: subprocess.Popen[str], how: signal.Signals) -> str:
    running.send_signal(how)
    rest, _ = running.communicate(timeout=STOP_SECONDS)
    return rest


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_demo_shows_an_alert_stops_without_leaving_a_process_and_keeps_its_data(folder: Path) -> None:
    first = demo(folder)
    try:
        lines = read_until(first, "First alert raised after", "made-up patients with 30 days of history came in")
        pids = json.loads((folder / "state.json").read_text("utf-8"))["pids"]
        stop(first, signal.SIGINT)
    finally:
        first.kill()

    assert any("sign in as" in line for line in lines)
    assert first.returncode == 0
    assert len(pids) == 5
    assert [name for name, pid in pids.items() if is_alive(pid)] == []

    second = demo(folder)
    try:
        read_until(second, "Everything is as you left it")
        rest = stop(second, signal.SIGTERM)
    finally:
        second.kill()

    assert second.returncode == 0
    assert "Everything is stopped" in rest
