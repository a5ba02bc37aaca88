"""The numbers of weight in heart failure: how fast it may rise, and which jump is another person on the scale."""

from typing import ClassVar

from care_scoring.core.thresholds import Looser, Mark, RuleSettings, threshold


class HeartFailureWeightSettings(RuleSettings):
    """Weight and symptoms in heart failure (HF-W1, HF-W2, HF-W3, HF-S1)."""

    section: ClassVar[str] = "heart_failure_weight"

    gain_overnight_kg: float = threshold(1.36, Mark.CONFIRMED, "3 lb in a day", looser=Looser.HIGHER, above=0)
    overnight_from_hours: int = threshold(18, Mark.DESIGN, "two weights so far apart ...", least=1, most=72)
    overnight_to_hours: int = threshold(36, Mark.DESIGN, "... up to so far are a day apart", least=1, most=72)
    gain_week_kg: float = threshold(2.27, Mark.CONFIRMED, "5 lb in a week", looser=Looser.HIGHER, above=0)
    week_days: int = threshold(7, Mark.CONFIRMED, "the week of it", looser=Looser.LOWER, least=2, most=14)
    wrong_person_percent: float = threshold(
        5.0,
        Mark.DESIGN,
        "a larger change within a day is another person on the scale",
        looser=Looser.LOWER,
        above=0,
        most=50,
    )
    rearm_readings: int = threshold(
        2, Mark.DESIGN, "readings in range on different days close it ...", least=1, most=10
    )
    rearm_hours: int = threshold(72, Mark.DESIGN, "... or this long without a breach", least=1, most=336)
    symptom_hours: int = threshold(
        72, Mark.DESIGN, "breathlessness said so close to a gain makes it P1", looser=Looser.LOWER, least=1, most=168
    )
    symptom_days: int = threshold(
        7, Mark.DESIGN, "a symptom that nobody speaks of again is over", looser=Looser.LOWER, least=1, most=30
    )
    above_dry_kg: float = threshold(2.0, Mark.DESIGN, "HF-W3: above the recorded dry weight", looser=Looser.HIGHER)
    dry_weight_measures: frozenset[str] = threshold(
        frozenset({"8340-2"}), Mark.MEMORY, "codes under which a goal is a dry weight", looser=Looser.FEWER
    )
    planned_fluids: frozenset[str] = threshold(
        frozenset({"planned-iv-fluid"}), Mark.DESIGN, "a flag or task of that day that explains a gain overnight"
    )
