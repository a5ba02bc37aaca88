"""Text messages: there when an HTTP gateway is named."""

from care_notifications.adapters.channels.sms.channel import SmsChannel
from care_notifications.adapters.channels.sms.gateway import Gateway, GatewaySettings
from care_notifications.settings import NotificationsSettings


def build(own: NotificationsSettings) -> SmsChannel | None:
    """Without a gateway no texts leave."""
    if not own.sms_url:
        return None
    settings = GatewaySettings(own.sms_url, own.sms_token, own.sms_sender, own.sms_template)
    return SmsChannel(Gateway(settings), own.public_url)
