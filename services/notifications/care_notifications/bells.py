"""News is rung after a commit, and whoever rests between two looks at the database looks at once."""

import asyncio
import contextlib
from collections.abc import Callable

RING_SECONDS = 0.03


class Bell:
    """Of one worker. Nothing depends on it: who does not hear it looks a little later, by itself."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Something may be due: look now."""
        self._rung.set()

    async def rest(self, seconds: float) -> None:
        """Until it rings, at most so long; what rang since the last rest counts."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), seconds)
        self._rung.clear()


class Bells:
    """Rung after each commit: whoever would find the news by itself a little later looks now.

    Hundreds of commits a second wake everybody at most so often: each look costs the database several questions.
    """

    def __init__(self) -> None:
        self.wakes: list[Callable[[], None]] = []
        self._ringing: asyncio.TimerHandle | None = None
        self._rang_at = 0.0

    def ring(self) -> None:
        """Wake everybody, at once or together with others who rang in the same instant."""
        if self._ringing is not None:
            return
        loop = asyncio.get_running_loop()
        self._ringing = loop.call_at(max(loop.time(), self._rang_at + RING_SECONDS), self._wake, loop)

    def _wake(self, loop: asyncio.AbstractEventLoop) -> None:
        self._ringing, self._rang_at = None, loop.time()
        for wake in self.wakes:
            wake()
