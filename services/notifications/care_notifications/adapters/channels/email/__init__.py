"""Mail: there when a mail server is named."""

from care_notifications.adapters.channels.email.channel import EmailChannel
from care_notifications.adapters.channels.email.connections import Smtp
from care_notifications.adapters.digest_links import DigestLinks
from care_notifications.settings import NotificationsSettings


def build(own: NotificationsSettings) -> EmailChannel | None:
    """Without a mail server no mails leave."""
    if not own.smtp_host:
        return None
    smtp = Smtp(
        own.smtp_host, own.smtp_port, own.smtp_tls, own.mail_from, own.smtp_username, own.smtp_password,
        bounces=own.mail_bounces, connections=own.smtp_connections,
    )  # fmt: skip
    return EmailChannel(smtp, own.public_url, DigestLinks(own.link_keys, own.public_url))
