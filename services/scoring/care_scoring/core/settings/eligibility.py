"""The numbers of High Needs and homebound status: what qualifies, and when an assessor is asked to look again."""

from typing import ClassVar

from care_scoring.core.thresholds import Looser, Mark, RuleSettings, threshold


class HighNeedsSettings(RuleSettings):
    """The criteria as ACO REACH words them; LEAD's own list (RFA section VII.A) was not opened."""

    section: ClassVar[str] = "high_needs"

    risk_alone: float = threshold(3.0, Mark.CONFIRMED, "aged and disabled: enough by itself", looser=Looser.HIGHER)
    risk_with_use: float = threshold(
        2.0, Mark.CONFIRMED, "aged and disabled: enough with unplanned admissions", looser=Looser.HIGHER
    )
    esrd_alone: float = threshold(0.35, Mark.CONFIRMED, "ESRD scale: enough by itself", looser=Looser.HIGHER)
    esrd_with_use: float = threshold(
        0.24, Mark.MEMORY, "ESRD scale: enough with unplanned admissions", looser=Looser.HIGHER
    )
    unplanned_admissions: int = threshold(2, Mark.CONFIRMED, "so many", looser=Looser.HIGHER, least=1, most=10)
    snf_days: int = threshold(45, Mark.CONFIRMED, "days in a nursing facility", looser=Looser.HIGHER, least=1, most=365)
    home_health_days: int = threshold(
        90, Mark.CONFIRMED, "days of home health, over all episodes", looser=Looser.HIGHER, least=1, most=365
    )
    look_back_days: int = threshold(365, Mark.CONFIRMED, "twelve months", looser=Looser.LOWER, least=30, most=548)
    risk_models: frozenset[str] = threshold(
        frozenset({"CMS-HCC"}), Mark.DESIGN, "instruments that state an aged and disabled risk score"
    )
    esrd_models: frozenset[str] = threshold(
        frozenset({"CMS-HCC-ESRD"}), Mark.DESIGN, "instruments that state an ESRD risk score"
    )
    # The CMS list of HCPCS codes was not opened: hospital beds and patient lifts, by their public code ranges.
    frailty_equipment: frozenset[str] = threshold(
        frozenset(
            {"E025", "E026", "E029", "E0301", "E0302", "E0303", "E0304", "E0621", "E0625", "E0627", "E0629", "E063"}
        ),
        Mark.MEMORY,
        "beginnings of HCPCS codes: hospital bed or transfer equipment for use at home",
        looser=Looser.FEWER,
    )
    asked_again_days: int = threshold(
        180,
        Mark.DESIGN,
        "an assessor's «no» holds so long against the criteria",
        looser=Looser.HIGHER,
        least=1,
        most=365,
    )


class HomeboundSettings(RuleSettings):
    """When an assessor looks at a homebound status again. It is never computed."""

    section: ClassVar[str] = "homebound"

    outings: int = threshold(
        3, Mark.DESIGN, "so many outings that were not for health care ...", looser=Looser.HIGHER, least=2, most=30
    )
    outings_days: int = threshold(21, Mark.DESIGN, "... within so many days", looser=Looser.LOWER, least=7, most=90)
    outing_kinds: frozenset[str] = threshold(
        frozenset({"non-medical", "social", "recreation", "leisure", "shopping"}),
        Mark.DESIGN,
        "specialties of appointments that are such outings; health care, adult day care and worship never count",
        looser=Looser.FEWER,
    )
    assessed_within_days: int = threshold(
        180, Mark.DESIGN, "an older assessment is looked at again", looser=Looser.HIGHER, least=30, most=730
    )
