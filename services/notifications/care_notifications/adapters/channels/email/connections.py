"""Connections to the mail server are kept open between mails: greeting, TLS and sign-in happen once for many."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiosmtplib
from pydantic import SecretStr

MAILS_PER_CONNECTION = 100
IDLE_SECONDS = 30.0  # servers hang up on the silent after a minute or more


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
    bounces: str = ""
    connections: int = 4

    @property
    def envelope_sender(self) -> str:
        """Where the mail system sends what cannot be delivered."""
        return self.bounces or self.sender


@dataclass(slots=True)
class Line:
    """One open connection."""

    client: aiosmtplib.SMTP
    mails: int = 0
    used_at: float = 0.0


class Connections:
    """A few connections at most, each for one mail at a time."""

    def __init__(self, smtp: Smtp) -> None:
        self._smtp = smtp
        self._idle: list[Line] = []
        self._room = asyncio.Semaphore(smtp.connections)

    @contextlib.asynccontextmanager
    async def lend(self) -> AsyncIterator[aiosmtplib.SMTP]:
        """A connection that answers. Raises what aiosmtplib raises when none can be had.

        It is kept for the next mail unless the one that was sent over it went wrong.
        """
        async with self._room:
            line = await self._reused() or await self._fresh()
            try:
                yield line.client
            except BaseException:
                line.client.close()
                raise
            self._keep(line)

    def close(self) -> None:
        """Hang up."""
        while self._idle:
            self._idle.pop().client.close()

    async def _reused(self) -> Line | None:
        """An idle connection that still answers: asked before the mail, not found out in the middle of it."""
        while self._idle:
            line = self._idle.pop()
            if time.monotonic() - line.used_at < IDLE_SECONDS and line.client.is_connected:
                with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                    await line.client.rset()
                    return line
            line.client.close()
        return None

    async def _fresh(self) -> Line:
        smtp = self._smtp
        client = aiosmtplib.SMTP(
            hostname=smtp.host,
            port=smtp.port,
            username=smtp.username or None,
            password=smtp.password.get_secret_value() or None,
            use_tls=smtp.tls == "tls",
            start_tls=smtp.tls == "starttls",
            timeout=smtp.timeout,
        )
        try:
            await client.connect()
        except BaseException:
            client.close()
            raise
        return Line(client)

    def _keep(self, line: Line) -> None:
        line.mails += 1
        line.used_at = time.monotonic()
        if line.mails < MAILS_PER_CONNECTION and line.client.is_connected:
            self._idle.append(line)
        else:
            line.client.close()
