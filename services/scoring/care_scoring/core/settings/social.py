"""The numbers of social needs: the cut of safety, how soon somebody acts, and how long open work keeps us silent."""

from typing import ClassVar

from care_scoring.core.thresholds import Looser, Mark, RuleSettings, threshold


class SocialNeedSettings(RuleSettings):
    """AHC-HRSN, told by one rule."""

    section: ClassVar[str] = "social_needs"

    unsafe_from: int = threshold(
        11, Mark.CONFIRMED, "sum of the four safety items: more than 10", looser=Looser.HIGHER, least=5, most=20
    )
    urgent_business_days: int = threshold(
        1, Mark.DESIGN, "no steady place, or not safe at home", looser=Looser.HIGHER, least=0, most=10
    )
    business_days: int = threshold(5, Mark.DESIGN, "any other need", looser=Looser.HIGHER, least=1, most=30)
    task_days: int = threshold(
        30,
        Mark.DESIGN,
        "an open task for the same need keeps us silent so long",
        looser=Looser.HIGHER,
        least=0,
        most=120,
    )
    spoken_of_days: int = threshold(
        90, Mark.DESIGN, "older answers are history", looser=Looser.LOWER, least=7, most=365
    )
