"""What scoring tells notifications: one care gap as it stands now, with reason, evidence, deadline and next step."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from care_shared.contracts.envelope import Contract, NonEmpty, ReckonedDatetime, Sentence, SomePatientId
from care_shared.contracts.score_changes import ScoreChanged
from care_shared.vocabulary import (
    AlertChange,
    CloseReason,
    EventId,
    GapId,
    OrganizationId,
    PersonId,
    Role,
    SensitivityLabel,
    Severity,
    Tier,
)


class PatientSummary(Contract):
    """As much of the person as the worklist needs; channels outside the worklist never send it."""

    display_name: str = ""
    birth_date: date | None = None
    phone: str | None = None
    home_zone: str = "UTC"


class CareTeam(Contract):
    """Who answers for the patient, as far as scoring knows; notifications resolves it to a person now."""

    lead_care_manager: PersonId | None = None
    backup: PersonId | None = None
    agency: OrganizationId | None = None


class Evidence(Contract):
    """One fact the alert rests on: which event, what it says in a few words, when that was."""

    event_id: EventId
    what: Sentence
    at: ReckonedDatetime


class ChartPoint(Contract):
    """One value of a chart."""

    at: ReckonedDatetime
    value: float


class TrendChart(Contract):
    """What a trend alert shows: the slot-day medians judged, the slope found, and the lines that matter."""

    code: NonEmpty
    unit: str
    slot: str = ""
    points: tuple[ChartPoint, ...]
    slope_per_day: float
    p_value: float
    caution_line: float | None = None


class WorstValue(Contract):
    """The gravest value seen while the gap was open, as its rule understands grave."""

    what: Sentence
    value: float
    unit: str = ""
    at: ReckonedDatetime | None = None


class CareAlert(Contract):
    """A care gap after one change. Every message is whole; the highest `revision` of a `gap_id` is the truth.

    `event_id` is derived from gap and revision: a replay sends the same id again. `due_at` is the deadline of
    the *care*, not of the acknowledgement (that follows from `tier`).
    """

    type: Literal["care-alert"] = "care-alert"
    event_id: EventId
    gap_id: GapId
    card_id: str = Field(
        default="",
        description="gaps of one patient and one care episode share it, to be shown as one card; same id for life",
    )
    revision: int = Field(ge=1)
    change: AlertChange
    patient_id: SomePatientId
    patient: PatientSummary = PatientSummary()
    care_team: CareTeam = CareTeam()
    rule_id: NonEmpty
    rule_version: int = 1
    policy_version: str = ""
    episode: Sentence
    tier: Tier
    severity: Severity
    reason: NonEmpty
    explanation: Sentence
    evidence: tuple[Evidence, ...] = ()
    due_at: ReckonedDatetime | None = None
    next_step: Sentence
    audience: tuple[Role, ...] = (Role.CARE_MANAGER,)
    labels: tuple[SensitivityLabel, ...] = ()
    occurrences: int = 1
    worst: WorstValue | None = None
    late_notice: bool = False
    late_tick: bool = False
    opened_at: ReckonedDatetime
    changed_at: ReckonedDatetime
    close_reason: CloseReason | None = None
    chart: TrendChart | None = None
    private: bool = Field(
        default=False, description="never to a phone, portal or address that the household shares, and to no partner"
    )
    programmes: tuple[str, ...] = Field(
        default=(), description="programmes the patient is in at that moment; a notice policy may route by them"
    )
    caused_by: EventId | None = Field(
        default=None, description="the care event whose fold made this change; None for a deadline"
    )


AnyCareAlert = Annotated[CareAlert | ScoreChanged, Field(discriminator="type")]
CARE_ALERT: TypeAdapter[AnyCareAlert] = TypeAdapter(AnyCareAlert)


def decode_alert(value: bytes) -> AnyCareAlert:
    """What stands on the topic of alerts. Raises pydantic's ValidationError."""
    return CARE_ALERT.validate_json(value)
