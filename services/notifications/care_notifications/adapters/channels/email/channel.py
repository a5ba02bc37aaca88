"""A mail says that a task needs attention, how urgently and until when, and links to it; it names no patient."""

from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import urlsplit

import aiosmtplib

from care_notifications.adapters.channels.email.connections import Connections, Smtp
from care_notifications.adapters.channels.email.several import body_of, subject_of
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


class EmailChannel:
    """Sends one mail per notice, several over one connection."""

    def __init__(self, smtp: Smtp, base_url: str) -> None:
        """`base_url` is where people reach the worklist."""
        self._smtp = smtp
        self._base_url = base_url
        self._connections = Connections(smtp)

    async def send(self, message: Message, now: datetime) -> Outcome:
        """Hand the mail to the server."""
        try:
            mail = self.compose(message, now)
        except ValueError:
            return Refused("unusable-address")
        return await self.post(mail)

    async def post(self, mail: EmailMessage) -> Outcome:
        """Hand over a mail that somebody else composed (see `letter`), over a connection that is kept."""
        try:
            async with self._connections.lend() as client:
                await client.send_message(mail, sender=self._smtp.envelope_sender)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            return _outcome(error)
        return Accepted("250")

    def close(self) -> None:
        """Hang up the connections that are kept."""
        self._connections.close()

    def compose(self, message: Message, now: datetime) -> EmailMessage:
        """The mail about one alert, or about the several that the message lists."""
        if message.listing is not None:
            several = self.letter(message.delivery_id, message.address.email, subject_of(message.listing), now)
            several.set_content(body_of(message.listing, self._base_url))
            return several
        mail = self.letter(message.delivery_id, message.address.email, f"{SUBJECT} ({message.tier.value})", now)
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

    def letter(self, letter_id: str, to: str, subject: str, now: datetime, unsubscribe: str = "") -> EmailMessage:
        """The headers of any mail of ours. `EmailMessage` refuses line breaks in them, so an address cannot add one.

        The Message-ID follows from `letter_id`: a mail that was sent twice can be seen to be one. `unsubscribe` is
        the https address that ends a mail of the kind that one may end (digests), by one click (RFC 8058).
        """
        mail = EmailMessage()
        mail["From"] = self._smtp.sender
        mail["To"] = to
        mail["Subject"] = subject
        mail["Date"] = format_datetime(now)
        mail["Message-ID"] = f"<{letter_id}@{urlsplit(self._base_url).hostname}>"
        mail["Auto-Submitted"] = "auto-generated"
        if unsubscribe:
            mail["List-Unsubscribe"] = f"<{unsubscribe}>"
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
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
