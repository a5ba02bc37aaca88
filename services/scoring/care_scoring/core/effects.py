"""What scoring wants done after a fact or a deadline: tell people of a care gap, or note why it stayed silent."""

from dataclasses import dataclass
from datetime import datetime

from care_scoring.core.scores.score import Score
from care_shared.contracts.care_alerts import CareAlert
from care_shared.contracts.score_changes import ScoreChanged
from care_shared.vocabulary import EventId, PatientId


@dataclass(frozen=True, slots=True)
class ClockTicked:
    """A deadline that the core asked for has come. `late` says that we were down when it was due."""

    due_at: datetime
    late: bool = False


@dataclass(frozen=True, slots=True)
class RaiseAlert:
    """A care gap changed: opened, updated, escalated, reopened or closed. The alert is the whole gap.

    `weighs` says that tier, deadline, count or labels are others than before: scores look at nothing else of a gap.
    """

    alert: CareAlert
    weighs: bool = True


@dataclass(frozen=True, slots=True)
class WouldRaise:
    """The same of a rule in shadow: it goes to the record and to the counts, and to nobody."""

    alert: CareAlert


@dataclass(frozen=True, slots=True)
class Silence:
    """A rule looked and raised nothing, for this reason; said again only when the reason changes."""

    patient_id: PatientId
    rule_id: str
    episode: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HandOver:
    """What is believed from the facts of one record goes to whoever answers for it: the survivor, or itself again."""

    sender: PatientId
    receiver: PatientId
    record: PatientId
    beliefs: bytes
    at: datetime
    caused_by: EventId


@dataclass(frozen=True, slots=True)
class TellScore:
    """A score of the patient changed: told to others in short, and kept with every line for those who check it."""

    change: ScoreChanged
    score: Score


Effect = RaiseAlert | WouldRaise | Silence | HandOver | TellScore
