"""A service counts as up when it is ready, and its death is told with its exit code."""

import os
import signal
import sys
from pathlib import Path

import pytest

from care_local.addresses import free_ports
from care_local.supervisor import ServiceEnded, ServiceSpec, Supervisor
from care_shared.errors import NotReadyError

SERVICE = """
import http.server, os
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *_): pass
print('{"event": "service.started"}', flush=True)
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Ready).serve_forever()
"""


class Told:
    def __init__(self) -> None:
        self.steps: list[str] = []
        self.failures: list[ServiceEnded] = []

    def step(self, sentence: str, _seconds: float) -> None:
        self.steps.append(sentence)


def service(name: str, code: str = SERVICE) -> ServiceSpec:
    port = free_ports(1)[0]
    argv = (sys.executable, "-c", code)
    return ServiceSpec(name, argv, {"PORT": str(port)}, f"http://127.0.0.1:{port}/readyz")


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def supervisor(tmp_path: Path, told: Told) -> Supervisor:
    return Supervisor(tmp_path, told.step, told.failures.append)


async def test_services_are_ready_one_after_the_other_and_stop_in_reverse(supervisor: Supervisor, told: Told) -> None:
    await supervisor.start(service("intake"))
    await supervisor.start(service("scoring"))
    assert told.steps == ["intake is ready", "scoring is ready"]
    assert list(await supervisor.stop()) == ["scoring", "intake"]
    assert told.failures == []


async def test_a_killed_service_is_told_with_its_exit_code_and_its_log(supervisor: Supervisor, told: Told) -> None:
    pid = await supervisor.start(service("scoring"))
    os.kill(pid, signal.SIGKILL)
    await supervisor.failed.wait()
    assert [(one.name, one.exit_code) for one in told.failures] == [("scoring", 128 + signal.SIGKILL)]
    assert "service.started" in told.failures[0].sentence()
    assert await supervisor.stop() == {"scoring": 128 + signal.SIGKILL}


async def test_a_service_that_ends_before_it_is_ready_is_one_error(supervisor: Supervisor, told: Told) -> None:
    with pytest.raises(NotReadyError, match="intake ended with exit code 78"):
        await supervisor.start(service("intake", "raise SystemExit(78)"))
    assert told.failures == []
    assert supervisor.pids == {}


async def test_a_dead_service_comes_back_only_when_somebody_says_so(supervisor: Supervisor, told: Told) -> None:
    pid = await supervisor.start(service("scoring"))
    os.kill(pid, signal.SIGKILL)
    await supervisor.failed.wait()
    again = await supervisor.restart("scoring")
    assert again != pid
    assert told.steps == ["scoring is ready", "scoring is ready"]
    await supervisor.stop()
