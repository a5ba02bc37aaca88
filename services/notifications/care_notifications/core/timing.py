"""What decides when one notice to one person may leave."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from care_notifications.core.notice_policy import NoticePolicy, Urgency
from care_notifications.core.situation import NOTHING_LEFT_YET, Traffic
from care_shared.vocabulary import Tier


@dataclass(frozen=True, slots=True)
class Timing:
    """One notice, one recipient, now. `working_days` as ISO counts them: Monday is 1."""

    tier: Tier
    urgency: Urgency
    due_at: datetime | None
    zone: ZoneInfo
    working_days: frozenset[int]
    policy: NoticePolicy
    now: datetime
    traffic: Traffic = NOTHING_LEFT_YET

    def is_due_by(self, then: datetime) -> bool:
        """Whether the deadline lies between now and then. One that has passed is no reason to hurry at night."""
        return self.due_at is not None and self.now < self.due_at <= then
