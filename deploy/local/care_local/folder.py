"""The folder of one local stack: its lock, its addresses for other commands, and its removal."""

import asyncio
import contextlib
import fcntl
import json
import os
import shutil
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from care_shared.errors import ConfigurationError, NotFoundError

MARKER = ".carelead-folder"
MARKER_TEXT = "This folder belongs to the local CareLead stack; `carelead reset` deletes it whole.\n"
LOCK_PAUSE_SECONDS = 0.1
# What a stack that was killed may still need to put its children to rest.
LOCK_PATIENCE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class StackState:
    """Where a running stack can be reached; holds the database password, so only its owner may read it."""

    owner_pid: int
    kafka_bootstrap: str
    postgres_dsn: str
    pids: Mapping[str, int] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)


class StackFolder:
    """Paths below one root, and who may use them."""

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().absolute()
        self.logs = self.root / "logs"
        self._lock_path = self.root / "lock"
        self._state_path = self.root / "state.json"

    def claim(self) -> None:
        """Make the folder ours; a folder with foreign content is never taken."""
        if self._is_ours():
            return
        if self.root.exists() and any(self.root.iterdir()):
            raise ConfigurationError(f"{self.root} holds files that are not CareLead's; choose an empty folder.")
        self.root.mkdir(parents=True, exist_ok=True)
        # Others may pass through (PostgreSQL runs as another user when we are root), but not look around.
        self.root.chmod(0o711)
        (self.root / MARKER).write_text(MARKER_TEXT, encoding="utf-8")

    @contextlib.asynccontextmanager
    async def locked(self) -> AsyncIterator[int]:
        """Hold the folder alone; the lock passes to the children, so it outlives us as long as one of them does."""
        self.claim()
        descriptor = os.open(self._lock_path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            await self._wait_for_lock(descriptor)
            yield descriptor
        finally:
            os.close(descriptor)

    def in_use(self) -> bool:
        """Whether a stack, or a child one left behind, still works in this folder."""
        if not self._lock_path.exists():
            return False
        descriptor = os.open(self._lock_path, os.O_RDWR)
        try:
            return not _try_lock(descriptor)
        finally:
            os.close(descriptor)

    def write_state(self, state: StackState) -> None:
        """Publish the addresses, readable by their owner only."""
        part = self._state_path.with_suffix(".part")
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
            json.dump(asdict(state), stream, indent=2)
        part.replace(self._state_path)

    def forget_state(self) -> None:
        """Withdraw the addresses."""
        self._state_path.unlink(missing_ok=True)

    def running_state(self) -> StackState:
        """The addresses of the stack that runs here now."""
        if not self.in_use() or not self._state_path.exists():
            raise NotFoundError("No CareLead stack runs here. Start one with `make demo` and try again.")
        return StackState(**json.loads(self._state_path.read_text(encoding="utf-8")))

    def reset(self) -> bool:
        """Delete the folder with all its data; False when there was none. Refuses while something runs in it."""
        if not self.root.exists():
            return False
        if not self._is_ours():
            raise ConfigurationError(f"{self.root} is not a folder of CareLead; it was left as it is.")
        if self.in_use():
            raise ConfigurationError(f"A CareLead stack still runs in {self.root}; stop it first.")
        shutil.rmtree(self.root)
        return True

    def _is_ours(self) -> bool:
        return (self.root / MARKER).is_file()

    async def _wait_for_lock(self, descriptor: int) -> None:
        until = time.monotonic() + LOCK_PATIENCE_SECONDS
        while not _try_lock(descriptor):
            # A living owner keeps its stack; without one, the last children are on their way out.
            if self._owner_lives() or time.monotonic() > until:
                raise ConfigurationError(f"Another CareLead stack runs in {self.root}; stop it, or use another folder.")
            await asyncio.sleep(LOCK_PAUSE_SECONDS)

    def _owner_lives(self) -> bool:
        if not self._state_path.exists():
            return False
        owner = json.loads(self._state_path.read_text(encoding="utf-8"))["owner_pid"]
        try:
            os.kill(owner, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
