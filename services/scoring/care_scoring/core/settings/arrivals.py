"""The numbers of arrivals and readmissions: whose coming is told, for how long, and what counts as a readmission."""

from enum import StrEnum
from typing import ClassVar

from care_scoring.core.thresholds import Looser, Mark, RuleSettings, threshold
from care_shared.vocabulary import EncounterClass

ARRIVALS = frozenset(
    {
        EncounterClass.EMERGENCY,
        EncounterClass.INPATIENT,
        EncounterClass.OBSERVATION,
        EncounterClass.PSYCHIATRIC,
        EncounterClass.UNKNOWN,
    }
)


class Measure(StrEnum):
    """Two measures count readmissions, and not the same ones."""

    HWR = "HWR"  # CMS hospital-wide readmission, of which the ACO's readmission measure is made
    PCR = "PCR"  # HEDIS plan all-cause readmissions


class PlannedStaySettings(RuleSettings):
    """When a stay is believed to be planned before its codes say so."""

    section: ClassVar[str] = "planned_stays"

    announced_days: int = threshold(
        90, Mark.DESIGN, "a pre-admission this long before announces a stay", looser=Looser.HIGHER, least=1, most=365
    )
    booked_hours: float = threshold(
        24, Mark.DESIGN, "an appointment this close to an elective admission is that admission", least=0, most=168
    )


class ArrivalSettings(RuleSettings):
    """Arrivals in an emergency department or a hospital bed."""

    section: ClassVar[str] = "arrival"

    kinds: frozenset[EncounterClass] = threshold(
        ARRIVALS,
        Mark.CONFIRMED,
        "42 CFR 482.24(d): emergency and inpatient; that observation and an unknown class count is our design",
        looser=Looser.FEWER,
    )
    told_days: int = threshold(
        7,
        Mark.DESIGN,
        "an arrival is open for so long, if nobody speaks with the patient",
        looser=Looser.LOWER,
        least=1,
    )
    late_notice_hours: float = threshold(
        24, Mark.DESIGN, "a notice that takes longer says so", looser=Looser.HIGHER, least=0, most=168
    )


class ReadmissionSettings(RuleSettings):
    """A new stay within 30 days of a discharge."""

    section: ClassVar[str] = "readmission"

    within_days: int = threshold(
        30, Mark.CONFIRMED, "the admission date through D+30", looser=Looser.LOWER, least=1, most=90
    )
    urgent_measures: frozenset[Measure] = threshold(
        frozenset({Measure.HWR}),
        Mark.DESIGN,
        "what counts here is told as P2, what only the other measure counts as P3",
        looser=Looser.FEWER,
    )
    root_cause_business_days: int = threshold(
        2, Mark.DESIGN, "the root cause is known by then", looser=Looser.HIGHER, least=1, most=30
    )
    told_days: int = threshold(
        14, Mark.DESIGN, "a readmission is open for so long", looser=Looser.LOWER, least=1, most=60
    )
