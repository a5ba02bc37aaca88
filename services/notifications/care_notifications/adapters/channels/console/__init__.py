"""The console: always there, for those who watch a log."""

from care_notifications.adapters.channels.console.channel import ConsoleChannel
from care_notifications.settings import NotificationsSettings


def build(_own: NotificationsSettings) -> ConsoleChannel:
    """There is nothing to configure."""
    return ConsoleChannel()
