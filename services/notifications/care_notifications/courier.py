"""Notices leave lane by lane: within a lane in order, and a slow partner holds up nobody but itself."""

from collections.abc import Mapping

from care_notifications.core.attempts import Attempt, Refused, after
from care_notifications.core.messages import Message
from care_notifications.core.state import Channel
from care_notifications.lanes import Lanes, Rounds
from care_notifications.ports import ChannelPort, DeliveryStore
from care_shared.runtime.clock import Clock
from care_shared.runtime.logs import get_log

log = get_log(__name__)

IDLE_SECONDS = 0.25


class Courier:
    """Sends what is due."""

    def __init__(self, store: DeliveryStore, channels: Mapping[Channel, ChannelPort], clock: Clock) -> None:
        """A channel that is missing here is simply not served by this process."""
        self._store = store
        self._channels = channels
        self._clock = clock
        self._lanes = Lanes(Rounds(self._due, self.send_due, IDLE_SECONDS, "courier.waiting", channel_of))

    def wake(self) -> None:
        """Something may be due: look now."""
        self._lanes.wake()

    async def run(self) -> None:
        """Until cancelled; a bug in one lane ends it all, loudly."""
        await self._lanes.run()

    async def send_due(self, lane: str) -> None:
        """Everything that is due in one lane, one after the other."""
        channel = self._channels[channel_of(lane)]
        while (message := await self._store.claim(lane, self._clock())) is not None:
            await self._send(message, channel)

    async def _due(self) -> list[str]:
        return [lane for lane in await self._store.due_lanes(self._clock()) if channel_of(lane) in self._channels]

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
