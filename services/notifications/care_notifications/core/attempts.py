"""After each attempt a notice is done, tried again later, or given up with a reason: never just forgotten."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from care_notifications.core.reasons import Reason

# Standard Webhooks' schedule: attempt n+1 comes this long after attempt n. The first one leaves at once.
RETRY_AFTER = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
JITTER = 0.1


@dataclass(frozen=True, slots=True)
class Accepted:
    """The receiver has it."""

    code: str = "accepted"


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Not now; `retry_after` when the receiver said how long to wait, `perhaps_received` when no answer came back."""

    code: str
    retry_after: timedelta | None = None
    perhaps_received: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Never; trying again cannot help. `switch_off`: the receiver wants nothing more at all (410)."""

    code: str
    switch_off: bool = False


Outcome = Accepted | Unavailable | Refused


@dataclass(frozen=True, slots=True)
class Done:
    """Delivered."""


@dataclass(frozen=True, slots=True)
class TryAgain:
    """Wait until then."""

    at: datetime


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Stop, and show that it was not delivered."""

    reason: Reason
    switch_off: bool = False


Next = Done | TryAgain | GiveUp


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to deliver: whose, which one, and until when there is any use."""

    delivery_id: str
    number: int
    expires_at: datetime


def after(attempt: Attempt, outcome: Outcome, now: datetime) -> Next:
    """What happens to a delivery after this attempt ended so."""
    match outcome:
        case Accepted():
            return Done()
        case Refused(switch_off=switch_off):
            return GiveUp(Reason.REFUSED, switch_off)
        case Unavailable(retry_after=asked):
            return _later(attempt, asked, now)


def _later(attempt: Attempt, asked: timedelta | None, now: datetime) -> Next:
    if attempt.number > len(RETRY_AFTER):
        return GiveUp(Reason.ATTEMPTS_USED_UP)
    wait = RETRY_AFTER[attempt.number - 1]
    wait += wait * JITTER * _share(attempt)
    at = now + max(wait, asked or timedelta())
    return TryAgain(at) if at < attempt.expires_at else GiveUp(Reason.EXPIRED)


def _share(attempt: Attempt) -> float:
    """Between 0 and 1, the same for the same attempt: spreads retries without dice."""
    return ((UUID(attempt.delivery_id).int >> attempt.number) % 1000) / 1000
