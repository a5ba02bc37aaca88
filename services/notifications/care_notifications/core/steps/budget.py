"""Nobody is interrupted more often than the budget allows; what is over comes with the next digest, P1 never waits."""

from care_notifications.core.effects import Wait
from care_notifications.core.local_time import next_time
from care_notifications.core.reasons import Hold
from care_notifications.core.timing import Timing
from care_shared.vocabulary import Tier


def budget(timing: Timing) -> Wait | None:
    """Move what is over to the digest, or let pass."""
    limits, traffic = timing.policy.budget, timing.traffic
    if timing.tier is Tier.P1 or (traffic.in_hour < limits.per_hour and traffic.in_day < limits.per_day):
        return None
    at = next_time(timing.now, timing.policy.digest.overflow_at, timing.zone)
    return None if at is None else Wait(Hold.OVER_BUDGET, at)
