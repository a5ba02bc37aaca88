"""What is not urgent waits for the recipient's next digest on a working day, unless its deadline comes first."""

from care_notifications.core.effects import Wait
from care_notifications.core.local_time import next_time
from care_notifications.core.notice_policy import Urgency
from care_notifications.core.reasons import Hold
from care_notifications.core.timing import Timing


def digest(timing: Timing) -> Wait | None:
    """Collect, or let pass."""
    if timing.urgency is not Urgency.DIGEST:
        return None
    at = next_time(timing.now, timing.policy.digest.at, timing.zone, timing.working_days)
    if at is None or timing.is_due_by(at):
        return None
    return Wait(Hold.DIGEST, at)
