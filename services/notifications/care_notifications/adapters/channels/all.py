"""Every channel, by its word: the one place that knows them all."""

from collections.abc import Callable, Mapping

from care_notifications.adapters.channels import console, email, sms, webhook
from care_notifications.core.state import Channel
from care_notifications.ports import ChannelPort
from care_notifications.settings import NotificationsSettings

# None: not configured here.
Build = Callable[[NotificationsSettings], ChannelPort | None]

CHANNELS: Mapping[Channel, Build] = {
    Channel.CONSOLE: console.build,
    Channel.EMAIL: email.build,
    Channel.SMS: sms.build,
    Channel.WEBHOOK: webhook.build,
}


def build_channels(own: NotificationsSettings) -> dict[Channel, ChannelPort]:
    """The channels that this installation has."""
    built = ((word, build(own)) for word, build in CHANNELS.items())
    return {word: channel for word, channel in built if channel is not None}
