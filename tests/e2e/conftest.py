"""One whole CareLead for all stories of a session, on a stack of its own."""

import asyncio
import shutil
import tempfile
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from care_cli.running.system import Listener, running_system
from care_cli.stories.all import Playbill, Story, stage_of
from care_cli.stories.stage import Stage
from care_local.settings import LocalSettings

START_SECONDS = 110
# The longest story sends, kills, starts again and then counts a thousand mails.
STORY_SECONDS = 220


@dataclass(frozen=True, slots=True)
class Teller:
    """Plays stories on the system, which runs in an event loop of its own."""

    stage: Stage
    loop: asyncio.AbstractEventLoop

    def play(self, story: Story) -> None:
        """Play one story to its end; a step that does not come true fails the test by its name."""

        async def to_its_end() -> None:
            await story(self.stage)

        asyncio.run_coroutine_threadsafe(to_its_end(), self.loop).result(STORY_SECONDS)


class _Background:
    """The system and its stage, started and stopped inside one task of a thread's event loop."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ready: asyncio.Future[Stage]
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="carelead")
        self._stopping = asyncio.Event()

    def start(self) -> Stage:
        self._thread.start()
        return self._run(self._begin()).result(START_SECONDS)

    def stop(self) -> None:
        try:
            self._run(self._end()).result(START_SECONDS)
        finally:
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join()
            self.loop.close()

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    async def _begin(self) -> Stage:
        self._ready = self.loop.create_future()
        self._task = asyncio.create_task(self._serve())
        await asyncio.wait({self._ready, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if self._task.done():
            await self._task
        return self._ready.result()

    async def _end(self) -> None:
        self._stopping.set()
        await self._task

    async def _serve(self) -> None:
        alone = {"local_folder": self._folder, "kafka_bootstrap": None, "postgres_dsn": None}
        settings = LocalSettings().model_copy(update=alone)
        playbill = Playbill()
        listener = Listener(lambda _sentence, _seconds: None, lambda _ended: None)
        async with (
            running_system(settings, listener, fixed_ports=False, policy=playbill.policy) as system,
            stage_of(system, lambda _sentence, _seconds: None, playbill) as stage,
        ):
            self._ready.set_result(stage)
            await self._stopping.wait()


@pytest.fixture(scope="session")
def teller() -> Iterator[Teller]:
    """Somebody who tells stories to a running system."""
    folder = Path(tempfile.mkdtemp(prefix="carelead-e2e-"))
    background = _Background(folder)
    try:
        yield Teller(background.start(), background.loop)
    finally:
        background.stop()
        shutil.rmtree(folder, ignore_errors=True)
