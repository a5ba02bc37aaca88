"""The numbers of Health Home programmes, which differ by state: set them for the organisation or the programme."""

from typing import ClassVar

from care_scoring.core.thresholds import Looser, Mark, RuleSettings, threshold

CORE_SERVICES = frozenset(
    {
        "comprehensive-care-management",
        "care-coordination",
        "health-promotion",
        "comprehensive-transitional-care",
        "individual-and-family-support",
        "referral-to-community-and-social-supports",
    }
)


class HealthHomeSettings(RuleSettings):
    """HHP-MONTH and HHP-PLAN."""

    section: ClassVar[str] = "health_home"

    programmes: frozenset[str] = threshold(
        frozenset({"health-home"}), Mark.DESIGN, "names of programmes that are Health Homes", looser=Looser.FEWER
    )
    contacts_a_month: int = threshold(
        1, Mark.MEMORY, "higher tiers of some states ask for 2 to 4", looser=Looser.LOWER, least=1, most=10
    )
    in_person_a_month: int = threshold(
        0, Mark.MEMORY, "some states ask that one of them is face to face", looser=Looser.LOWER, least=0, most=10
    )
    live_contact_only: bool = threshold(
        default=False, mark=Mark.MEMORY, why="several states do not count a core service without a live contact"
    )
    core_services: frozenset[str] = threshold(
        CORE_SERVICES, Mark.CONFIRMED, "the six core services, by the codes under which you record them"
    )
    digest_from_day: int = threshold(
        20, Mark.MEMORY, "the day of the month from which it is noted", looser=Looser.HIGHER, least=1, most=28
    )
    last_business_days: int = threshold(
        5, Mark.MEMORY, "so many business days before the month ends it is told", looser=Looser.LOWER, least=1, most=20
    )
    plan_within_days: int = threshold(
        60, Mark.MEMORY, "assessment and plan after enrolment: 60 in New York, 90 elsewhere", least=1, most=365,
        looser=Looser.HIGHER,
    )  # fmt: skip
    plan_noted_before_days: int = threshold(
        14, Mark.DESIGN, "noted so long before it is due", looser=Looser.LOWER, least=0, most=60
    )
    plan_told_before_days: int = threshold(
        5, Mark.DESIGN, "told so long before it is due", looser=Looser.LOWER, least=0, most=60
    )
    reassess_after_months: int = threshold(
        12, Mark.MEMORY, "the plan is revised yearly ...", looser=Looser.HIGHER, least=1, most=24
    )
    reassess_after_stay_days: int = threshold(
        30, Mark.DESIGN, "... and after a stay in hospital", looser=Looser.HIGHER, least=1, most=180
    )
