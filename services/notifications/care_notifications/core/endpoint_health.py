"""A partner's endpoint that keeps failing is left alone for a while, probed, and after five days switched off."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from care_notifications.core.attempts import Accepted, Outcome, Unavailable

# So many failures in a row open the circuit; each failed probe makes the next pause longer.
OPENS_AFTER = 5
PAUSES = (
    timedelta(seconds=30),
    timedelta(minutes=1),
    timedelta(minutes=2),
    timedelta(minutes=5),
    timedelta(minutes=10),
    timedelta(minutes=15),
)
WARN_AFTER = timedelta(days=4)
SWITCH_OFF_AFTER = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Health:
    """How an endpoint has been lately. While `open_until` lies ahead nothing is sent, and no attempt is used up."""

    failures: int = 0
    failing_since: datetime | None = None
    open_until: datetime | None = None
    warned_at: datetime | None = None

    @property
    def was_open(self) -> bool:
        """Whether the circuit opened and no success has closed it since."""
        return self.failures >= OPENS_AFTER


def after_attempt(before: Health, outcome: Outcome, now: datetime) -> Health:
    """The health after one more attempt; success forgets everything."""
    if isinstance(outcome, Accepted):
        return Health()
    failures = before.failures + 1
    asked = outcome.retry_after if isinstance(outcome, Unavailable) else None
    pause = max(_pause(failures), asked or timedelta())
    return replace(
        before,
        failures=failures,
        failing_since=before.failing_since or now,
        open_until=now + pause if pause else None,
    )


def should_warn(health: Health, now: datetime) -> bool:
    """Whether somebody must hear, once, that the endpoint will be switched off tomorrow."""
    return health.warned_at is None and _failing_for(health, now) >= WARN_AFTER


def should_switch_off(health: Health, now: datetime) -> bool:
    """Whether there was nothing but failure for too long."""
    return _failing_for(health, now) >= SWITCH_OFF_AFTER


def _pause(failures: int) -> timedelta:
    if failures < OPENS_AFTER:
        return timedelta()
    return PAUSES[min(failures - OPENS_AFTER, len(PAUSES) - 1)]


def _failing_for(health: Health, now: datetime) -> timedelta:
    return now - health.failing_since if health.failing_since is not None else timedelta()
