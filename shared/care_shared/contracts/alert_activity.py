"""What people and channels did with an alert: delivered, acknowledged, contact logged, closed."""

from typing import Literal

from pydantic import Field

from care_shared.contracts.envelope import Contract, NonEmpty, SomePatientId, UtcDatetime
from care_shared.vocabulary import ActivityKind, EventId, GapId


class AlertActivity(Contract):
    """One act on one alert. `event_id` is derived, so a retry of the same act is the same activity."""

    type: Literal["alert-activity"] = "alert-activity"
    event_id: EventId
    gap_id: GapId
    patient_id: SomePatientId
    kind: ActivityKind
    occurred_at: UtcDatetime
    by: NonEmpty
    detail: dict[str, str] = Field(
        default_factory=dict, description="codes only: channel, outcome, reason; never free text"
    )


class DeadLetter(Contract):
    """A message set aside whole, with where it came from and why it could not be used."""

    type: Literal["dead-letter"] = "dead-letter"
    topic: NonEmpty
    partition: int
    offset: int
    error: NonEmpty
    field: str = ""
    problem: str = ""
    recorded_at: UtcDatetime
    key_base64: str = ""
    value_base64: str
    headers_base64: tuple[tuple[str, str], ...] = Field(
        default=(), description="names and values, so that the message can be sent again; empty in letters of before"
    )
