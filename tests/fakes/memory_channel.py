"""A channel that keeps what it was given and answers as the test says."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from care_notifications.core.attempts import Accepted, Outcome
from care_notifications.core.messages import Message


def accepts(_: Message) -> Outcome:
    return Accepted()


class MemoryChannel:
    """Whoever waits for `arrived` learns of the next message."""

    def __init__(self, answer: Callable[[Message], Outcome] = accepts) -> None:
        self.messages: list[Message] = []
        self.arrived = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self._answer = answer

    async def send(self, message: Message, now: datetime) -> Outcome:
        self.messages.append(message)
        self.arrived.set()
        await self.gate.wait()
        return self._answer(message)
