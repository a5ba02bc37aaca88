"""The numbers of glucose out of range: too low, too high, for how long, and for whom the regimen is looked at."""

from typing import ClassVar

from care_scoring.core.thresholds import Looser, Mark, RuleSettings, threshold


class GlucoseSettings(RuleSettings):
    """GL-1 to GL-6, in mg/dL."""

    section: ClassVar[str] = "glucose"

    very_low: float = threshold(54, Mark.MEMORY, "GL-1: below it, P1 (ADA level 2)", looser=Looser.LOWER, above=0)
    low: float = threshold(70, Mark.CONFIRMED, "GL-2: below it", looser=Looser.LOWER, above=0)
    regimen_up_to: float = threshold(100, Mark.CONFIRMED, "GL-3: up to it twice", looser=Looser.LOWER, above=0)
    regimen_hours: int = threshold(24, Mark.CONFIRMED, "... within so long", looser=Looser.LOWER, least=1, most=72)
    regimen_age: int = threshold(65, Mark.CONFIRMED, "... from this age", looser=Looser.HIGHER, least=0, most=120)
    high: float = threshold(250, Mark.CONFIRMED, "GL-4: above it ...", looser=Looser.HIGHER, above=0)
    high_times: int = threshold(2, Mark.CONFIRMED, "... so often ...", looser=Looser.HIGHER, least=1, most=10)
    high_hours: int = threshold(24, Mark.CONFIRMED, "... within so long, P2", looser=Looser.LOWER, least=1, most=72)
    very_high: float = threshold(300, Mark.CONFIRMED, "GL-5: above it on two days running", looser=Looser.HIGHER)
