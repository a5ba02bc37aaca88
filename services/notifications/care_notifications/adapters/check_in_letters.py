"""A check-in leaves as a text or a mail that says only that something waits, and where: no name, topic or reason."""

from dataclasses import dataclass
from datetime import datetime

from care_notifications.adapters.channels.email.channel import EmailChannel, let_end
from care_notifications.adapters.channels.sms.gateway import Gateway, Text
from care_notifications.adapters.postgres_check_ins import Letter
from care_notifications.core.attempts import Outcome, Refused
from care_notifications.core.check_ins.content import Catalogue, Words
from care_notifications.core.check_ins.doubts import Way


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Where links lead, who writes, and whether somebody reads what is texted back."""

    base_url: str
    sender: str
    reads_replies: bool


class CheckInLetters:
    """Hands letters to the gateway or the mail server."""

    def __init__(
        self, catalogue: Catalogue, gateway: Gateway | None, mail: EmailChannel | None, head: Letterhead
    ) -> None:
        self._catalogue = catalogue
        self._gateway = gateway
        self._mail = mail
        self._head = head

    @property
    def ways(self) -> frozenset[Way]:
        """The ways that there are here."""
        there = {Way.TEXT: self._gateway, Way.EMAIL: self._mail}
        return frozenset(way for way, channel in there.items() if channel is not None)

    async def send(self, letter: Letter, now: datetime) -> Outcome:
        """Hand one over. The id is the same at every attempt, the link is not."""
        words = self._catalogue.words[letter.route.language]
        text = words.message.format(sender=self._head.sender, link=f"{self._head.base_url}/c/{letter.token}")
        if letter.route.way is Way.TEXT and self._gateway is not None:
            if letter.opens and self._head.reads_replies:
                text = f"{text} {words.reply_stop}".rstrip()
            return await self._gateway.send(Text(letter.check_in_id, letter.route.address, text), now)
        if letter.route.way is Way.EMAIL and self._mail is not None:
            return await self._post(letter, words, text, self._mail, now)
        return Refused("no-such-way")

    async def _post(self, letter: Letter, words: Words, text: str, mail: EmailChannel, now: datetime) -> Outcome:
        stop = f"{self._head.base_url}/c/{letter.token}/stop"
        try:
            composed = mail.letter(letter.check_in_id, letter.route.address, words.subject, now)
        except ValueError:
            return Refused("unusable-address")
        let_end(composed, stop, one_click=False)
        composed.set_content(f"{text}\n\n{words.stop}: {stop}\n")
        return await mail.post(composed)
