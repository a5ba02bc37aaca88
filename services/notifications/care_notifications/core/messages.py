"""All that may leave the house about an alert: an id, how urgent, until when, and a link. Nothing about the patient."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from care_notifications.core.effects import FoldKind
from care_notifications.core.state import Channel, Notice
from care_shared.vocabulary import AlertChange, GapId, PatientId, Tier


@dataclass(frozen=True, slots=True)
class Address:
    """Where one recipient is reached now. Secrets are newest first; every one of them signs."""

    email: str = ""
    mobile: str = ""
    url: str = ""
    secrets: tuple[str, ...] = ()

    def reaches(self, channel: Channel) -> bool:
        """Whether a notice over this channel has somewhere to go."""
        match channel:
            case Channel.CONSOLE:
                return True
            case Channel.EMAIL:
                return bool(self.email)
            case Channel.SMS:
                return bool(self.mobile)
            case Channel.WEBHOOK:
                return bool(self.url)
            case Channel.FHIR:
                return False  # a subscription has its own row, its own lane and its own address
            case Channel.PORTAL:
                return False  # a page that partners open themselves

    def __repr__(self) -> str:
        """Secrets and addresses stay out of logs and tracebacks."""
        return "Address(…)"


@dataclass(frozen=True, slots=True)
class Listed:
    """One alert in a notice that lists several."""

    gap_id: GapId
    tier: Tier
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Listing:
    """What a notice lists: how many of which tier, and the gravest ones by id."""

    kind: FoldKind
    counts: tuple[tuple[Tier, int], ...]
    shown: tuple[Listed, ...]

    @property
    def total(self) -> int:
        """How many alerts it stands for."""
        return sum(count for _, count in self.counts)


@dataclass(frozen=True, slots=True)
class Message:
    """One notice, ready to send. `delivery_id` is the same at every attempt, so receivers can tell a repeat.

    With a `listing` it stands for several alerts, and its other fields are those of the gravest; what closed between
    two attempts is not listed any more.

    `attempts_before` were made before a person asked for it to be sent again. Partners number their notices by
    `sequence`; `granted` are the fields that an agreement adds.
    """

    delivery_id: str
    number: int
    gap_id: GapId
    patient_id: PatientId
    channel: Channel
    recipient: str
    notice: Notice
    change: AlertChange
    tier: Tier
    rule_id: str
    due_at: datetime | None
    noticed_at: datetime
    expires_at: datetime
    address: Address
    listing: Listing | None = None
    attempts_before: int = 0
    sequence: int | None = None
    granted: Mapping[str, object] = field(default_factory=dict, repr=False)

    @property
    def kind(self) -> str:
        """The name integrators know: `care-gap.opened`, `care-gap.escalated`, `care-gap.closed`."""
        if self.notice is Notice.CLOSED:
            return "care-gap.closed"
        change = AlertChange.OPENED if self.change is AlertChange.UPDATED else self.change
        return f"care-gap.{change.value}"
