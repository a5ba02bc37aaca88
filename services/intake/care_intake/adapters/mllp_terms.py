"""On what terms we listen to hospitals: where, how much at a time, and what is told about it."""

import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from care_intake.adapters.mllp_frames import DEFAULT_MAX_FRAME_BYTES
from care_intake.adapters.mllp_tls import Peer

BURST_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class MllpEndpoint:
    """Where to listen; port 0 takes a free one. A TLS context that asks for client certificates names the senders."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True)
class MllpLimits:
    """What one sender may ask of us; times in seconds."""

    max_frame_bytes: int = DEFAULT_MAX_FRAME_BYTES
    frame_timeout: float = 30.0  # for a frame from its first byte to its last, for the TLS handshake, for reading ACKs
    idle_timeout: float = 300.0
    max_connections: int = 500
    max_connections_per_peer: int = 100  # by certificate, else by address
    max_in_flight: int = 64  # messages of one connection without an answer yet; then we stop reading
    messages_per_second: float = 0.0  # of one sender over all its connections, after a second's burst; 0: no limit
    drain_timeout: float = 10.0
    lenient_frames: bool = False


@dataclass(slots=True)
class Pace:
    """How fast one sender may go; who is faster waits, because its next message is not read yet."""

    per_second: float
    _due: float = 0.0

    def wait(self, now: float) -> float:
        """Takes the next turn and gives 0, or says in how many seconds there will be one."""
        if self.per_second <= 0:
            return 0.0
        early = max(self._due, now) - now - BURST_SECONDS
        if early > 0:
            return early
        self._due = max(self._due, now) + 1 / self.per_second
        return 0.0


class MllpEventName(StrEnum):
    """What may be told about connections."""

    OPENED = "connection.opened"
    CLOSED = "connection.closed"
    REFUSED = "connection.refused"
    TIMED_OUT = "connection.timed_out"
    FRAME_REFUSED = "frame.refused"
    RECEIVE_FAILED = "message.failed"


@dataclass(frozen=True, slots=True)
class MllpEvent:
    """Something worth a log line or a count; it holds nothing of any message."""

    name: MllpEventName
    peer: Peer
    reason: str = ""
    error: Exception | None = None


# One answer, several in order, or none.
Reply = bytes | tuple[bytes, ...] | None
# Called in the order of arrival, and again before the answers of earlier messages are ready: what must keep that order
# has to take its place in a queue before its first await.
Receive = Callable[[bytes, Peer], Awaitable[Reply]]
# The answer when `receive` itself failed; without one the connection is closed unanswered, so that the sender resends.
Fallback = Callable[[bytes, Exception], Reply]
Observe = Callable[[MllpEvent], None]
# What one peer may ask of us, from the limits of everybody.
LimitsOf = Callable[[Peer, MllpLimits], MllpLimits]


@dataclass(frozen=True, slots=True)
class MllpHandling:
    """What happens to messages and to news about connections."""

    receive: Receive
    fallback: Fallback | None
    observe: Observe
