"""What the patient allowed or refused, by scope and recipient."""

from datetime import datetime

from care_scoring.core.state.statements import Statement

OUTREACH = "outreach"


class Consent(Statement, array_like=True, gc=False, frozen=True):
    """The latest answer; keyed by scope and recipient (empty for everybody)."""

    scope: str
    recipient: str
    permitted: bool
    expires_at: datetime | None

    def is_permitted_at(self, moment: datetime) -> bool:
        """Whether the answer is yes at a moment; a permission that ran out is none."""
        return self.permitted and not self.void and (self.expires_at is None or moment < self.expires_at)

    def is_refused_at(self, moment: datetime) -> bool:
        """Whether the answer is no at a moment; a refusal that ran out is none either."""
        return not self.permitted and not self.void and (self.expires_at is None or moment < self.expires_at)
