"""What scoring tells when a score of a patient changed: the number, what made it, and what would lower it."""

from typing import Literal

from pydantic import Field

from care_shared.contracts.envelope import Contract, NonEmpty, ReckonedDatetime, SomePatientId
from care_shared.vocabulary import EventId, SensitivityLabel


class ScoreFactor(Contract):
    """One thing that earned points: since when, by which fact as far as it is known, and what would take them away."""

    factor: NonEmpty
    points: int
    event_id: EventId | None = None
    at: ReckonedDatetime | None = None
    lowered_by: str = ""


class WorklistPlace(Contract):
    """Where the patient stands in the worklist: compared field by field in this order, the smaller comes first."""

    without_p1: bool
    without_p2: bool
    earliest_deadline: ReckonedDatetime | None = Field(
        default=None, description="regulatory; none comes after all others"
    )
    minus_total: int
    last_contact: ReckonedDatetime | None = Field(default=None, description="never reached comes before all others")


class ScoreChanged(Contract):
    """A score after one change. Every message is whole; the highest `revision` of a score and subject is the truth.

    `event_id` is derived from patient, score, subject and revision: a replay sends the same id again. A `value` of None
    means «not computed»: `missing` says what nobody told us, `notes` why it does not apply. It is never a guess.
    """

    type: Literal["score-changed"] = "score-changed"
    event_id: EventId
    patient_id: SomePatientId
    score: NonEmpty = Field(description="lace, hospital, charlson, news2 or outreach-priority")
    subject: str = Field(default="", description="what it is about: the stay; empty for the patient as a whole")
    revision: int = Field(ge=1)
    model_version: NonEmpty
    policy_version: str = ""
    label: str = Field(default="", description="how to name it to people, such as «home NEWS2, unvalidated»")
    value: int | None = None
    band: str | None = None
    factors: tuple[ScoreFactor, ...] = Field(default=(), description="the leading ones, most points first")
    missing: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    evidence: tuple[EventId, ...] = ()
    labels: tuple[SensitivityLabel, ...] = ()
    queue: str = Field(default="", description="outreach priority only: outreach, transition, hospice or none")
    place: WorklistPlace | None = None
    computed_at: ReckonedDatetime
    caused_by: EventId | None = Field(
        default=None, description="the care event whose fold changed it; None for the passing of time"
    )
