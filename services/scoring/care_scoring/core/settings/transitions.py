"""The numbers of HEDIS TRC: four things that belong in the record around a stay, and when a missing one is told."""

from datetime import time
from enum import StrEnum
from typing import ClassVar

from care_scoring.core.thresholds import Looser, Mark, RuleSettings, threshold
from care_shared.vocabulary import Disposition, EncounterClass

INPATIENT = frozenset(
    {
        EncounterClass.INPATIENT,
        EncounterClass.PSYCHIATRIC,
        EncounterClass.REHABILITATION,
        EncounterClass.LONG_TERM_ACUTE,
        EncounterClass.SKILLED_NURSING,
        EncounterClass.UNKNOWN,
    }
)
RECONCILERS = frozenset(
    {
        *("prescriber", "physician", "md", "do", "np", "nurse practitioner", "pa", "physician assistant"),
        *("pharmacist", "clinical pharmacist", "rn", "registered nurse"),
    }
)


class Indicator(StrEnum):
    """The four parts of the measure."""

    NOTICE = "NIA"
    SUMMARY = "RDI"
    ENGAGEMENT = "PED"
    RECONCILIATION = "MRP"


class TransitionSettings(RuleSettings):
    """Notice of admission, discharge information, engagement, reconciliation (HEDIS TRC)."""

    section: ClassVar[str] = "transitions"

    indicators: frozenset[Indicator] = threshold(
        frozenset(Indicator) - {Indicator.SUMMARY},
        Mark.DESIGN,
        "which of the four are told; add RDI where documents arrive: elsewhere it would be told of every discharge",
        looser=Looser.FEWER,
    )

    kinds: frozenset[EncounterClass] = threshold(
        INPATIENT, Mark.CONFIRMED, "acute or nonacute inpatient; no observation", looser=Looser.FEWER
    )
    destinations: frozenset[Disposition] = threshold(
        frozenset({Disposition.HOME, Disposition.HOME_HEALTH, Disposition.LEFT_AGAINST_ADVICE, Disposition.UNKNOWN}),
        Mark.CONFIRMED,
        "sent on to another facility, the discharge from there counts; that unknown counts is our design",
        looser=Looser.FEWER,
    )
    youngest: int = threshold(18, Mark.CONFIRMED, "years; of unknown age counts", looser=Looser.HIGHER, least=0)
    last_month: int = threshold(12, Mark.CONFIRMED, "discharges up to this month ...", least=1, most=12)
    last_day: int = threshold(1, Mark.CONFIRMED, "... and day of it count for its year", least=1, most=31)
    notice_days: int = threshold(
        2, Mark.CONFIRMED, "after the day of admission, or of discharge: three in all", looser=Looser.HIGHER, least=0
    )
    follow_up_days: int = threshold(
        30, Mark.CONFIRMED, "engagement, reconciliation: D+30", looser=Looser.LOWER, least=1
    )
    admission_documents: frozenset[str] = threshold(
        frozenset({"admission-notice"}), Mark.DESIGN, "documents that tell of an admission, such as a fax"
    )
    summary_asked_at: time = threshold(
        time(12), Mark.DESIGN, "no discharge information by then on the day after: asked for", looser=Looser.LATER
    )
    unchecked_summary_counts: bool = threshold(True, Mark.DESIGN, "a final summary of which nobody said what it holds")
    digest_from_day: int = threshold(
        14, Mark.DESIGN, "D+n: engagement or reconciliation is missing, P4", looser=Looser.HIGHER, least=1, most=30
    )
    urgent_from_day: int = threshold(
        23, Mark.DESIGN, "D+n: a week before the window closes, P3", looser=Looser.HIGHER, least=1, most=30
    )
    reconcilers: frozenset[str] = threshold(
        RECONCILERS, Mark.CONFIRMED, "prescriber, clinical pharmacist or registered nurse, as sources write it"
    )
    engaging_services: frozenset[str] = threshold(
        frozenset({"99495", "99496"}), Mark.CONFIRMED, "a recorded transitional care service is engagement"
    )
    told_days: int = threshold(
        30, Mark.DESIGN, "a late notice of admission is told for so long", looser=Looser.LOWER, least=1, most=60
    )
