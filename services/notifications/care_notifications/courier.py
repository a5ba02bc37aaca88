"""Notices leave lane by lane: within a lane in order, and a slow partner holds up nobody but itself."""

import asyncio
from collections.abc import Mapping

from care_notifications.core.attempts import Attempt, Refused, after
from care_notifications.core.messages import Message
from care_notifications.core.state import Channel
from care_notifications.ports import ChannelPort, DeliveryStore
from care_shared.errors import NotReadyError
from care_shared.runtime.clock import Clock
from care_shared.runtime.logs import get_log

log = get_log(__name__)

IDLE_SECONDS = 0.25
TROUBLE_SECONDS = 1.0
LANES_AT_ONCE = 64  # of one channel


class Courier:
    """Sends what is due. Nothing is scheduled in memory: it looks, works, and looks again."""

    def __init__(self, store: DeliveryStore, channels: Mapping[Channel, ChannelPort], clock: Clock) -> None:
        """A channel that is missing here is simply not served by this process."""
        self._store = store
        self._channels = channels
        self._clock = clock
        self._wake = asyncio.Event()
        self._lanes: dict[str, asyncio.Task[None]] = {}

    def wake(self) -> None:
        """Something may be due: look now."""
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled; a bug in one lane ends it all, loudly."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._wake.clear()
                pause = IDLE_SECONDS
                try:
                    await self._start_lanes(group)
                except NotReadyError as error:
                    log.warning("courier.waiting", error=type(error).__name__)
                    pause = TROUBLE_SECONDS
                try:
                    await asyncio.wait_for(self._wake.wait(), pause)
                except TimeoutError:
                    continue

    async def send_due(self, lane: str) -> None:
        """Everything that is due in one lane, one after the other."""
        channel = self._channels[channel_of(lane)]
        while (message := await self._store.claim(lane, self._clock())) is not None:
            await self._send(message, channel)

    async def _start_lanes(self, group: asyncio.TaskGroup) -> None:
        for lane in await self._store.due_lanes(self._clock()):
            if lane not in self._lanes and self._has_room(channel_of(lane)):
                self._lanes[lane] = group.create_task(self._serve(lane))

    def _has_room(self, channel: Channel) -> bool:
        if channel not in self._channels:
            return False
        return sum(channel_of(lane) is channel for lane in self._lanes) < LANES_AT_ONCE

    async def _serve(self, lane: str) -> None:
        try:
            await self.send_due(lane)
        except NotReadyError as error:
            log.warning("courier.waiting", error=type(error).__name__, channel=channel_of(lane).value)
            await asyncio.sleep(TROUBLE_SECONDS)
        finally:
            del self._lanes[lane]

    async def _send(self, message: Message, channel: ChannelPort) -> None:
        started_at = self._clock()
        outcome = await channel.send(message, started_at)
        now = self._clock()
        number = message.number - message.attempts_before
        following = after(Attempt(message.delivery_id, number, message.expires_at), outcome, now)
        await self._store.settle(message, outcome, following, now, started_at)
        level = log.warning if isinstance(outcome, Refused) else log.info
        level(
            "notice.attempted",
            delivery=message.delivery_id, gap_id=message.gap_id, channel=message.channel.value, tier=message.tier.value,
            attempt=message.number, code=outcome.code, state=type(following).__name__,
        )  # fmt: skip


def channel_of(lane: str) -> Channel:
    """The channel in a lane's name."""
    return Channel(lane.partition(":")[0])
