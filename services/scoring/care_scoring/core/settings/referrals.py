"""The numbers of referrals: how soon one is scheduled, and how soon its report comes back."""

from typing import ClassVar

from care_scoring.core.thresholds import Looser, Mark, RuleSettings, threshold


class ReferralSettings(RuleSettings):
    """REF-LOOP: from the order of a referral to the consultant's report."""

    section: ClassVar[str] = "referral_loop"

    urgent_business_days: int = threshold(
        2, Mark.DESIGN, "an urgent one is scheduled, P2", looser=Looser.HIGHER, least=1, most=30
    )
    routine_days: int = threshold(14, Mark.DESIGN, "any other is, P3", looser=Looser.HIGHER, least=1, most=90)
    report_days: int = threshold(
        14, Mark.DESIGN, "after the appointment the report is here, P3", looser=Looser.HIGHER, least=1, most=90
    )
    expires_after_days: int = threshold(
        365, Mark.DESIGN, "after the order; the measure (CMS50) ends with the year", looser=Looser.LOWER, most=395
    )
