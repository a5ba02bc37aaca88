"""What the pipeline knows when it decides: the alert so far, the people and endpoints, and who was told before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from care_shared.contracts.care_alerts import CareAlert
from care_shared.vocabulary import GapId, OrganizationId, PatientId, PersonId, Role, Tier


class AlertState(StrEnum):
    """Where an alert is in its life. Snoozed, in progress and expired join here when they exist."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class Channel(StrEnum):
    """A way to reach somebody. One channel, one file in `adapters/channels/`."""

    CONSOLE = "console"
    EMAIL = "email"
    WEBHOOK = "webhook"


class Standing(StrEnum):
    """Whether a recipient belongs to the patient's own care team or to another organisation."""

    CARE_TEAM = "care-team"
    PARTNER = "partner"


class Notice(StrEnum):
    """What a notice asks for: attention, or to forget an earlier one."""

    ATTENTION = "attention"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who may be told: a person, or one endpoint of a partner organisation."""

    id: str
    standing: Standing
    channels: tuple[Channel, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works with CareLead."""

    id: PersonId
    roles: tuple[Role, ...] = (Role.CARE_MANAGER,)
    channels: tuple[Channel, ...] = (Channel.CONSOLE, Channel.EMAIL)
    active: bool = True


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a partner organisation receives webhooks."""

    id: str
    organization: OrganizationId
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Directory:
    """People, endpoints and channels as they are now, and who answers when nobody is named."""

    people: Mapping[PersonId, Person]
    endpoints: tuple[Endpoint, ...]
    default_owner: PersonId
    channels: frozenset[Channel] = frozenset(Channel)

    def active(self, person: PersonId | None) -> bool:
        """Whether this person is known and works here now."""
        found = self.people.get(person) if person is not None else None
        return found is not None and found.active


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """One alert as stored. `round` counts how often the gap opened; a recurrence is a new round."""

    gap_id: GapId
    patient_id: PatientId
    revision: int
    state: AlertState
    round: int
    tier: Tier
    owner: PersonId


@dataclass(frozen=True, slots=True)
class Told:
    """A notice that was decided earlier, whether or not it has arrived."""

    recipient: str
    standing: Standing
    channel: Channel
    tier: Tier
    notice: Notice
    round: int


@dataclass(frozen=True, slots=True)
class Situation:
    """All that one decision may look at."""

    alert: CareAlert
    record: AlertRecord
    told: tuple[Told, ...]
    directory: Directory
    now: datetime
