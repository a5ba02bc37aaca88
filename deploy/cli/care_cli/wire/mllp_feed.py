"""A whole feed over MLLP: every message waits for its answer, is sent again when that helps, and is timed."""

import asyncio
import ssl
import time
import zlib
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from math import ceil

from care_cli.wire.mllp import Ack, read_ack, wants_no_answer
from care_intake.adapters.mllp_client import MllpClient
from care_intake.core.hl7.parser import parse
from care_intake.core.hl7.reply_to import reply_to
from care_shared.errors import NotReadyError, UnusableMessageError

NO_ANSWER, NONE_WANTED, NOT_SENT = "no answer", "none wanted", "not sent"
Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class FeedPlan:
    """Where to, over how many lines, how fast (messages a second over all lines, 0 for no limit); times in seconds."""

    host: str
    port: int
    connections: int = 1
    rate: float = 0.0
    attempts: int = 8
    first_wait: float = 0.5
    longest_wait: float = 30.0
    answer_seconds: float = 30.0
    tls: ssl.SSLContext | None = None


@dataclass(slots=True)
class Tally:
    """What came back, and how long it took."""

    codes: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    resent: int = 0
    lasted: float = 0.0

    def at(self, share: float) -> float:
        """The time within which that share of the answers came."""
        times = sorted(self.seconds)
        return times[ceil(share * len(times)) - 1] if times else 0.0

    def lines(self) -> list[str]:
        """A table for a person."""
        sent = sum(self.codes.values()) - self.codes[NOT_SENT]
        pace = sent / self.lasted if self.lasted else 0.0
        rows = [("messages", f"{sent}"), ("a second", f"{pace:.1f}"), ("sent again", f"{self.resent}")]
        rows += [
            (name, f"{self.at(share) * 1000:.1f} ms") for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1.0))
        ]
        rows += sorted((code, str(count)) for code, count in self.codes.items() if count)
        return [f"{name:<12} {value:>12}" for name, value in rows]


async def feed_all(plan: FeedPlan, messages: Sequence[bytes], sleep: Sleep = asyncio.sleep) -> Tally:
    """Send all: one patient's messages always over the same line, each line in order, one message at a time."""
    tally, pace = Tally(), _Pace(plan.rate, sleep)
    lanes: list[list[bytes]] = [[] for _ in range(plan.connections)]
    for message in messages:
        lanes[_lane_of(message, plan.connections)].append(message)
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for lane in filter(None, lanes):
            group.create_task(_Lane(plan, tally, pace, sleep).run(lane))
    tally.lasted = time.perf_counter() - began
    return tally


def _lane_of(message: bytes, lanes: int) -> int:
    try:
        patient = parse(message).text("PID-3")
    except UnusableMessageError:
        patient = ""  # sent all the same: the receiver has to say what it thinks of it
    return zlib.crc32(patient.encode()) % lanes


class _Pace:
    """Turns at equal distances, shared by all lines."""

    def __init__(self, rate: float, sleep: Sleep) -> None:
        self._distance = 1.0 / rate if rate > 0 else 0.0
        self._next = 0.0
        self._sleep = sleep

    async def turn(self) -> None:
        if not self._distance:
            return
        now = time.perf_counter()
        mine = max(self._next, now)
        self._next = mine + self._distance
        if mine > now:
            await self._sleep(mine - now)


class _Lane:
    """One line; when it breaks, the message without an answer is sent again on the next."""

    def __init__(self, plan: FeedPlan, tally: Tally, pace: _Pace, sleep: Sleep) -> None:
        self._plan = plan
        self._tally = tally
        self._pace = pace
        self._sleep = sleep
        self._line = AsyncExitStack()
        self._client: MllpClient | None = None
        self._answered: set[str] = set()

    async def run(self, messages: Sequence[bytes]) -> None:
        """In order; what cannot be delivered ends the line, because nothing may overtake it."""
        try:
            for done, message in enumerate(messages):
                await self._pace.turn()
                code = await self._delivered(message)
                self._tally.codes[code] += 1
                if code == NO_ANSWER:
                    self._tally.codes[NOT_SENT] += len(messages) - done - 1
                    return
        finally:
            await self._hang_up()

    async def _delivered(self, message: bytes) -> str:
        wait, code = self._plan.first_wait, NO_ANSWER
        for attempt in range(self._plan.attempts):
            if attempt:
                self._tally.resent += 1
                await self._sleep(wait)
                wait = min(wait * 2, self._plan.longest_wait)
            try:
                ack = await self._exchanged(message)
            except (NotReadyError, UnusableMessageError):
                await self._hang_up()
                continue
            if ack is None:
                return NONE_WANTED
            code = ack.code or "no code"
            if not ack.is_transient:
                break
        return code

    async def _exchanged(self, message: bytes) -> Ack | None:
        client = await self._connected()
        sent_at = time.perf_counter()
        await client.post(message)
        if wants_no_answer(message):
            return None
        control_id = reply_to(message).control_id
        while True:
            ack = read_ack(await client.answer(), time.perf_counter() - sent_at)
            # Enhanced mode may answer twice: what speaks of an earlier message is not this one's.
            if ack.control_id == control_id or ack.control_id not in self._answered:
                break
        self._answered.add(control_id)
        self._tally.seconds.append(ack.seconds)
        return ack

    async def _connected(self) -> MllpClient:
        if self._client is None:
            plan = self._plan
            client = MllpClient(plan.host, plan.port, plan.answer_seconds, plan.tls)
            self._client = await self._line.enter_async_context(client)
        return self._client

    async def _hang_up(self) -> None:
        self._client = None
        self._answered.clear()
        await self._line.aclose()
        self._line = AsyncExitStack()
