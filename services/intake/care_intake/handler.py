"""One message: decide what it means, keep it with its facts, and only then answer."""

import asyncio

from care_intake.core.decide import decide
from care_intake.core.feed import Feed
from care_intake.core.formats import Format, RawMessage
from care_intake.core.receipts import judged
from care_intake.ports import Keeper, Kept
from care_shared.runtime.clock import Clock

# Reading a JSON body of megabytes takes part of a second, in which hospitals would wait for their answers.
LARGE_BODY = 128 * 1024


class Intake:
    """The door every message comes through, whatever its format and transport."""

    def __init__(self, keeper: Keeper, clock: Clock) -> None:
        self._keeper = keeper
        self._clock = clock

    async def receive(self, body: bytes, form: Format, feed: Feed, resource: str = "") -> Kept:
        """Keep one message durably. Raises NotReadyError when that was not possible."""
        message = RawMessage(body, form, self._clock(), resource)
        # HL7 messages keep their order, so nothing may come between arrival and the queue.
        is_apart = form is not Format.HL7 and len(body) > LARGE_BODY
        decision = await asyncio.to_thread(decide, message, feed) if is_apart else decide(message, feed)
        return await self._keeper.keep(judged(message, feed.source, decision))
