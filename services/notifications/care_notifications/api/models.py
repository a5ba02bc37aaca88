"""What the API answers with; the OpenAPI document is written from these."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from care_notifications.core.state import AlertState
from care_shared.contracts.care_alerts import CareTeam, Evidence, TrendChart, WorstValue
from care_shared.vocabulary import (
    AlertChange,
    CloseReason,
    ContactOutcome,
    Role,
    SensitivityLabel,
    Severity,
    Tier,
)


class Answer(BaseModel):
    """Whatever goes out is made once and not changed."""

    model_config = ConfigDict(frozen=True)


class PatientShown(Answer):
    """As much of the person as the work needs."""

    patient_id: str
    display_name: str
    birth_date: date | None
    phone: str | None
    home_zone: str


class PersonNamed(Answer):
    """Somebody who works with CareLead."""

    person_id: str
    display_name: str


class ContactShown(Answer):
    """The newest contact with the patient that was logged here."""

    at: datetime
    outcome: ContactOutcome
    by: str


class AlertShown(Answer):
    """One alert as a list shows it."""

    alert_id: str
    version: int = Field(description="rises with every change; say it when you act")
    state: AlertState
    tier: Tier
    severity: Severity
    rule_id: str
    rule_version: int
    reason: str
    explanation: str
    next_step: str
    due_at: datetime | None = Field(description="deadline of the care, not of the acknowledgement")
    opened_at: datetime
    changed_at: datetime
    occurrence: int = Field(description="how often the gap opened; above 1 it is a recurrence")
    patient: PatientShown
    owner: PersonNamed
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    snoozed_until: datetime | None
    outcome: str | None
    labels: tuple[SensitivityLabel, ...]
    late_notice: bool
    last_contact: ContactShown | None
    undelivered: bool = Field(description="somebody could not be told")


class ChangeShown(Answer):
    """One message of the rules about the gap."""

    change: AlertChange
    tier: Tier
    close_reason: CloseReason | None
    at: datetime


class ActShown(Answer):
    """What a person, or a time-out, did with the alert or the patient."""

    kind: str
    at: datetime
    by: str
    outcome: str | None
    channel: str | None
    party: str | None
    purpose: str | None
    reason: str | None = None
    note: str | None = None
    until: datetime | None = None
    to: str | None = None


class DeliveryShown(Answer):
    """One notice to one recipient over one channel."""

    told: str
    channel: str
    notice: str
    state: str
    reason: str | None
    code: str | None
    attempts: int
    next_attempt_at: datetime | None
    at: datetime


class SuppressionShown(Answer):
    """Somebody who was not told, and why not."""

    told: str
    channel: str
    reason: str
    at: datetime


class AlertStoryShown(AlertShown):
    """One alert whole: what it rests on, and all that happened with it, newest first (at most 100 of each kind)."""

    care_team: CareTeam
    evidence: tuple[Evidence, ...]
    worst: WorstValue | None
    chart: TrendChart | None
    changes: tuple[ChangeShown, ...]
    acts: tuple[ActShown, ...]
    deliveries: tuple[DeliveryShown, ...]
    suppressions: tuple[SuppressionShown, ...]


class AlertPageShown(Answer):
    """Some alerts in the order asked for."""

    alerts: tuple[AlertShown, ...]
    next_cursor: str | None = Field(description="send it as `cursor` with the same filters; absent on the last page")


class Count(Answer):
    """How many, counted up to a bound."""

    count: int
    more: bool = Field(description="there are more; counting stopped")


class CountsShown(Answer):
    """How many alerts fit the filters, in all, by state and by tier."""

    all: Count
    by_state: dict[AlertState, Count]
    by_tier: dict[Tier, Count]


class PersonShown(PersonNamed):
    """Somebody work can be handed to."""

    roles: tuple[Role, ...]
    active: bool
    team_id: str | None
    on_leave: bool


class PeopleShown(Answer):
    """Everybody who works with CareLead."""

    people: tuple[PersonShown, ...]


class LoadShown(PersonNamed):
    """How much one person has to do."""

    team_id: str | None
    open: int
    by_tier: dict[Tier, int]
    overdue: int


class LoadsShown(Answer):
    """Load per person, the heaviest first."""

    loads: tuple[LoadShown, ...]


class DeliveryListed(DeliveryShown):
    """One notice with the alert it is about."""

    delivery_id: str
    alert_id: str
    tier: Tier
    recipient: str


class DeliveryPageShown(Answer):
    """Some notices, the newest first."""

    deliveries: tuple[DeliveryListed, ...]
    next_cursor: str | None


class Done(Answer):
    """An act took effect: the alert as it is now."""

    alert: AlertShown
    changed: bool = Field(description="false when this very act was done before")


class MeShown(Answer):
    """Who asks, and what they may do."""

    person: PersonNamed
    roles: tuple[Role, ...]
    scopes: tuple[str, ...]
    rights: tuple[str, ...]
    requests_per_minute: int
    form_token: str | None = Field(description="for a browser: send it as X-Form-Token with each change")
