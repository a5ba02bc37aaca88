"""A mail says that a task needs attention, how urgently and until when, and links to it; it names no patient."""

from datetime import datetime
from email.message import EmailMessage
from email.policy import Policy
from email.utils import format_datetime
from urllib.parse import urlsplit

import aiosmtplib

from care_notifications.adapters.channels.email.connections import Connections, Smtp
from care_notifications.adapters.channels.email.several import body_of, subject_of
from care_notifications.adapters.digest_links import DigestLinks
from care_notifications.core.attempts import Accepted, Outcome, Refused, Unavailable
from care_notifications.core.effects import FoldKind
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


class _InOnePiece(str):
    """A header that is never broken: Python would encode an address longer than a line, and no mail program reads that.

    `name` and `fold` are what Python's generator of mails asks a header for.
    """

    __slots__ = ()
    name = "List-Unsubscribe"

    def fold(self, *, policy: Policy) -> str:
        """The line as it leaves."""
        return f"{self.name}: {self}{policy.linesep}"


class EmailChannel:
    """Sends one mail per notice, several over one connection."""

    def __init__(self, smtp: Smtp, base_url: str, links: DigestLinks | None = None) -> None:
        """`base_url` is where people reach the worklist; `links` end digests, and stand in no other mail."""
        self._smtp = smtp
        self._links = links
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
            digest = message.listing.kind is FoldKind.DIGEST
            stop = self._links.link(message.recipient) if digest and self._links is not None else ""
            several = self.letter(message.delivery_id, message.address.email, subject_of(message.listing), now)
            if stop:
                let_end(several, stop, one_click=True)
            several.set_content(body_of(message.listing, self._base_url, stop))
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

    def letter(self, letter_id: str, to: str, subject: str, now: datetime) -> EmailMessage:
        """The headers of any mail of ours. `EmailMessage` refuses line breaks in them, so an address cannot add one.

        The Message-ID follows from `letter_id`: a mail that was sent twice can be seen to be one.
        """
        mail = EmailMessage()
        mail["From"] = self._smtp.sender
        mail["To"] = to
        mail["Subject"] = subject
        mail["Date"] = format_datetime(now)
        mail["Message-ID"] = f"<{letter_id}@{urlsplit(self._base_url).hostname}>"
        mail["Auto-Submitted"] = "auto-generated"
        return mail


def let_end(mail: EmailMessage, link: str, *, one_click: bool) -> None:
    """The reader's mail program offers to end mails of this kind (RFC 2369); with one click over https (RFC 8058)."""
    mail["List-Unsubscribe"] = _InOnePiece(f"<{link}>")
    if one_click and link.startswith("https://"):
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


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
