"""The first notices leave at once; what follows within the window, or about the same patient, becomes one notice."""

from care_notifications.core.effects import Wait
from care_notifications.core.reasons import Hold
from care_notifications.core.timing import Timing
from care_shared.vocabulary import Tier


def group(timing: Timing) -> Wait | None:
    """Join the open fold, open one, or let pass."""
    traffic, grouping = timing.traffic, timing.policy.grouping
    stormy = traffic.singles_in_window >= grouping.burst
    if timing.tier is not Tier.P1:
        stormy = stormy or traffic.same_patient or traffic.folds_in_window > 0 or traffic.group_until is not None
    if not stormy:
        return None
    until = traffic.group_until
    latest = timing.now + grouping.window
    return Wait(Hold.GROUPED, latest if until is None else min(until, latest))
