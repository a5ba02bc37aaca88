"""One hospital's open line: messages come in, and each is answered in the order it came."""

import asyncio
from collections import deque
from typing import Protocol, cast

from care_intake.adapters.mllp_frames import FrameDecoder, framed
from care_intake.adapters.mllp_terms import MllpEvent, MllpEventName, MllpHandling, MllpLimits, Pace
from care_intake.adapters.mllp_tls import Peer, peer_of


class Doorkeeper(Protocol):
    """Knows who is inside, and lets in."""

    def admit(self, connection: "MllpConnection") -> str:
        """Why this connection may not stay; empty when it may."""

    def forget(self, connection: "MllpConnection") -> None:
        """It is gone, and all its messages are finished."""

    def terms_of(self, peer: Peer) -> tuple[MllpLimits, Pace]:
        """What this sender may ask of us, and the pace that all its connections share."""

    def queue(self, connection: "MllpConnection") -> None:
        """It has a message that waits; `take_one` is called when its turn comes."""


class MllpConnection(asyncio.Protocol):
    """Many messages may be in hand at once; answers leave in the order of arrival, several in one packet."""

    def __init__(self, handling: MllpHandling, limits: MllpLimits, doorkeeper: Doorkeeper) -> None:
        self._handling = handling
        self._limits = limits
        self._doorkeeper = doorkeeper
        self._loop = asyncio.get_running_loop()
        self._decoder = FrameDecoder(limits.max_frame_bytes, limits.lenient_frames)
        self._waiting: deque[bytes] = deque()
        self._in_hand: deque[asyncio.Task[bytes]] = deque()
        self._flush_is_due = False
        self._waits_for_turn = False
        self._is_reading = True
        self._is_ending = False
        self._is_lost = False
        self._may_answer = True
        self._pace = Pace(0.0)
        self._pause: asyncio.TimerHandle | None = None
        self._peer_stopped_reading = False
        self._progress_at = self._loop.time()
        self._watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody called."""
        self._transport = cast(asyncio.Transport, transport)
        self.peer: Peer = peer_of(transport.get_extra_info("peername"), transport.get_extra_info("ssl_object"))
        self._limits, self._pace = self._doorkeeper.terms_of(self.peer)
        self._decoder = FrameDecoder(self._limits.max_frame_bytes, self._limits.lenient_frames)
        refusal = self._doorkeeper.admit(self)
        if refusal:
            self._tell(MllpEventName.REFUSED, refusal)
            self._is_ending = True
            self._transport.abort()
            return
        self._tell(MllpEventName.OPENED)
        self._look_again_later()

    def data_received(self, data: bytes) -> None:
        """A packet: part of a message, or several."""
        if self._is_ending:
            return
        was_inside = self._decoder.is_inside
        messages = self._decoder.feed(data)
        if messages or not was_inside:
            # Within one frame the clock is not set back: a byte every ten seconds is not progress.
            self._progress_at = self._loop.time()
        self._waiting.extend(messages)
        self._take_in_hand()
        if self._decoder.fault is not None:
            self._tell(MllpEventName.FRAME_REFUSED, self._decoder.fault)
            self.finish()

    def eof_received(self) -> bool:
        """The sender will say no more, but may still listen for answers (TLS cannot do that)."""
        self.finish()
        return self._transport.get_extra_info("ssl_object") is None and not self._transport.is_closing()

    def pause_writing(self) -> None:
        """The sender does not read its answers."""
        self._peer_stopped_reading = True
        self._progress_at = self._loop.time()
        self._regulate()

    def resume_writing(self) -> None:
        """It reads again."""
        self._peer_stopped_reading = False
        self._progress_at = self._loop.time()
        self._take_in_hand()

    def connection_lost(self, exc: Exception | None) -> None:
        """The line is dead; what is in hand is finished all the same, its sender will ask again."""
        self._is_lost = self._is_ending = True
        self._may_answer = False
        self._waiting.clear()
        if self._watch is not None:
            self._watch.cancel()
        self._tell(MllpEventName.CLOSED)
        self._forget_if_over()

    def finish(self) -> None:
        """Read no more, answer what was read, then close."""
        self._is_ending = True
        self._regulate()
        self._close_if_answered()

    def give_up(self) -> None:
        """Close at once, answered or not."""
        for task in self._in_hand:
            task.cancel()
        self._waiting.clear()
        self._transport.abort()

    def take_one(self) -> None:
        """It is this connection's turn: one message is taken in hand."""
        self._waits_for_turn = False
        if self._may_take():
            task = self._loop.create_task(self._answer(self._waiting.popleft()))
            task.add_done_callback(self._on_answer)
            self._in_hand.append(task)
        self._take_in_hand()

    def _take_in_hand(self) -> None:
        if not self._waits_for_turn and self._may_take() and self._is_in_pace():
            self._waits_for_turn = True
            self._doorkeeper.queue(self)
        self._regulate()

    def _may_take(self) -> bool:
        has_room = len(self._in_hand) < self._limits.max_in_flight
        return bool(self._waiting) and has_room and not self._peer_stopped_reading

    def _is_in_pace(self) -> bool:
        """Whether the next message may be taken now; if not, we look again when it may."""
        if self._pause is not None:
            return False
        wait = self._pace.wait(self._loop.time())
        if wait > 0:
            self._pause = self._loop.call_later(wait, self._go_on)
        return wait <= 0

    def _go_on(self) -> None:
        self._pause = None
        self._take_in_hand()

    async def _answer(self, message: bytes) -> bytes:
        try:
            reply = await self._handling.receive(message, self.peer)
        except Exception as error:
            # A bug, or a world not ready: tell it, and never let it look like a yes.
            self._tell(MllpEventName.RECEIVE_FAILED, error=error)
            if self._handling.fallback is None:
                raise
            reply = self._handling.fallback(message, error)
        messages = (reply,) if isinstance(reply, bytes) else reply or ()
        return b"".join(framed(answer) for answer in messages)

    def _on_answer(self, _: asyncio.Task[bytes]) -> None:
        if not self._flush_is_due and self._in_hand and self._in_hand[0].done():
            # Not at once: answers that get ready in the same turn of the loop (one commit) leave in one packet.
            self._flush_is_due = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flush_is_due = False
        answers: list[bytes] = []
        is_broken = False
        while self._in_hand and self._in_hand[0].done():
            task = self._in_hand.popleft()
            is_broken = is_broken or task.cancelled() or task.exception() is not None
            if not is_broken:
                answers.append(task.result())
        self._progress_at = self._loop.time()
        if self._may_answer and answers:
            self._transport.write(b"".join(answers))
        if is_broken:
            # Later answers would be taken for the missing one.
            self._hang_up()
        self._take_in_hand()
        self._close_if_answered()
        self._forget_if_over()

    def _hang_up(self) -> None:
        self._is_ending = True
        self._may_answer = False
        self._waiting.clear()
        self._transport.close()

    def _regulate(self) -> None:
        is_full = len(self._waiting) + len(self._in_hand) >= self._limits.max_in_flight
        should_read = not (self._is_ending or is_full or self._peer_stopped_reading)
        if should_read is self._is_reading or self._transport.is_closing():
            return
        self._is_reading = should_read
        if should_read:
            self._progress_at = self._loop.time()
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    def _close_if_answered(self) -> None:
        if self._is_ending and not self._in_hand and not self._waiting:
            self._transport.close()

    def _forget_if_over(self) -> None:
        if self._is_lost and not self._in_hand:
            self._doorkeeper.forget(self)

    def _look_again_later(self) -> None:
        shortest = min(self._limits.frame_timeout, self._limits.idle_timeout)
        self._watch = self._loop.call_later(shortest / 4, self._look)

    def _look(self) -> None:
        reason, allowed = self._patience()
        if allowed is not None and self._loop.time() - self._progress_at >= allowed:
            self._tell(MllpEventName.TIMED_OUT, reason)
            self.give_up()
        else:
            self._look_again_later()

    def _patience(self) -> tuple[str, float | None]:
        if self._peer_stopped_reading:
            return "answers are not read", self._limits.frame_timeout
        if self._in_hand or self._waiting:
            return "", None  # it is our turn, not the sender's
        if self._decoder.is_inside:
            return "a frame does not end", self._limits.frame_timeout
        return "nothing is sent", self._limits.idle_timeout

    def _tell(self, name: MllpEventName, reason: str = "", error: Exception | None = None) -> None:
        self._handling.observe(MllpEvent(name, self.peer, reason, error))
