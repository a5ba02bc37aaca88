"""What was planned with the patient: plan of care, goals, work of others, leave, and the warnings on the record."""

from datetime import date, datetime

from msgspec import Struct

from care_scoring.core.state.statements import Statement
from care_shared.vocabulary import GapId, ReferralEnd


class CarePlan(Statement, array_like=True, gc=False, frozen=True):
    """A plan of care as last written or revised; keyed by its id."""

    active: bool


class Goal(Statement, array_like=True, gc=False, frozen=True):
    """A goal as last stated; with `low` or `high` it is a personal line for the rules of that measure."""

    code: str
    measure: str  # LOINC of what is measured
    low: float | None
    high: float | None
    unit: str
    due_on: date | None
    active: bool


class CareTask(Statement, array_like=True, gc=False, frozen=True):
    """Somebody's piece of work as it stands; keyed by its id. FHIR task-status in its own words."""

    status: str
    kind: str
    owner: str
    gap_id: GapId | None
    due_at: datetime | None
    recommendation: str = ""  # the one that the work sees to


class Recommended(Statement, array_like=True, gc=False, frozen=True):
    """What a report recommends; `at` is when."""

    service: str  # as people call it
    due_on: date | None


class RecommendationEnd(Statement, array_like=True, gc=False, frozen=True):
    """Nobody has to see to it any more, and why."""

    reason: ReferralEnd


class Recommendation(Struct, array_like=True, gc=False):
    """One recommendation; each field is the latest statement of its kind, and either may come first."""

    recommended: Recommended | None = None
    ended: RecommendationEnd | None = None

    def last_touched(self) -> datetime:
        """The latest moment it speaks of."""
        return max(one.at for one in (self.recommended, self.ended) if one)


class Flag(Statement, array_like=True, gc=False, frozen=True):
    """A warning others put on the record; keyed by its id."""

    system: str
    code: str
    category: str
    active: bool


class Leave(Statement, array_like=True, gc=False, frozen=True):
    """The patient is away by plan; keyed by its id. Nobody expects visits or readings."""

    starts_on: date
    ends_on: date

    def holds_on(self, day: date) -> bool:
        """Whether the patient is away on a day."""
        return not self.void and self.starts_on <= day <= self.ends_on
