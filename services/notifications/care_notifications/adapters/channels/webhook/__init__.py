"""Webhooks: Standard Webhooks 1.0 to the endpoints of partner organisations."""

from care_notifications.adapters.channels.webhook.channel import WebhookChannel
from care_notifications.adapters.channels.webhook.connector import Connector
from care_notifications.settings import NotificationsSettings


def build(own: NotificationsSettings) -> WebhookChannel:
    """Always there: which endpoints exist, and which may be sent to, the database knows."""
    return WebhookChannel(own.public_url, Connector(own.private_allowed))
