"""What notifications needs from the world: a store for alerts, a store for deliveries, and ways to reach people."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from care_notifications.core.attempts import Next, Outcome
from care_notifications.core.folding import Known, News
from care_notifications.core.leaving import Recent
from care_notifications.core.messages import Message
from care_notifications.core.notice_policy import NoticePolicy
from care_notifications.core.situation import Lane
from care_notifications.core.state import Directory
from care_shared.contracts.care_alerts import CareAlert
from care_shared.contracts.score_changes import ScoreChanged
from care_shared.errors import UnusableMessageError


@dataclass(frozen=True, slots=True)
class Slot:
    """One partition of one topic."""

    topic: str
    partition: int


@dataclass(frozen=True, slots=True)
class RawAlert:
    """A Kafka record as it came."""

    offset: int
    key: bytes | None
    value: bytes


# What one look at Kafka brought.
Poll = Mapping[Slot, Sequence[RawAlert]]


@dataclass(frozen=True, slots=True)
class Unusable:
    """A record that can never be used, and why."""

    slot: Slot
    raw: RawAlert
    error: UnusableMessageError


class ScoreBook(Protocol):
    """Where scores are kept, inside the transaction of whoever reads the topic."""

    async def keep(self, scores: Sequence[ScoreChanged], now: datetime) -> None:
        """Keep these changes; one that is known already changes nothing."""
        ...


class Surroundings(Protocol):
    """What decisions may look at beside the messages themselves."""

    directory: Directory
    policy: NoticePolicy

    async def know(self, alerts: Sequence[CareAlert]) -> Known:
        """The stored alerts, which nobody else changes until this transaction ends, and what stands around them."""
        ...

    async def recent(self, lanes: Sequence[Lane], alerts: Sequence[CareAlert], now: datetime) -> Recent:
        """What has left for these recipients of late."""
        ...


class AlertWork(Surroundings, Protocol):
    """One transaction over the alerts of some partitions, at their positions."""

    positions: Mapping[Slot, int]
    scores: ScoreBook

    async def save(self, news: Sequence[News], now: datetime) -> None:
        """Keep the alerts, their history, their deliveries and their suppressions; call it once."""
        ...

    async def set_aside(self, unusable: Sequence[Unusable], now: datetime) -> None:
        """Keep records that can never be used as dead letters."""
        ...

    async def advance(self, positions: Mapping[Slot, int]) -> None:
        """The next records to read; becomes true when the transaction does."""
        ...


class Positions(Protocol):
    """How far topics have been read, as the database says."""

    async def position(self, slot: Slot) -> int:
        """The next offset to read; 0 when nothing was read yet."""
        ...

    async def skip_to(self, slot: Slot, first_kept: int) -> bool:
        """Records below `first_kept` are gone from the topic. Returns whether we had not read them all."""
        ...


class AlertStore(Protocol):
    """Where alerts are kept together with how far the topic has been read."""

    def begin(self, slots: Collection[Slot]) -> AbstractAsyncContextManager[AlertWork]:
        """A transaction that others on the same slots wait for. All of it is kept, or nothing."""
        ...

    async def position(self, slot: Slot) -> int:
        """The next offset to read; 0 when nothing was read yet."""
        ...


class DeliveryStore(Protocol):
    """Where notices wait, with their leases and their next attempt."""

    async def due_lanes(self, now: datetime) -> Sequence[str]:
        """Lanes in which something may leave now."""
        ...

    async def claim(self, lane: str, now: datetime) -> Message | None:
        """Lease the lane's next notice; those that must not leave any more are suppressed on the way."""
        ...

    async def settle(
        self, message: Message, outcome: Outcome, following: Next, now: datetime, started_at: datetime | None = None
    ) -> None:
        """Write down how the attempt ended, and what it says about the endpoint."""
        ...


class HoldStore(Protocol):
    """Where notices wait for their time."""

    async def due_lanes(self, now: datetime) -> Sequence[Lane]:
        """Recipients and channels with a notice whose time has come."""
        ...

    async def release(self, lane: Lane, now: datetime) -> int:
        """Judge again what is due in this lane. Returns how many were judged."""
        ...


class ChannelPort(Protocol):
    """A way to reach somebody."""

    async def send(self, message: Message, now: datetime) -> Outcome:
        """Hand the notice over. Trouble is an outcome, not an exception."""
        ...
