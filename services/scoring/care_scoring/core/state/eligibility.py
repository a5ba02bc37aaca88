"""Who pays for the patient's care and when, and whether somebody assessed the patient as High Needs or homebound."""

from datetime import date

from care_scoring.core.state.statements import Statement

MEDICARE, MEDICAID = "medicare", "medicaid"


class Coverage(Statement, array_like=True, gc=False, frozen=True):
    """One plan of one payer for a period; keyed by payer, plan and first day."""

    payer_kind: str
    plan: str
    active: bool
    starts_on: date
    ends_on: date

    def holds_on(self, day: date) -> bool:
        """Whether it pays on a day."""
        return not self.void and self.active and self.starts_on <= day <= self.ends_on


class HighNeeds(Statement, array_like=True, gc=False, frozen=True):
    """What a person or a payer said about High Needs (clinical.md 1.8); `at` is the day of the assessment."""

    high_needs: bool
    criteria: tuple[str, ...]
    assessor: str
    evidence: str
    valid_through: date

    def holds_on(self, day: date) -> bool:
        """Whether the patient counts as High Needs on a day; sticky until the last valid day."""
        return self.high_needs and not self.void and day <= self.valid_through


class HomeStatus(Statement, array_like=True, gc=False, frozen=True):
    """What an assessor said about leaving the home (1.9); `at` is the day of the assessment, never computed."""

    homebound: bool
    assessor: str
    evidence: str


class HospiceWord(Statement, array_like=True, gc=False, frozen=True):
    """Whether the patient chose hospice or left it again."""

    chosen: bool
