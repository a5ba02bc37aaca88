"""The numbers of depression and suicide screening: cuts, and how soon somebody acts."""

from typing import ClassVar

from care_scoring.core.thresholds import Looser, Mark, RuleSettings, threshold


class DepressionSettings(RuleSettings):
    """PHQ-2 and PHQ-9, told by two rules; item 9 has no cut: any answer but «not at all» is told."""

    section: ClassVar[str] = "depression"

    item_9_act_minutes: int = threshold(
        30, Mark.DESIGN, "a clinician talks with the patient this soon", looser=Looser.HIGHER, least=5, most=1440
    )
    item_9_spoken_of_days: int = threshold(
        60, Mark.DESIGN, "so long it stays open unless a person closes it", looser=Looser.LOWER, least=30, most=100
    )
    phq2_positive_from: int = threshold(
        3, Mark.CONFIRMED, "2 finds more: 86/78 % against 61/92 %", looser=Looser.HIGHER, least=1, most=6
    )
    phq9_positive_from: int = threshold(
        10, Mark.CONFIRMED, "the usual cut, 74/91 %", looser=Looser.HIGHER, least=1, most=27
    )
    phq9_missing_allowed: int = threshold(
        2, Mark.MEMORY, "so many unanswered items are estimated, never item 9", least=0, most=2
    )
    phq9_within_days: int = threshold(
        7, Mark.DESIGN, "a PHQ-9 after a positive PHQ-2", looser=Looser.HIGHER, least=0, most=60
    )
    follow_up_within_days: int = threshold(
        2, Mark.CONFIRMED, "CMS2: on the day of a positive screen or within two days", looser=Looser.HIGHER, most=30
    )
    youngest: int = threshold(12, Mark.CONFIRMED, "CMS2: from this age on", looser=Looser.HIGHER, least=0, most=21)
    spoken_of_days: int = threshold(
        30, Mark.DESIGN, "an older form that only now arrives opens nothing", looser=Looser.LOWER, least=1, most=365
    )
