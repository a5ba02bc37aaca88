"""The numbers of results: how soon a clinician takes note, and who answers for what was pending at a discharge."""

from datetime import timedelta
from typing import ClassVar

from care_scoring.core.thresholds import Looser, Mark, RuleSettings, threshold


class LabSettings(RuleSettings):
    """LAB-ACK: a result that nobody took note of."""

    section: ClassVar[str] = "lab_acknowledgement"

    critical_minutes: int = threshold(
        30, Mark.DESIGN, "flags HH, LL and AA, P1", looser=Looser.HIGHER, least=1, most=1440
    )
    abnormal_business_days: int = threshold(3, Mark.DESIGN, "P3", looser=Looser.HIGHER, least=1, most=30)
    abnormal_urgent_business_days: int = threshold(7, Mark.DESIGN, "P2", looser=Looser.HIGHER, least=1, most=30)
    normal_days: int = threshold(14, Mark.DESIGN, "P4, for the digest", looser=Looser.HIGHER, least=1, most=60)
    expires_after_days: int = threshold(
        45, Mark.DESIGN, "too long ago to act on", looser=Looser.LOWER, least=1, most=60
    )

    @property
    def critical_within(self) -> timedelta:
        """How soon somebody must have seen a critical result."""
        return timedelta(minutes=self.critical_minutes)


class PendingSettings(RuleSettings):
    """TPAD: a test whose result was still to come when the patient left."""

    section: ClassVar[str] = "pending_at_discharge"

    owner_days: int = threshold(2, Mark.DESIGN, "an owner is named by D+2, P3", looser=Looser.HIGHER, least=0, most=14)
    resulted_business_days: int = threshold(
        2, Mark.DESIGN, "resulted and nobody took note, P2", looser=Looser.HIGHER, least=0, most=14
    )
    owner_task_kinds: frozenset[str] = threshold(
        frozenset({"pending-result"}), Mark.DESIGN, "a task of this kind, or of the test's own code, names the owner"
    )
    expires_after_days: int = threshold(60, Mark.DESIGN, "after the discharge", looser=Looser.LOWER, least=1, most=90)
