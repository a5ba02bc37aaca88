"""Keeps one child process alive exactly as long as the process that asked for it."""

# Run as a file with `python -I -S`, so it imports nothing but the standard library and starts in a few milliseconds.
# Why a process between us and the child: the kernel closes the lifeline pipe however its owner ends, also by
# SIGKILL, on every Unix; Linux's parent-death signal alone is bound to the creating *thread* and cannot stop cleanly.

import contextlib
import ctypes
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

PR_SET_PDEATHSIG = 1
LOOK_AROUND_SECONDS = 0.5


def die_with_keeper() -> Callable[[], None] | None:
    """On Linux, a hook for the new child that ends it should the keeper itself be killed."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)

    def hook() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    return hook


def start(order: dict[str, Any]) -> subprocess.Popen[bytes]:
    """Start the child in a session of its own, so that a Ctrl-C in the terminal does not reach it."""
    return subprocess.Popen(
        order["argv"],
        stdin=subprocess.DEVNULL,
        cwd=order["cwd"],
        pass_fds=order["held"],
        start_new_session=True,
        user=order["uid"],
        group=order["gid"],
        extra_groups=None if order["uid"] is None else [],
        preexec_fn=die_with_keeper(),  # noqa: PLW1509  # no thread exists here
    )


def listen_for_signals(asked_to_stop: list[int]) -> int:
    """Note every request to stop, and return a pipe that becomes readable with each signal."""
    bell, ringer = os.pipe()
    os.set_blocking(ringer, False)
    signal.set_wakeup_fd(ringer)
    # Handlers, not SIG_IGN: an ignored signal would stay ignored in the child.
    signal.signal(signal.SIGCHLD, lambda *_: None)
    for request in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(request, lambda number, _: asked_to_stop.append(number))
    return bell


def wait(child: subprocess.Popen[bytes], lifeline: int, bell: int, asked_to_stop: list[int]) -> None:
    """Return when the child has ended by itself, or when its owner let go of the lifeline or is gone."""
    owner = os.getppid()
    while child.poll() is None and os.getppid() == owner and not asked_to_stop:
        # The time limit is for a copy of the lifeline that a forked process of the owner may still hold open.
        ready, _, _ = select.select([lifeline, bell], [], [], LOOK_AROUND_SECONDS)
        if lifeline in ready:
            return
        if bell in ready:
            os.read(bell, 64)


def stop(child: subprocess.Popen[bytes], stop_signal: int, grace: float) -> int:
    """Ask the child to end, insist after the grace, and return its exit code the way a shell does."""
    if child.poll() is None:
        child.send_signal(stop_signal)
    try:
        code = child.wait(grace)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        code = child.wait()
    return code if code >= 0 else 128 - code


def main() -> int:
    """Start what the order on the command line names, report its pid, keep it, stop it."""
    order = json.loads(sys.argv[1])
    asked_to_stop: list[int] = []
    bell = listen_for_signals(asked_to_stop)
    # The report stays open until we end: to its reader that is the news that the child has ended.
    report = os.fdopen(order["report"], "w", encoding="utf-8", buffering=1)
    try:
        child = start(order)
    except (OSError, subprocess.SubprocessError) as error:
        report.write(f"{type(error).__name__}: {error}\n")
        return 127
    report.write(f"{child.pid}\n")
    wait(child, order["lifeline"], bell, asked_to_stop)
    return stop(child, order["stop_signal"], order["grace"])


if __name__ == "__main__":
    raise SystemExit(main())
