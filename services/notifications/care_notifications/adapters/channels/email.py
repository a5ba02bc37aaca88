"""A mail says that a task needs attention, how urgently and until when, and links to it; it names no patient."""

from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import urlsplit

import aiosmtplib
from pydantic import SecretStr

from care_notifications.core.attempts import Accepted, Outcome, Refused, Unavailable
from care_notifications.core.messages import Message
from care_shared.vocabulary import Tier

SUBJECT = "A patient task needs attention"
URGENCY = {
    Tier.P1: "now (within 30 minutes)",
    Tier.P2: "today",
    Tier.P3: "within two business days",
    Tier.P4: "when you have time",
}
BODY = """\
A patient task needs attention.

Urgency:  {tier}, {urgency}
Deadline: {deadline}

Open it:  {link}

This message names no patient on purpose. Do not reply to it.
"""


@dataclass(frozen=True, slots=True)
class Smtp:
    """The mail server, as settings describe it. `tls` is none, starttls or tls; certificates are always checked."""

    host: str
    port: int
    tls: str
    sender: str
    username: str = ""
    password: SecretStr = field(default_factory=lambda: SecretStr(""))
    timeout: float = 15.0


class EmailChannel:
    """Sends one mail per notice."""

    def __init__(self, smtp: Smtp, base_url: str) -> None:
        """`base_url` is where people reach the worklist."""
        self._smtp = smtp
        self._base_url = base_url

    async def send(self, message: Message, now: datetime) -> Outcome:
        """Hand the mail to the server."""
        smtp = self._smtp
        try:
            await aiosmtplib.send(
                self.compose(message, now),
                hostname=smtp.host,
                port=smtp.port,
                username=smtp.username or None,
                password=smtp.password.get_secret_value() or None,
                use_tls=smtp.tls == "tls",
                start_tls=smtp.tls == "starttls",
                timeout=smtp.timeout,
            )
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            return _outcome(error)
        return Accepted("250")

    def compose(self, message: Message, now: datetime) -> EmailMessage:
        """The mail. `EmailMessage` refuses line breaks in headers, so an address cannot add one.

        The Message-ID is that of the notice: a mail that was sent twice can be seen to be one.
        """
        mail = EmailMessage()
        mail["From"] = self._smtp.sender
        mail["To"] = message.address.email
        mail["Subject"] = f"{SUBJECT} ({message.tier.value})"
        mail["Date"] = format_datetime(now)
        mail["Message-ID"] = f"<{message.delivery_id}@{urlsplit(self._base_url).hostname}>"
        mail["Auto-Submitted"] = "auto-generated"
        deadline = message.due_at.strftime("%Y-%m-%d %H:%M UTC") if message.due_at else "none"
        mail.set_content(
            BODY.format(
                tier=message.tier.value,
                urgency=URGENCY[message.tier],
                deadline=deadline,
                link=f"{self._base_url}/alerts/{message.gap_id}",
            )
        )
        return mail


def _outcome(error: Exception) -> Outcome:
    """A 5xx about the recipient or the message is for good; everything else may pass."""
    if isinstance(error, ValueError):
        return Refused("unusable-address")
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        worst = max((one.code for one in error.recipients), default=550)
        return Refused(str(worst)) if worst >= 500 else Unavailable(str(worst))
    if isinstance(error, aiosmtplib.SMTPDataError) and error.code >= 500:
        return Refused(str(error.code))
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return Unavailable(str(error.code))
    lost_answer = isinstance(error, aiosmtplib.SMTPReadTimeoutError | aiosmtplib.SMTPServerDisconnected)
    return Unavailable("no-answer", perhaps_received=lost_answer)
