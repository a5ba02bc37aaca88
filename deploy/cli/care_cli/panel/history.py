"""What happened to the patients of the panel: stays, home visits and readings, before any message is made of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from care_cli.messages.fhir import Reading
from care_cli.messages.hl7 import Stay
from care_cli.panel.people import Member
from care_shared.vocabulary import Discipline


class Outcome(StrEnum):
    """What became of a planned home visit."""

    PLANNED = "planned"
    DELIVERED = "delivered"
    MISSED = "missed"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class HomeVisit:
    """One planned visit; `reason_code` is the agency's own code for a missed one."""

    visit_id: str
    discipline: Discipline
    starts_at: datetime
    ends_at: datetime
    outcome: Outcome = Outcome.PLANNED
    reason_code: str = ""
    clocked_in: datetime | None = None
    clocked_out: datetime | None = None


@dataclass(frozen=True, slots=True)
class PatientHistory:
    """Everything the sources know about one patient."""

    member: Member
    stays: Sequence[Stay] = ()
    visits: Sequence[HomeVisit] = ()
    readings: Sequence[Reading] = ()


@dataclass(frozen=True, slots=True)
class Panel:
    """The whole panel as of one moment."""

    as_of: datetime
    patients: Sequence[PatientHistory]

    def patient(self, key: str) -> PatientHistory | None:
        """The patient of that short name."""
        return next((one for one in self.patients if one.member.key == key), None)
