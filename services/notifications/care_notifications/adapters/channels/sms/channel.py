"""A text says that a task needs attention, how urgently, and where to look; it names no patient and no reason."""

from datetime import datetime

from care_notifications.adapters.channels.sms.gateway import Gateway, Text
from care_notifications.core.attempts import Outcome
from care_notifications.core.messages import Message
from care_shared.vocabulary import Tier

URGENCY = {Tier.P1: "now", Tier.P2: "today", Tier.P3: "within two business days", Tier.P4: "when you have time"}


class SmsChannel:
    """One text per notice."""

    def __init__(self, gateway: Gateway, base_url: str) -> None:
        """`base_url` is where people reach the worklist."""
        self._gateway = gateway
        self._base_url = base_url

    async def send(self, message: Message, now: datetime) -> Outcome:
        """Hand it to the gateway."""
        return await self._gateway.send(Text(message.delivery_id, message.address.mobile, self.words(message)), now)

    def words(self, message: Message) -> str:
        """What the phone shows, also on a locked screen."""
        urgency = URGENCY[message.tier]
        if message.listing is not None:
            many = f"{message.listing.total} patient tasks need attention {urgency}"
            return f"CareLead {message.tier.value}: {many}. {self._base_url}/ Reply STOP to opt out."
        link = f"{self._base_url}/alerts/{message.gap_id}"
        return f"CareLead {message.tier.value}: a patient task needs attention {urgency}. {link} Reply STOP to opt out."
