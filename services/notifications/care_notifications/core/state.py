"""What the pipeline knows when it decides: the alert so far, the people and endpoints, and who was told before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, NewType

from care_notifications.core.ladders import DEFAULT_TERMS, Terms
from care_shared.contracts.care_alerts import CareAlert
from care_shared.vocabulary import AlertChange, GapId, OrganizationId, PatientId, PersonId, Role, Tier

if TYPE_CHECKING:  # agreements speak of channels, the directory of agreements
    from care_notifications.core.agreements import Agreement


class AlertState(StrEnum):
    """Where an alert is in its life."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "in-progress"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


OVER = frozenset({AlertState.RESOLVED, AlertState.WITHDRAWN, AlertState.EXPIRED})
# Somebody has it in hand: our own channels are silent.
TAKEN = frozenset({AlertState.ACKNOWLEDGED, AlertState.IN_PROGRESS, AlertState.SNOOZED})


def is_over(state: AlertState) -> bool:
    """Whether nobody has to do anything any more. Its twin in SQL is the column `alerts.is_over`."""
    return state in OVER


def is_closed(alert: CareAlert) -> bool:
    """Whether this message says that the gap is no longer open."""
    return alert.change is AlertChange.CLOSED


TeamId = NewType("TeamId", str)


class Channel(StrEnum):
    """A way to reach somebody. One channel, one folder in `adapters/channels/`."""

    CONSOLE = "console"
    EMAIL = "email"
    SMS = "sms"
    WEBHOOK = "webhook"
    FHIR = "fhir"
    PORTAL = "portal"


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
    organization: OrganizationId | None = None


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """When a person works, on the clock of the zone they work in. Days as ISO says: Monday is 1."""

    days: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    begin: time = time(8)
    end: time = time(17)


@dataclass(frozen=True, slots=True)
class Leave:
    """Somebody is away; `cover` answers meanwhile. Without an end it lasts until somebody ends it."""

    begin: datetime
    end: datetime | None = None
    cover: PersonId | None = None

    def at(self, now: datetime) -> bool:
        """Whether it holds now."""
        return self.begin <= now and (self.end is None or now < self.end)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works with CareLead. An empty zone is the directory's `default_zone`.

    `no_digests_over` are the channels over which they want no digest.
    """

    id: PersonId
    roles: tuple[Role, ...] = (Role.CARE_MANAGER,)
    channels: tuple[Channel, ...] = (Channel.CONSOLE, Channel.EMAIL)
    active: bool = True
    zone: str = ""
    hours: WorkingHours = WorkingHours()
    languages: tuple[str, ...] = ("en",)
    supervisor: PersonId | None = None
    team: TeamId | None = None
    leaves: tuple[Leave, ...] = ()
    no_digests_over: frozenset[Channel] = frozenset()
    email: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    mobile: str = field(default="", repr=False)

    def leave_at(self, now: datetime) -> Leave | None:
        """The leave this person is on, if any."""
        return next((leave for leave in self.leaves if leave.at(now)), None)


@dataclass(frozen=True, slots=True)
class Team:
    """People who share work. `after_hours` answers what cannot wait while the one who answers is off."""

    id: TeamId
    organization: OrganizationId | None = None
    supervisor: PersonId | None = None
    after_hours: PersonId | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a partner organisation receives webhooks."""

    id: str
    organization: OrganizationId
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Directory:
    """People, endpoints and channels as they are now, and who answers when nobody is named.

    `load` counts the open alerts of people who belong to a team; who is missing there has none. Whoever gives work
    to somebody within one transaction counts it there, so that a storm is spread, too.
    """

    people: Mapping[PersonId, Person]
    endpoints: tuple[Endpoint, ...]
    default_owner: PersonId
    channels: frozenset[Channel] = frozenset(Channel)
    default_zone: str = "America/New_York"
    teams: Mapping[TeamId, Team] = field(default_factory=dict)
    load: dict[PersonId, int] = field(default_factory=dict)
    terms: Terms = DEFAULT_TERMS
    agreements: Mapping[OrganizationId, "tuple[Agreement, ...]"] = field(default_factory=dict)

    def active(self, person: PersonId | None) -> bool:
        """Whether this person is known and works here now."""
        found = self.people.get(person) if person is not None else None
        return found is not None and found.active

    def zone_of(self, person: PersonId) -> str:
        """The name of the zone this person works in."""
        found = self.people.get(person)
        return (found.zone if found is not None else "") or self.default_zone


@dataclass(frozen=True, slots=True)
class Climb:
    """Where an alert stands on its ladder. `step` counts on within a round, also when the ladder starts again."""

    rung: int = 0
    step: int = 0
    next_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """One alert as stored. `round` counts how often the gap opened; a recurrence is a new round.

    `version` rises with every change, whoever made it. `awaited` are the roles whose acknowledgement is still asked
    for, `takers` the people who gave theirs. `named` is whom the care team named when the owner was found.
    """

    gap_id: GapId
    patient_id: PatientId
    revision: int
    state: AlertState
    round: int
    tier: Tier
    owner: PersonId
    version: int = 1
    backup: PersonId | None = None
    covering_for: PersonId | None = None
    outcome: str | None = None
    snoozed_until: datetime | None = None
    awaited: tuple[Role, ...] = ()
    takers: tuple[PersonId, ...] = ()
    climb: Climb = Climb()
    named: str = ""
    occurrences: int = 1


@dataclass(frozen=True, slots=True)
class Told:
    """A notice that was decided earlier, whether or not it has arrived."""

    recipient: str
    standing: Standing
    channel: Channel
    tier: Tier
    notice: Notice
    round: int
    step: int = 0
