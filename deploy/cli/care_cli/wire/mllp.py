"""A hospital's side of MLLP: send messages framed, several on the way at once, and read what comes back."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from care_intake.adapters.mllp_client import MllpClient
from care_intake.core.hl7.reply_to import reply_to

ANSWER_SECONDS = 30.0
# How many messages may be on the way before the first answer is back.
WINDOW = 64
# HL7 table 0357: record locked, internal error.
_TRANSIENT = frozenset({"206", "207"})


@dataclass(frozen=True, slots=True)
class Ack:
    """The answer to one message: MSA-1, MSA-2, what ERR or MSA-3 says, and how long it took."""

    code: str
    control_id: str
    text: str
    seconds: float
    condition: str = ""

    @property
    def is_transient(self) -> bool:
        """Whether the same message may be taken later: it was not the message's fault."""
        return self.code in {"AE", "CE"} and self.condition in _TRANSIENT

    @property
    def accepted(self) -> bool:
        """Whether the receiver has taken responsibility."""
        return self.code in {"AA", "CA"}


async def send_all(client: MllpClient, messages: Iterable[bytes]) -> list[Ack]:
    """Send all on one connection, at most WINDOW unanswered at a time; the answers come in the same order."""
    answers: list[Ack] = []
    sent: list[float] = []
    for message in messages:
        if len(sent) - len(answers) >= WINDOW:
            answers.append(await _answer(client, sent[len(answers)]))
        sent.append(time.perf_counter())
        await client.post(message)
    while len(answers) < len(sent):
        answers.append(await _answer(client, sent[len(answers)]))
    return answers


async def send_one(host: str, port: int, message: bytes) -> Ack:
    """Send one message on a connection of its own."""
    async with MllpClient(host, port, ANSWER_SECONDS) as client:
        return (await send_all(client, [message]))[0]


async def post_one(host: str, port: int, message: bytes) -> None:
    """Send one message whose sender wants no answer."""
    async with MllpClient(host, port, ANSWER_SECONDS) as client:
        await client.post(message)


async def _answer(client: MllpClient, sent_at: float) -> Ack:
    answer = await client.answer()
    return read_ack(answer, time.perf_counter() - sent_at)


def read_ack(answer: bytes, seconds: float) -> Ack:
    """The parts of an ACK we show. It is written with the separators of the message it answers."""
    text = answer.decode("utf-8", errors="replace")
    separator = text[3:4] or "|"
    segments = [segment.split(separator) for segment in text.replace("\n", "\r").split("\r") if segment]
    msa = _segment(segments, "MSA")
    condition = _condition(_segment(segments, "ERR"), text[4:5] or "^", text[7:8] or "&")
    return Ack(_part(msa, 1), _part(msa, 2), _explanation(segments, msa), seconds, condition)


def _condition(err: Sequence[str], component: str, subcomponent: str) -> str:
    """HL7 table 0357: ERR-3 since 2.5, before that the fourth part of ERR-1."""
    old = _part(err, 1).split(component)
    return _part(err, 3).split(component)[0] or (old[3].split(subcomponent)[0] if len(old) > 3 else "")


def wants_no_answer(message: bytes) -> bool:
    """Whether its sender asked, in MSH-15 and MSH-16, not to be answered."""
    wanted = reply_to(message)
    return wanted.is_enhanced and {wanted.accept_type, wanted.application_type} <= {"", "NE"}


def _explanation(segments: Sequence[Sequence[str]], msa: Sequence[str]) -> str:
    """What is meant for people: ERR-8, else what old versions say in MSA-3. Places and codes are for machines."""
    err = _segment(segments, "ERR")
    said = _part(err, 8) or _part(err, 7) or _part(msa, 3)
    return " ".join(said.replace("^", " ").split())


def _segment(segments: Sequence[Sequence[str]], name: str) -> Sequence[str]:
    return next((segment for segment in segments if segment[0] == name), ())


def _part(segment: Sequence[str], position: int) -> str:
    return segment[position] if len(segment) > position else ""
