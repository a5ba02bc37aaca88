"""Runs our services as child processes: each is ready before it counts as up, and a dead one is never quiet."""

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from care_local.addresses import PAUSE_SECONDS, http_status, require_alive
from care_local.children import Child, ChildSpec, start_child, tail
from care_shared.errors import NotFoundError, NotReadyError

OnStep = Callable[[str, float], None]
OnFailure = Callable[["ServiceEnded"], None]
HTTP_OK = 200


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """One service: its command, what its environment adds to ours, and the page that says it is ready."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    health_url: str = ""
    ready_within_seconds: float = 60.0
    grace_seconds: float = 15.0


@dataclass(frozen=True, slots=True)
class ServiceEnded:
    """A service that ended although nobody stopped it."""

    name: str
    exit_code: int
    log: Path

    def sentence(self) -> str:
        """What to show a person."""
        return f"{self.name} ended with exit code {self.exit_code}. {tail(self.log)}"


class Supervisor:
    """The services of one local stack, in the order of their start."""

    def __init__(self, logs: Path, on_step: OnStep, on_failure: OnFailure, held: tuple[int, ...] = ()) -> None:
        self._logs = logs
        self._on_step = on_step
        self._on_failure = on_failure
        self._held = held
        self._running: dict[str, _Running] = {}
        self.ended: dict[str, ServiceEnded] = {}
        self.failed = asyncio.Event()

    @property
    def pids(self) -> Mapping[str, int]:
        """The process id of each service that runs."""
        return {name: running.child.pid for name, running in self._running.items()}

    def log_of(self, name: str) -> Path:
        """The file that holds the service's JSON log lines."""
        return self._logs / f"{name}.log"

    async def start(self, spec: ServiceSpec) -> int:
        """Start one service and return its process id when its health page says 200."""
        begun = time.perf_counter()
        child = start_child(self._child_spec(spec))
        try:
            await _until_ready(spec, child)
        except BaseException:
            await child.stop()
            raise
        self._running[spec.name] = _Running(spec, child, asyncio.create_task(self._watch(child)))
        self._on_step(f"{spec.name} is ready", time.perf_counter() - begun)
        return child.pid

    async def restart(self, name: str) -> int:
        """Start a service anew after it ended or was stopped; said aloud like every start."""
        spec = self._spec_of(name)
        await self.stop_one(name)
        self.ended.pop(name, None)
        return await self.start(spec)

    async def stop_one(self, name: str) -> int:
        """Stop one service and return its exit code."""
        running = self._running.pop(name)
        running.watcher.cancel()
        code = await running.child.stop()
        await asyncio.gather(running.watcher, return_exceptions=True)
        return code

    async def stop(self) -> Mapping[str, int]:
        """Stop all, the last started first, and return their exit codes."""
        return {name: await self.stop_one(name) for name in reversed(list(self._running))}

    async def _watch(self, child: Child) -> None:
        code = await child.wait()
        ended = ServiceEnded(child.spec.name, code, child.spec.log)
        self.ended[ended.name] = ended
        self._on_failure(ended)
        self.failed.set()

    def _spec_of(self, name: str) -> ServiceSpec:
        if name not in self._running:
            raise NotFoundError(f"No service named {name} was started here.")
        return self._running[name].spec

    def _child_spec(self, spec: ServiceSpec) -> ChildSpec:
        return ChildSpec(
            name=spec.name,
            argv=spec.argv,
            log=self.log_of(spec.name),
            env={**os.environ, **spec.env},
            grace_seconds=spec.grace_seconds,
            held=self._held,
        )


@dataclass(frozen=True, slots=True)
class _Running:
    spec: ServiceSpec
    child: Child
    watcher: asyncio.Task[None]


async def _until_ready(spec: ServiceSpec, child: Child) -> None:
    until = time.monotonic() + spec.ready_within_seconds
    while spec.health_url and await http_status(spec.health_url) != HTTP_OK:
        require_alive(child)
        if time.monotonic() > until:
            seconds = spec.ready_within_seconds
            raise NotReadyError(f"{spec.name} was not ready in {seconds:.0f} s. {tail(child.spec.log)}")
        await asyncio.sleep(PAUSE_SECONDS)
    require_alive(child)
