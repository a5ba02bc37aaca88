"""The people around the patient beside the care team: who stands in for the Lead, and who cares at home."""

from datetime import date

from care_scoring.core.state.statements import Statement
from care_shared.vocabulary import PersonId


class StandIn(Statement, array_like=True, gc=False, frozen=True):
    """Somebody answers while a Lead is on leave; keyed by Lead and first day."""

    lead: PersonId
    stand_in: PersonId
    starts_on: date
    ends_on: date

    def holds_on(self, day: date) -> bool:
        """Whether it holds on a day."""
        return not self.void and self.starts_on <= day <= self.ends_on


class Caregiver(Statement, array_like=True, gc=False, frozen=True):
    """Who cares for the patient at home; name and phone are the caregiver's own data and go to no partner."""

    relationship: str
    name: str
    phone: str
    active: bool
