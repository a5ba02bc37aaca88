"""Who asks over the API, as whom, and what that lets them do."""

from dataclasses import dataclass
from enum import StrEnum

from care_shared.vocabulary import PersonId, Role


class Scope(StrEnum):
    """What a token may be used for; somebody signed in has all of them, and the roles decide."""

    READ = "read"
    ACT = "act"
    SENSITIVE = "sensitive"


class Right(StrEnum):
    """What an address of the API asks of its caller."""

    SEE_ALERTS = "see-alerts"
    ACT_ON_ALERTS = "act-on-alerts"
    SEE_OPERATIONS = "see-operations"
    SEE_INTERFACES = "see-interfaces"
    WORK_ON_MESSAGES = "work-on-messages"


CARE_ROLES = frozenset({Role.CARE_MANAGER, Role.NURSE, Role.SUPERVISOR})

# An agency has its own ways in (webhooks, FHIR), which show it its own patients only; here it may do nothing.
ROLES_OF: dict[Right, frozenset[Role]] = {
    Right.SEE_ALERTS: CARE_ROLES,
    Right.ACT_ON_ALERTS: CARE_ROLES,
    Right.SEE_OPERATIONS: frozenset({Role.SUPERVISOR}),
    # A supervisor must know that a feed is silent; what stands in its messages is for those who look after them.
    Right.SEE_INTERFACES: frozenset({Role.INTERFACE_ANALYST, Role.SUPERVISOR}),
    Right.WORK_ON_MESSAGES: frozenset({Role.INTERFACE_ANALYST}),
}
SCOPE_OF: dict[Right, Scope] = {
    Right.SEE_ALERTS: Scope.READ,
    Right.ACT_ON_ALERTS: Scope.ACT,
    Right.SEE_OPERATIONS: Scope.READ,
    Right.SEE_INTERFACES: Scope.READ,
    Right.WORK_ON_MESSAGES: Scope.ACT,
}


@dataclass(frozen=True, slots=True)
class Caller:
    """A person in a browser, or a program that acts for a person. `id` names the session or the token in the audit."""

    id: str
    person: PersonId
    display_name: str
    roles: frozenset[Role]
    scopes: frozenset[Scope]
    token: bool
    per_minute: int

    def may(self, right: Right) -> bool:
        """Both must allow it: the roles of the person, and the scopes of the token."""
        return bool(self.roles & ROLES_OF[right]) and SCOPE_OF[right] in self.scopes

    @property
    def sees_sensitive(self) -> bool:
        """Whether alerts that carry a sensitivity label exist for this caller."""
        return Scope.SENSITIVE in self.scopes
