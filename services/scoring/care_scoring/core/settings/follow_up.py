"""The numbers of the visits after a discharge or an emergency: by when they are due, and how we warn before that."""

from datetime import time
from enum import StrEnum
from typing import ClassVar

from care_scoring.core.codes.timely_follow_up import Edition, FollowUpCondition
from care_scoring.core.thresholds import Looser, Mark, RuleSettings, threshold
from care_shared.vocabulary import Disposition, EncounterClass

ELSEWHERE = frozenset(
    {
        *(
            "audiology",
            "cardiac rehab",
            "dental",
            "dentist",
            "imaging",
            "infusion",
            "laboratory",
            "massage",
            "nutrition",
        ),
        *("occupational therapy", "optometry", "pharmacy", "physical therapy", "physiotherapy", "radiology"),
        *("sleep study", "speech therapy", "transport", "vaccination"),
    }
)
BEHAVIOURAL = frozenset(
    {
        *("addiction", "behavior", "behaviour", "counsel", "mental", "psych", "substance"),
        *("family medicine", "family practice", "general practice", "internal medicine", "primary care"),
    }
)
TO_THE_COMMUNITY = frozenset(
    {Disposition.HOME, Disposition.HOME_HEALTH, Disposition.LEFT_AGAINST_ADVICE, Disposition.UNKNOWN}
)


class Complexity(StrEnum):
    """How hard the medical decisions after a discharge are; it decides the days until the visit."""

    HIGH = "high"
    MODERATE = "moderate"


class FollowUpSettings(RuleSettings):
    """Visits after a discharge or an emergency: how they are warned of, and what counts as one."""

    section: ClassVar[str] = "follow_up"

    unbooked_after_days: int = threshold(
        3, Mark.DESIGN, "P3 when nothing is booked by this day", looser=Looser.HIGHER, least=0, most=30
    )
    last_call_hours: int = threshold(
        72, Mark.DESIGN, "P2 when the window closes within so many hours", looser=Looser.LOWER, least=1, most=336
    )
    told_at: time = threshold(time(12), Mark.DESIGN, "the hour of the day on which a step is told", looser=Looser.LATER)
    outcome_awaited_hours: int = threshold(
        48,
        Mark.DESIGN,
        "so long after its begin a visit may lack an outcome",
        looser=Looser.HIGHER,
        least=1,
        most=336,
    )
    not_a_follow_up: frozenset[str] = threshold(
        ELSEWHERE, Mark.DESIGN, "a visit whose specialty has one of these words is no follow-up", looser=Looser.FEWER
    )


class TransitionalVisitSettings(RuleSettings):
    """The visit of transitional care after a discharge home (CPT 99495/99496)."""

    section: ClassVar[str] = "transitional_visit"

    complexity: Complexity = threshold(
        Complexity.MODERATE, Mark.DESIGN, "no message states it: assumed; set per programme or patient"
    )
    high_days: int = threshold(7, Mark.CONFIRMED, "99496, by D+7", looser=Looser.HIGHER, least=1, most=30)
    moderate_days: int = threshold(14, Mark.CONFIRMED, "99495, by D+14", looser=Looser.HIGHER, least=1, most=30)

    @property
    def days(self) -> int:
        """How many days the visit may wait."""
        return self.high_days if self.complexity is Complexity.HIGH else self.moderate_days


class TimelyFollowUpSettings(RuleSettings):
    """A visit after an acute event of a chronic condition; the days are dated data."""

    section: ClassVar[str] = "timely_follow_up"

    edition: Edition = threshold(Edition.CBE_3455, Mark.CONFIRMED, "which publication of the table of days")
    other_days: dict[FollowUpCondition, int] = threshold(
        {}, Mark.DESIGN, "a condition whose days you set otherwise than the edition, such as tfu-copd: 14"
    )
    least_age: int = threshold(18, Mark.CONFIRMED, "adults", looser=Looser.HIGHER, least=0, most=120)


class NoShowSettings(RuleSettings):
    """Booked visits that did not take place."""

    section: ClassVar[str] = "no_show"

    told_at: time = threshold(
        time(17), Mark.DESIGN, "a visit re-booked by this hour of the same day is not told", looser=Looser.LATER
    )
    repeated: int = threshold(2, Mark.DESIGN, "so many missed visits ...", looser=Looser.HIGHER, least=2, most=10)
    repeated_days: int = threshold(90, Mark.DESIGN, "... within so many days", looser=Looser.LOWER, least=1, most=365)
    expires_after_days: int = threshold(
        30, Mark.DESIGN, "the call about barriers is too late after so long", looser=Looser.LOWER, least=1, most=180
    )


class EmergencyFollowUpSettings(RuleSettings):
    """Care within a week of an emergency visit for people with several chronic conditions."""

    section: ClassVar[str] = "emergency_follow_up"

    least_age: int = threshold(18, Mark.CONFIRMED, "adults", looser=Looser.HIGHER, least=0, most=120)
    groups_needed: int = threshold(
        2, Mark.CONFIRMED, "different condition groups diagnosed before", looser=Looser.HIGHER, least=1, most=8
    )
    window_days: int = threshold(7, Mark.CONFIRMED, "the ED date through +7", looser=Looser.HIGHER, least=1, most=30)
    low_tier_day: int = threshold(4, Mark.DESIGN, "P3 on this day ...", looser=Looser.HIGHER, least=0, most=30)
    high_tier_day: int = threshold(5, Mark.DESIGN, "... P2 on this", looser=Looser.HIGHER, least=0, most=30)
    whole_window_in_year: bool = threshold(True, Mark.CONFIRMED, "a visit after 24 December is not measured")


class BehaviouralFollowUpSettings(RuleSettings):
    """Care after a psychiatric stay or a behavioural emergency."""

    section: ClassVar[str] = "behavioural_follow_up"

    high_tier_day: int = threshold(4, Mark.DESIGN, "P2 on this day", looser=Looser.HIGHER, least=0, most=30)
    first_window_days: int = threshold(7, Mark.CONFIRMED, "P2 through this day", looser=Looser.LOWER, least=1, most=30)
    window_days: int = threshold(30, Mark.CONFIRMED, "P3 through this day", looser=Looser.LOWER, least=1, most=90)
    hospital_least_age: int = threshold(6, Mark.CONFIRMED, "FUH", looser=Looser.HIGHER, least=0, most=120)
    mental_least_age: int = threshold(6, Mark.CONFIRMED, "FUM", looser=Looser.HIGHER, least=0, most=120)
    substance_least_age: int = threshold(13, Mark.CONFIRMED, "FUA", looser=Looser.HIGHER, least=0, most=120)
    specialties: frozenset[str] = threshold(
        BEHAVIOURAL,
        Mark.DESIGN,
        "a visit counts when its specialty has one of these words, or names none: any provider may address it",
    )


RECONCILED_AFTER = frozenset(
    {
        EncounterClass.INPATIENT,
        EncounterClass.PSYCHIATRIC,
        EncounterClass.REHABILITATION,
        EncounterClass.LONG_TERM_ACUTE,
        EncounterClass.SKILLED_NURSING,
        EncounterClass.UNKNOWN,
    }
)
# As people write them; compared without case, dots and hyphens. An LPN, an aide or a clerk does not count.
RECONCILING_ROLES = frozenset(
    {
        *("physician", "doctor", "md", "do", "prescriber", "prescribing practitioner", "practitioner"),
        *("nurse practitioner", "np", "aprn", "crnp", "cnm", "cns", "physician assistant", "physician associate", "pa"),
        *("pharmacist", "clinical pharmacist", "pharmd", "rph", "registered nurse", "rn"),
    }
)


class ReconciliationSettings(RuleSettings):
    """Medicines compared and settled after a discharge (HEDIS TRC, and before the visit of transitional care)."""

    section: ClassVar[str] = "medication_reconciliation"

    low_tier_day: int = threshold(7, Mark.DESIGN, "P3 on this day ...", looser=Looser.HIGHER, least=0, most=30)
    high_tier_day: int = threshold(21, Mark.DESIGN, "... P2 on this", looser=Looser.HIGHER, least=0, most=30)
    window_days: int = threshold(30, Mark.CONFIRMED, "D through D+30", looser=Looser.LOWER, least=1, most=90)
    least_age: int = threshold(18, Mark.CONFIRMED, "adults", looser=Looser.HIGHER, least=0, most=120)
    roles: frozenset[str] = threshold(
        RECONCILING_ROLES, Mark.CONFIRMED, "prescriber, clinical pharmacist or registered nurse; how people write them"
    )
    before_visit_days: int = threshold(
        1, Mark.DESIGN, "told so many days before the booked visit", looser=Looser.LOWER, least=0, most=14
    )
    qualifying_stays: frozenset[EncounterClass] = threshold(
        RECONCILED_AFTER, Mark.CONFIRMED, "acute and nonacute inpatient; observation is not", looser=Looser.FEWER
    )
    destinations: frozenset[Disposition] = threshold(
        TO_THE_COMMUNITY, Mark.DESIGN, "to a nursing facility its own discharge counts", looser=Looser.FEWER
    )
