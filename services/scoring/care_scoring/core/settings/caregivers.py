"""The numbers of caregiver burden: when it is told, when it is asked again, and which signs ask for it earlier."""

from datetime import time
from typing import ClassVar

from care_scoring.core.thresholds import Looser, Mark, RuleSettings, threshold


class CaregiverSettings(RuleSettings):
    """Zarit interviews, told by two rules."""

    section: ClassVar[str] = "caregivers"

    short_positive_from: int = threshold(
        8, Mark.MEMORY, "four items: so much asks for the twelve", looser=Looser.HIGHER, least=1, most=16
    )
    long_within_days: int = threshold(
        7, Mark.DESIGN, "the twelve after a positive four", looser=Looser.HIGHER, least=1, most=60
    )
    long_high_from: int = threshold(
        17,
        Mark.MEMORY,
        "twelve items: high; a study of older caregivers says 13",
        looser=Looser.HIGHER,
        least=1,
        most=48,
    )
    rise_from: int = threshold(
        6, Mark.DESIGN, "twelve items: rise since the last", looser=Looser.HIGHER, least=1, most=48
    )
    same_score_days: int = threshold(
        30, Mark.DESIGN, "the same score again so soon is no news", looser=Looser.HIGHER, least=0, most=180
    )
    support_within_days: int = threshold(
        5, Mark.DESIGN, "respite, day care or training is offered", looser=Looser.HIGHER, least=1, most=60
    )
    repeat_after_months: int = threshold(
        6, Mark.DESIGN, "asked again after so long", looser=Looser.HIGHER, least=1, most=24
    )
    after_discharge_from: int = threshold(
        14, Mark.DESIGN, "asked again from this day after a discharge home ...", least=1, most=60
    )
    after_discharge_to: int = threshold(30, Mark.DESIGN, "... to this day", looser=Looser.LOWER, least=1, most=90)
    calls_for_sign: int = threshold(
        2, Mark.DESIGN, "so many after-hours talks with the caregiver ...", looser=Looser.HIGHER, least=1, most=20
    )
    calls_within_days: int = threshold(7, Mark.DESIGN, "... within so many days", looser=Looser.LOWER, least=1, most=30)
    evening_from: time = threshold(time(18), Mark.DESIGN, "after hours from here ...", looser=Looser.LATER)
    morning_to: time = threshold(time(8), Mark.DESIGN, "... to here, local time at home")
    no_shows_for_sign: int = threshold(
        2,
        Mark.DESIGN,
        "so many aides who did not come, so that the family did ...",
        looser=Looser.HIGHER,
        least=1,
        most=20,
    )
    no_shows_within_days: int = threshold(
        14, Mark.DESIGN, "... within so many days", looser=Looser.LOWER, least=1, most=60
    )
    sign_kept_days: int = threshold(
        30,
        Mark.DESIGN,
        "a sign asks for this long, and not so soon after a form",
        looser=Looser.LOWER,
        least=1,
        most=90,
    )
