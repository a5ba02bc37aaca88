"""One message: decide what it means, keep it with its facts, and only then answer."""

import asyncio

from care_intake.core.decide import decide
from care_intake.core.feed import Feed
from care_intake.core.formats import NO_CONDITIONS, Conditions, Format, RawMessage
from care_intake.core.receipts import Judged, judged
from care_intake.core.roster_terms import RosterDiff
from care_intake.ports import Keeper, Kept, RosterPreviews
from care_shared.runtime.clock import Clock

# Reading a JSON body of megabytes takes part of a second, in which hospitals would wait for their answers.
LARGE_BODY = 128 * 1024


class Intake:
    """The door every message comes through, whatever its format and transport."""

    def __init__(
        self, keeper: Keeper, clock: Clock, tables: Keeper | None = None, previews: RosterPreviews | None = None
    ) -> None:
        """`tables` keeps large files apart, so that no hospital waits in one transaction with twenty thousand rows."""
        self._keeper = keeper
        self._clock = clock
        self._tables = tables or keeper
        self._previews = previews

    async def receive(
        self, body: bytes, form: Format, feed: Feed, resource: str = "", conditions: Conditions = NO_CONDITIONS
    ) -> Kept:
        """Keep one message durably. Raises NotReadyError when that was not possible."""
        message = RawMessage(body, form, self._clock(), resource, conditions)
        if form.is_table:
            return await self._tables.keep(await _judged_apart(message, feed))
        # HL7 messages keep their order, so nothing may come between arrival and the queue.
        if form is Format.HL7 or len(body) <= LARGE_BODY:
            return await self._keeper.keep(judged(message, feed.source, decide(message, feed)))
        return await self._keeper.keep(await _judged_apart(message, feed))

    async def preview(self, body: bytes, form: Format, feed: Feed) -> tuple[Judged, RosterDiff | None]:
        """What would become of a file and, of a roster, what would change; nothing is kept. Raises NotReadyError."""
        one = await _judged_apart(RawMessage(body, form, self._clock()), feed)
        return one, await self._previews.preview(one) if self._previews else None

    async def judge(self, body: bytes, form: Format, feed: Feed, resource: str = "") -> Judged:
        """The verdict alone: for a door that keeps the message with its own position, or for a dry run."""
        return await judged_beside(RawMessage(body, form, self._clock(), resource), feed)


async def judged_beside(message: RawMessage, feed: Feed) -> Judged:
    """The verdict; a large message is read apart, so that nobody waits for it."""
    if len(message.body) <= LARGE_BODY:
        return judged(message, feed.source, decide(message, feed))
    return await _judged_apart(message, feed)


async def _judged_apart(message: RawMessage, feed: Feed) -> Judged:
    return judged(message, feed.source, await asyncio.to_thread(decide, message, feed))
