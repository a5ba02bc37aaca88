"""A long turn pauses for breath: the commit before it, the relay and Kafka's answers get on meanwhile."""

import asyncio
from time import perf_counter

# A commit is nine questions to PostgreSQL and an alert's way to Kafka a dozen more, each asked after the answer before.
EVERY_SECONDS = 0.002
# An answer goes from the socket to the driver to whoever waits for it: one step per round of the loop.
ROUNDS = 3


class Breath:
    """Counts the time since everybody else had a go. Without it one turn folds while a whole commit waits."""

    def __init__(self, every_seconds: float = EVERY_SECONDS) -> None:
        self._every = every_seconds
        self._since = perf_counter()

    async def take(self) -> None:
        """Let the others go on, if they have waited long enough."""
        if perf_counter() - self._since >= self._every:
            for _ in range(ROUNDS):
                await asyncio.sleep(0)
            self._since = perf_counter()
