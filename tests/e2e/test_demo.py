"""The demo as a newcomer runs it: first alert, Ctrl-C, nothing left running; the next start keeps the data."""

import asyncio
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from care_cli.messages.person import Person
from care_cli.panel.simulate import member_called
from care_cli.wire.alerts import AlertEar, Wanted, listening
from care_shared.contracts.care_alerts import CareAlert
from care_shared.vocabulary import AlertChange, Tier

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]

CARELEAD = Path(sys.executable).with_name("carelead")
STOP_SECONDS = 60
ALERT_SECONDS = 30
README = Path(__file__).parents[2] / "README.md"


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


def commands_of_the_readme() -> list[list[str]]:
    """The `carelead send` lines as a newcomer copies them."""
    return [shlex.split(line, comments=True) for line in re.findall(r"carelead (send .*)", README.read_text("utf-8"))]


def about(person: Person, rule: str, *tiers: Tier) -> Wanted:
    def wanted(alert: CareAlert) -> bool:
        return (
            alert.rule_id == rule
            and alert.tier in tiers
            and alert.change in (AlertChange.OPENED, AlertChange.ESCALATED)
            and alert.patient.display_name.endswith(person.family)
        )

    return wanted


async def alerts_after_sending(folder: Path) -> list[str]:
    """Run the README's commands, and say why each alert came."""
    state = json.loads((folder / "state.json").read_text("utf-8"))
    discharged, measured = member_called("demo-3").person, member_called("demo-5").person
    expected = [
        about(discharged, "TCM-CONTACT", Tier.P1),
        about(measured, "VITALS-TREND", Tier.P3),
        about(discharged, "VISIT-MISSED", Tier.P2),
    ]
    async with listening(state["kafka_bootstrap"]) as ear:
        for command in commands_of_the_readme():
            await sent(folder, command)
        return [await explanation(ear, wanted) for wanted in expected]


async def sent(folder: Path, command: list[str]) -> None:
    environment = {**os.environ, "CARE_LOCAL_FOLDER": str(folder)}
    running = await asyncio.create_subprocess_exec(CARELEAD, *command, env=environment, stdout=subprocess.PIPE)
    said, _ = await running.communicate()
    assert (running.returncode, b"follow it with: carelead trace" in said) == (0, True)


async def explanation(ear: AlertEar, wanted: Wanted) -> str:
    return (await ear.first(wanted, ALERT_SECONDS, "an alert of the README")).alert.explanation


def test_the_commands_of_the_readme_lead_to_three_alerts(folder: Path) -> None:
    running = demo(folder)
    try:
        read_until(running, "First alert raised after", "made-up patients with 30 days of history came in")
        explanations = asyncio.run(alerts_after_sending(folder))
    finally:
        stop(running, signal.SIGINT)

    assert "passed without contact" in explanations[0]
    assert "Glucose rose by" in explanations[1]
    assert "2 aide visits in a row were missed" in explanations[2]
