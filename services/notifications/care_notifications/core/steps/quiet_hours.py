"""At night a notice waits until morning where its recipient is; P1 never, nor what would be too late by then."""

from care_notifications.core.effects import Wait
from care_notifications.core.local_time import is_between, next_time
from care_notifications.core.reasons import Hold
from care_notifications.core.timing import Timing


def quiet_hours(timing: Timing) -> Wait | None:
    """Wait for the morning, or let pass."""
    quiet = timing.policy.quiet_hours
    if timing.tier in quiet.passes or not is_between(timing.now, quiet.begin, quiet.end, timing.zone):
        return None
    morning = next_time(timing.now, (quiet.end,), timing.zone)
    if morning is None or timing.is_due_by(morning):
        return None
    return Wait(Hold.QUIET_HOURS, morning)
