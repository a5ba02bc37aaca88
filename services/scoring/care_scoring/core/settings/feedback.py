"""The numbers of service recovery: which answers count as a complaint, and how soon somebody calls."""

from typing import ClassVar

from care_scoring.core.thresholds import Looser, Mark, RuleSettings, threshold


class FeedbackSettings(RuleSettings):
    """Pulse surveys. Care is never gated on a response, and nobody is paged for one."""

    section: ClassVar[str] = "feedback"

    surveys: frozenset[str] = threshold(
        frozenset({"pulse"}), Mark.DESIGN, "names, or beginnings of names, of surveys on a scale of 0 to 10"
    )
    detractor_to: int = threshold(6, Mark.DESIGN, "an answer this low or lower", looser=Looser.LOWER, least=0, most=10)
    business_days: int = threshold(2, Mark.DESIGN, "somebody calls", looser=Looser.HIGHER, least=1, most=10)
    supervisor_count: int = threshold(
        2, Mark.DESIGN, "so many unhappy answers ...", looser=Looser.HIGHER, least=2, most=10
    )
    supervisor_days: int = threshold(
        60, Mark.DESIGN, "... within so many days reach a supervisor", looser=Looser.LOWER, least=1, most=90
    )
    spoken_of_days: int = threshold(30, Mark.DESIGN, "older answers are history", looser=Looser.LOWER, least=3, most=90)


class PulseSurveySettings(RuleSettings):
    """PULSE-SURVEY: when a patient may be asked."""

    section: ClassVar[str] = "pulse_survey"

    after_days: int = threshold(7, Mark.DESIGN, "after the return home", looser=Looser.HIGHER, least=1, most=30)
    open_days: int = threshold(7, Mark.DESIGN, "so long it may be asked", looser=Looser.LOWER, least=1, most=30)
    not_again_days: int = threshold(30, Mark.DESIGN, "not within so many days of the last one", least=0, most=90)
