"""A partner that does not answer is tried again, ever more rarely, for days; then its subscription says `error`."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from care_notifications.core.attempts import Accepted, Outcome, Refused
from care_notifications.core.fhir.notifications import Kind
from care_notifications.core.fhir.subscriptions import Status

# Unlike a webhook's, a subscription's events wait in a row: one try an hour is enough to notice that a partner is back.
RETRY_AFTER = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
)
HANDSHAKES = 5  # who does not answer these cannot be reached


@dataclass(frozen=True, slots=True)
class Standing:
    """How a subscription stands after an attempt."""

    status: Status
    failures: int
    failing_since: datetime | None
    next_attempt_at: datetime
    code: str | None


def after_attempt(
    before: Standing, kind: Kind, outcome: Outcome, now: datetime, give_up_after: timedelta
) -> Standing:  # fmt: skip
    """What an attempt makes of a subscription. A heartbeat that arrives never heals one that is in error."""
    if isinstance(outcome, Accepted):
        healed = before.status is not Status.ERROR
        status = Status.ACTIVE if healed else Status.ERROR
        since = None if healed else before.failing_since
        return Standing(status, 0, since, now, None if healed else before.code)
    if isinstance(outcome, Refused):
        status = Status.OFF if outcome.switch_off else Status.ERROR
        return Standing(status, before.failures + 1, before.failing_since or now, now, outcome.code)
    failures, since = before.failures + 1, before.failing_since or now
    wait = max(RETRY_AFTER[min(failures, len(RETRY_AFTER)) - 1], outcome.retry_after or timedelta())
    gone = failures >= HANDSHAKES if kind is Kind.HANDSHAKE else now - since >= give_up_after
    return Standing(Status.ERROR if gone else before.status, failures, since, now + wait, outcome.code)
