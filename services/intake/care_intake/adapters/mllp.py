"""Hospitals call us over MLLP: we listen, pass each message on, and hang up in an orderly way when we stop."""

import asyncio
from collections import Counter, deque
from types import TracebackType
from typing import Self

from care_intake.adapters.mllp_connection import MllpConnection
from care_intake.adapters.mllp_terms import (
    Fallback,
    LimitsOf,
    MllpEndpoint,
    MllpEvent,
    MllpHandling,
    MllpLimits,
    Observe,
    Pace,
    Receive,
)
from care_intake.adapters.mllp_tls import Peer
from care_shared.errors import ConfigurationError

# How many messages are read between two looks at the network: all of a burst at once would keep the database's answers
# to earlier messages waiting, and with them every sender.
MESSAGES_PER_TURN = 4


def _unobserved(event: MllpEvent) -> None:
    """Whoever wants to know passes an observer."""


def _the_same_for_all(_: Peer, limits: MllpLimits) -> MllpLimits:
    return limits


class MllpServer:
    """`async with MllpServer(endpoint, receive) as server:` listens until the block ends, then drains."""

    def __init__(
        self,
        endpoint: MllpEndpoint,
        receive: Receive,
        limits: MllpLimits | None = None,
        fallback: Fallback | None = None,
        observe: Observe = _unobserved,
        limits_of: LimitsOf = _the_same_for_all,
    ) -> None:
        self._endpoint = endpoint
        self._handling = MllpHandling(receive, fallback, observe)
        self._limits = limits or MllpLimits()
        self._limits_of = limits_of
        self._paces: dict[str, Pace] = {}
        self._connections: set[MllpConnection] = set()
        self._per_peer: Counter[str] = Counter()
        self._turns: deque[MllpConnection] = deque()
        self._all_gone = asyncio.Event()
        self._all_gone.set()
        self._server: asyncio.Server | None = None
        self._is_draining = False

    @property
    def port(self) -> int:
        """The port it listens on, also when a free one was asked for."""
        if self._server is None or not self._server.sockets:
            raise RuntimeError("the MLLP server does not listen")
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self) -> None:
        """Listen."""
        endpoint = self._endpoint
        limits = self._limits
        try:
            self._server = await asyncio.get_running_loop().create_server(
                lambda: MllpConnection(self._handling, limits, self),
                endpoint.host,
                endpoint.port,
                ssl=endpoint.tls,
                ssl_handshake_timeout=limits.frame_timeout if endpoint.tls else None,
                ssl_shutdown_timeout=limits.drain_timeout if endpoint.tls else None,
                backlog=limits.max_connections,
            )
        except OSError as error:
            raise ConfigurationError(f"cannot listen for MLLP on {endpoint.host}:{endpoint.port}") from error

    async def stop(self) -> None:
        """Let nobody in any more, answer what was read, and hang up; whoever is not done in time is cut off."""
        if self._server is None:
            return
        self._is_draining = True
        self._server.close()
        for connection in tuple(self._connections):
            connection.finish()
        try:
            await asyncio.wait_for(self._all_gone.wait(), self._limits.drain_timeout)
        except TimeoutError:
            for connection in tuple(self._connections):
                connection.give_up()
            await self._all_gone.wait()
        self._server = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def admit(self, connection: MllpConnection) -> str:
        """Why this connection may not stay; empty when it may."""
        self._connections.add(connection)
        self._per_peer[connection.peer.identity] += 1
        self._all_gone.clear()
        if self._is_draining:
            return "shutting down"
        if len(self._connections) > self._limits.max_connections:
            return "too many connections"
        allowed = self._limits_of(connection.peer, self._limits).max_connections_per_peer
        if self._per_peer[connection.peer.identity] > allowed:
            return "too many connections of one sender"
        return ""

    def terms_of(self, peer: Peer) -> tuple[MllpLimits, Pace]:
        """What this sender may ask of us, and the pace that all its connections share."""
        limits = self._limits_of(peer, self._limits)
        if not limits.messages_per_second:
            return limits, Pace(0.0)
        # Bounded: only agreed senders have a pace.
        return limits, self._paces.setdefault(peer.identity, Pace(limits.messages_per_second))

    def forget(self, connection: MllpConnection) -> None:
        """It is gone, and all its messages are finished."""
        if connection not in self._connections:
            return
        self._connections.discard(connection)
        self._per_peer -= Counter((connection.peer.identity,))
        if not self._connections:
            self._all_gone.set()

    def queue(self, connection: MllpConnection) -> None:
        """A message waits: connections take turns, a few in each turn of the loop."""
        self._turns.append(connection)
        if len(self._turns) == 1:
            asyncio.get_running_loop().call_soon(self._next_turn)

    def _next_turn(self) -> None:
        for _ in range(min(MESSAGES_PER_TURN, len(self._turns))):
            # It stays at the head until it has taken its message, so that asking again does not start a second round.
            self._turns[0].take_one()
            self._turns.popleft()
        if self._turns:
            asyncio.get_running_loop().call_soon(self._next_turn)
