"""The numbers of home-health care: within how many hours it starts, or resumes after a stay."""

from typing import ClassVar

from care_scoring.core.thresholds import Looser, Mark, RuleSettings, threshold
from care_shared.vocabulary import Disposition, EncounterClass

# After these a patient comes home to care that starts or resumes (clinical.md 1.1, column «HH 48 h»).
RESUMED_AFTER = frozenset(
    {
        EncounterClass.INPATIENT,
        EncounterClass.PSYCHIATRIC,
        EncounterClass.REHABILITATION,
        EncounterClass.LONG_TERM_ACUTE,
        EncounterClass.SKILLED_NURSING,
        EncounterClass.UNKNOWN,
    }
)


class HomeHealthStartSettings(RuleSettings):
    """First home-health visit after a referral, a return home with home health, or a stay in between."""

    section: ClassVar[str] = "home_health_start"

    within_hours: float = threshold(
        48, Mark.CONFIRMED, "42 CFR 484.55: of referral or return home, weekends count", looser=Looser.HIGHER, above=0
    )
    shortest_stay_hours: float = threshold(
        24, Mark.CONFIRMED, "a shorter stay interrupts nothing", looser=Looser.HIGHER, least=0, most=168
    )
    specialties: frozenset[str] = threshold(
        frozenset({"home health", "home-health", "home health care", "home care", "hhc", "hha", "home health therapy"}),
        Mark.DESIGN,
        "what a referral to home health calls itself; case and hyphens do not matter",
        looser=Looser.FEWER,
    )
    starts_after: frozenset[EncounterClass] = threshold(
        RESUMED_AFTER | {EncounterClass.OBSERVATION},
        Mark.DESIGN,
        "sent home with home health from one of these, care starts even if no referral reached us",
        looser=Looser.FEWER,
    )
    resumes_after: frozenset[EncounterClass] = threshold(
        RESUMED_AFTER, Mark.CONFIRMED, "an inpatient stay; a psychiatric one by design", looser=Looser.FEWER
    )
    destinations: frozenset[Disposition] = threshold(
        frozenset({Disposition.HOME, Disposition.HOME_HEALTH, Disposition.LEFT_AGAINST_ADVICE, Disposition.UNKNOWN}),
        Mark.DESIGN,
        "home, as far as known",
        looser=Looser.FEWER,
    )
    resumes_from_notice: bool = threshold(
        False, Mark.CONFIRMED, "resumption may count from the agency's knowledge; ours, in its place, if you say so"
    )
    referral_days: int = threshold(
        14, Mark.DESIGN, "a referral this close to a discharge belongs to it", least=0, most=60
    )
    on_service_days: int = threshold(
        28, Mark.DESIGN, "skilled visits this long before a stay: care was on", looser=Looser.LOWER, least=1, most=28
    )
    expires_after_days: int = threshold(
        14, Mark.DESIGN, "too long after the deadline to act on", looser=Looser.LOWER, least=1, most=30
    )


class HomeHealthAssessmentSettings(RuleSettings):
    """The comprehensive assessment at the start of home-health care, and before each new certification period."""

    section: ClassVar[str] = "home_health_assessments"

    within_days: int = threshold(
        5,
        Mark.CONFIRMED,
        "42 CFR 484.55(b): calendar days from the start",
        looser=Looser.HIGHER,
        least=1,
        most=14,
    )
    start_within_days: int = threshold(
        14, Mark.DESIGN, "a first visit so long after referral or return home starts care", least=2, most=14
    )
    period_days: int = threshold(60, Mark.MEMORY, "a certification period; care starts on day 1", least=30, most=90)
    window_days: int = threshold(5, Mark.MEMORY, "the last days of a period (56 to 60)", least=1, most=14)
    on_service_days: int = threshold(
        21,
        Mark.DESIGN,
        "so long after a skilled visit care is on",
        looser=Looser.LOWER,
        least=7,
        most=27,
    )
    expires_after_days: int = threshold(
        5, Mark.DESIGN, "too long after the deadline to act on", looser=Looser.LOWER, least=1, most=10
    )
