"""A hospital's side of MLLP: send messages framed, several on the way at once, and read what comes back."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from care_shared.errors import NotReadyError

START = b"\x0b"
END = b"\x1c\x0d"
ANSWER_SECONDS = 30.0
# How many messages may be on the way before the first answer is back.
WINDOW = 64


@dataclass(frozen=True, slots=True)
class Ack:
    """The answer to one message: MSA-1, MSA-2, what ERR or MSA-3 says, and how long it took."""

    code: str
    control_id: str
    text: str
    seconds: float

    @property
    def accepted(self) -> bool:
        """Whether the receiver has taken responsibility."""
        return self.code in {"AA", "CA"}


class MllpConnection:
    """One connection; answers come in the order of the messages."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> Self:
        try:
            self._reader, self._writer = await asyncio.open_connection(*self._address, limit=1 << 20)
        except OSError as error:
            raise NotReadyError(f"nobody answers on MLLP port {self._address[1]}; is CareLead running?") from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.close()

    async def send(self, message: bytes) -> Ack:
        """Send one message and wait for its answer."""
        return (await self.send_all([message]))[0]

    async def send_all(self, messages: Iterable[bytes]) -> list[Ack]:
        """Send all, at most WINDOW unanswered at a time, and return the answers in the same order."""
        answers: list[Ack] = []
        sent: list[float] = []
        for message in messages:
            if len(sent) - len(answers) >= WINDOW:
                answers.append(await self._answer(sent[len(answers)]))
            await self._write(message)
            sent.append(time.perf_counter())
        while len(answers) < len(sent):
            answers.append(await self._answer(sent[len(answers)]))
        return answers

    async def _write(self, message: bytes) -> None:
        assert self._writer is not None
        try:
            self._writer.write(START + message + END)
            await self._writer.drain()
        except ConnectionError as error:
            raise NotReadyError("the MLLP connection was closed before the message was sent") from error

    async def _answer(self, sent_at: float) -> Ack:
        assert self._reader is not None
        try:
            frame = await asyncio.wait_for(self._reader.readuntil(END), ANSWER_SECONDS)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise NotReadyError(
                "the MLLP connection was closed without an answer; the message may be sent again"
            ) from error
        except TimeoutError as error:
            raise NotReadyError(
                f"no answer on MLLP within {ANSWER_SECONDS:.0f} s; the message may be sent again"
            ) from error
        return read_ack(frame, time.perf_counter() - sent_at)


def read_ack(frame: bytes, seconds: float) -> Ack:
    """The parts of an ACK we show; separators as every ACK of CareLead has them."""
    text = frame.removeprefix(START).removesuffix(END).decode("utf-8", errors="replace")
    segments = [segment.split("|") for segment in text.replace("\n", "\r").split("\r") if segment]
    msa = _segment(segments, "MSA")
    return Ack(_part(msa, 1), _part(msa, 2), _explanation(segments, msa), seconds)


def _explanation(segments: Sequence[Sequence[str]], msa: Sequence[str]) -> str:
    err = _segment(segments, "ERR")
    # ERR-2 place, ERR-3 code, ERR-7 and ERR-8 text: each may be missing.
    parts = [_part(err, 2), _part(err, 3), _part(err, 7), _part(err, 8)]
    said = " ".join(part.replace("^", " ").strip() for part in parts if part)
    return " ".join((said or _part(msa, 3)).split())


def _segment(segments: Sequence[Sequence[str]], name: str) -> Sequence[str]:
    return next((segment for segment in segments if segment[0] == name), ())


def _part(segment: Sequence[str], position: int) -> str:
    return segment[position] if len(segment) > position else ""
