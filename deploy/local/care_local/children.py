"""Child processes that end with us, whatever ends us, and whose output goes to a file."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from care_shared.errors import NotReadyError

KEEPER = Path(__file__).with_name("keeper.py")
KEEPER_EXTRA_SECONDS = 5.0
TAIL_LINES = 5


@dataclass(frozen=True, slots=True)
class OsUser:
    """The operating-system account a child runs as."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """What to run, where its output goes, and how it is stopped."""

    name: str
    argv: tuple[str, ...]
    log: Path
    env: Mapping[str, str] | None = None  # None: our own environment
    stop_signal: signal.Signals = signal.SIGTERM
    grace_seconds: float = 10.0
    run_as: OsUser | None = None
    held: tuple[int, ...] = ()  # lock files the child keeps locked while it lives


class Child:
    """One running child behind its keeper."""

    def __init__(self, spec: ChildSpec, pid: int, keeper: subprocess.Popen[bytes], pipes: "_Pipes") -> None:
        self.spec = spec
        self.pid = pid
        self._keeper = keeper
        self._pipes = pipes

    @property
    def exit_code(self) -> int | None:
        """The exit code, or None while it runs; killed by signal N reads 128 + N."""
        return self._keeper.poll()

    @property
    def keeper_pid(self) -> int:
        """The process that ends the child when we end."""
        return self._keeper.pid

    async def wait(self) -> int:
        """Wait until it has ended and return its exit code."""
        if (code := self.exit_code) is not None:
            return code
        loop = asyncio.get_running_loop()
        ended = asyncio.Event()
        # A copy per waiter: a loop keeps one callback per descriptor, and several may wait for the same child.
        report = os.dup(self._pipes.report)
        loop.add_reader(report, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(report)
            os.close(report)
        # The report closes with the keeper's last breath, so this returns at once.
        return self._keeper.wait()

    async def stop(self) -> int:
        """Ask it to end, wait for its grace, then end it by force; return its exit code."""
        self._pipes.let_go()
        try:
            return await asyncio.wait_for(self.wait(), self.spec.grace_seconds + KEEPER_EXTRA_SECONDS)
        except TimeoutError:
            self._keeper.kill()
            return self._keeper.wait()


@dataclass(slots=True)
class _Pipes:
    """Our ends of the two pipes to a keeper; the report ends with it, and it ends the child with the lifeline."""

    lifeline: int
    report: int
    held: bool = True

    def let_go(self) -> None:
        if self.held:
            os.close(self.lifeline)
            self.held = False

    def __del__(self) -> None:
        self.let_go()
        os.close(self.report)


def start_child(spec: ChildSpec) -> Child:
    """Start one child; its previous log is kept as `<log>.previous`."""
    life_read, life_write = os.pipe()
    report_read, report_write = os.pipe()
    order = _order(spec, life_read, report_write)
    with _fresh_log(spec.log).open("wb") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-I", "-S", str(KEEPER), json.dumps(order)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=None if spec.env is None else dict(spec.env),
            pass_fds=(life_read, report_write, *spec.held),
            start_new_session=True,
        )
    os.close(life_read)
    os.close(report_write)
    pipes = _Pipes(life_write, report_read)
    answer = _first_line(report_read)
    if not answer.isdigit():
        keeper.wait()
        raise NotReadyError(f"{spec.name} could not be started: {answer or 'its keeper ended at once'}")
    return Child(spec, int(answer), keeper, pipes)


async def run_child(spec: ChildSpec) -> None:
    """Run a short command to its end; a failure names the log and shows its last lines."""
    child = start_child(spec)
    try:
        code = await child.wait()
    finally:
        await child.stop()
    if code != 0:
        raise NotReadyError(f"{spec.name} ended with exit code {code}. {tail(spec.log)}")


def tail(log: Path) -> str:
    """The end of a log for an error message."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL_LINES:]
    return "\n".join([f"Its log is {log}; the end of it:", *lines]) if lines else f"Its log {log} is empty."


def _first_line(report: int) -> str:
    line = b""
    while not line.endswith(b"\n") and (piece := os.read(report, 4096)):
        line += piece
    return line.decode("utf-8", "replace").strip()


def _order(spec: ChildSpec, lifeline: int, report: int) -> dict[str, object]:
    return {
        "argv": spec.argv,
        "cwd": str(spec.log.parent),
        "lifeline": lifeline,
        "report": report,
        "held": spec.held,
        "stop_signal": int(spec.stop_signal),
        "grace": spec.grace_seconds,
        "uid": None if spec.run_as is None else spec.run_as.uid,
        "gid": None if spec.run_as is None else spec.run_as.gid,
    }


def _fresh_log(log: Path) -> Path:
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists():
        log.replace(log.with_name(f"{log.name}.previous"))
    return log
