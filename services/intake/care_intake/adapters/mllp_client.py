"""Sends messages to an MLLP listener and waits for the answers: for tests, demos and the command line."""

import asyncio
import ssl
from collections import deque
from types import TracebackType
from typing import Self

from care_intake.adapters.mllp_frames import FrameDecoder, framed
from care_shared.errors import NotReadyError, UnusableMessageError


class MllpClient:
    """`async with MllpClient(host, port) as client: answer = await client.send(message)`."""

    def __init__(self, host: str, port: int, timeout: float = 10.0, tls: ssl.SSLContext | None = None) -> None:
        self._host = host
        self._port = port
        self._timeout = timeout
        self._tls = tls
        self._decoder = FrameDecoder(lenient=True)
        self._answers: deque[bytes] = deque()

    async def __aenter__(self) -> Self:
        try:
            async with asyncio.timeout(self._timeout):
                self._reader, self._writer = await asyncio.open_connection(self._host, self._port, ssl=self._tls)
        except (OSError, TimeoutError) as error:
            raise NotReadyError(f"cannot connect to {self._host}:{self._port}") from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()
        try:
            async with asyncio.timeout(self._timeout):
                await self._writer.wait_closed()
        except (OSError, TimeoutError):
            self._writer.transport.abort()

    async def send(self, message: bytes) -> bytes:
        """The answer to one message."""
        await self.post(message)
        return await self.answer()

    async def post(self, message: bytes) -> None:
        """Send without waiting; the answers come in the same order."""
        try:
            self._writer.write(framed(message))
            async with asyncio.timeout(self._timeout):
                await self._writer.drain()
        except (OSError, TimeoutError) as error:
            raise self._lost("the listener takes no more messages") from error

    async def answer(self) -> bytes:
        """The next answer."""
        try:
            async with asyncio.timeout(self._timeout):
                while not self._answers:
                    self._answers.extend(await self._heard())
        except TimeoutError as error:
            raise self._lost(f"no answer within {self._timeout:g} s") from error
        except OSError as error:
            raise self._lost("the connection broke before the answer came") from error
        return self._answers.popleft()

    async def _heard(self) -> list[bytes]:
        packet = await self._reader.read(65_536)
        if not packet:
            raise self._lost("the listener closed the connection without an answer")
        answers = self._decoder.feed(packet)
        if self._decoder.fault is not None and not answers:
            self._writer.transport.abort()
            raise UnusableMessageError("answer", self._decoder.fault)
        return answers

    def _lost(self, problem: str) -> NotReadyError:
        # An answer that comes too late would be taken for the next one's: this connection is of no more use.
        self._writer.transport.abort()
        return NotReadyError(problem)
