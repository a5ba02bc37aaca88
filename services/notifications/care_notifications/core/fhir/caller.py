"""Who asks, and what they may see: a partner its own patients' shareable alerts, our own people by their role."""

from dataclasses import dataclass

from care_notifications.core.agreements import Grant
from care_notifications.core.fhir.minimum import WHOLE, Minimum
from care_shared.vocabulary import OrganizationId, PersonId, Role


@dataclass(frozen=True, slots=True)
class Caller:
    """A partner organisation or one of our own people; exactly one of the two."""

    credential: str
    organization: OrganizationId | None = None
    person: PersonId | None = None
    roles: tuple[Role, ...] = ()
    may_have_labelled: bool = False
    minimum: Minimum = WHOLE

    @property
    def is_partner(self) -> bool:
        """Whether this is somebody outside the house."""
        return self.organization is not None

    @property
    def agreed(self) -> bool:
        """Whether there is an agreement by which this caller may be here; our own people need none."""
        return self.minimum.agreed

    @property
    def may_have_full(self) -> bool:
        """Whether whole resources may stand in notifications."""
        return Grant.FULL_RESOURCE in self.minimum.everything

    def may_read(self, kind: str) -> bool:
        """Whether this kind of resource is for this caller at all."""
        if kind == "RiskAssessment":
            return not self.is_partner or Grant.SCORES in self.minimum.everything
        if kind == "AuditEvent":
            # A partner sees what itself did; of our own people only those who answer for the others see all.
            return self.is_partner or Role.SUPERVISOR in self.roles
        return True
