"""The numbers of chronic gaps: lines and ages of the measures, when a gap is told, and when it waits."""

from typing import ClassVar

from care_scoring.core.thresholds import Looser, Mark, RuleSettings, threshold

MEASURES = frozenset({"a1c", "eye", "statin", "kidney", "falls", "medicines"})


class ChronicSettings(RuleSettings):
    """Gaps of chronic care by the logic of the CMS eCQMs, told for outreach."""

    section: ClassVar[str] = "chronic_gaps"

    measures: frozenset[str] = threshold(MEASURES, Mark.CONFIRMED, "which are judged", looser=Looser.FEWER)
    digest_from_month: int = threshold(
        4, Mark.DESIGN, "what is due once a year is told from here on, P4", looser=Looser.HIGHER, least=1, most=12
    )
    call_from_month: int = threshold(
        10, Mark.DESIGN, "the last quarter: worth a call of its own, P3", looser=Looser.HIGHER, least=1, most=12
    )
    quiet_days: int = threshold(
        30, Mark.DESIGN, "after somebody talked with the patient", looser=Looser.HIGHER, least=0, most=180
    )
    look_at_hour: int = threshold(7, Mark.DESIGN, "when we look whether another call is due", least=0, most=23)
    a1c_line: float = threshold(9.0, Mark.CONFIRMED, "percent; 9.0 passes (CMS122)", looser=Looser.HIGHER, above=0)
    a1c_goal: float = threshold(
        8.0, Mark.MEMORY, "percent; at goal for older, complex patients (ADA)", looser=Looser.HIGHER, above=0
    )
    a1c_months_at_goal: int = threshold(
        6, Mark.CONFIRMED, "between tests at goal (ADA)", looser=Looser.HIGHER, least=1, most=24
    )
    a1c_months_off_goal: int = threshold(
        3, Mark.CONFIRMED, "between tests off goal (ADA)", looser=Looser.HIGHER, least=1, most=24
    )
    systolic_line: float = threshold(140, Mark.CONFIRMED, "mmHg, below it (CMS165)", looser=Looser.HIGHER, above=0)
    diastolic_line: float = threshold(90, Mark.CONFIRMED, "mmHg, below it (CMS165)", looser=Looser.HIGHER, above=0)
    adult_from: int = threshold(18, Mark.CONFIRMED, "years at the end of the year", least=0, most=120)
    diabetes_to: int = threshold(75, Mark.CONFIRMED, "CMS122, CMS131", looser=Looser.LOWER, least=0, most=120)
    pressure_to: int = threshold(85, Mark.CONFIRMED, "CMS165", looser=Looser.LOWER, least=0, most=120)
    kidney_to: int = threshold(85, Mark.CONFIRMED, "CMS951", looser=Looser.LOWER, least=0, most=120)
    statin_diabetes_from: int = threshold(40, Mark.CONFIRMED, "CMS347", looser=Looser.HIGHER, least=0, most=120)
    statin_cholesterol_from: int = threshold(20, Mark.CONFIRMED, "CMS347", looser=Looser.HIGHER, least=0, most=120)
    statin_to: int = threshold(75, Mark.CONFIRMED, "CMS347, unless ASCVD", looser=Looser.LOWER, least=0, most=120)
    statin_ldl: float = threshold(190, Mark.CONFIRMED, "mg/dL (CMS347)", looser=Looser.HIGHER, above=0)
    falls_from: int = threshold(65, Mark.CONFIRMED, "CMS139", looser=Looser.HIGHER, least=0, most=120)
    urine_days_apart: int = threshold(4, Mark.CONFIRMED, "albumin and creatinine (CMS951)", least=0, most=30)
    frail_from: int = threshold(66, Mark.CONFIRMED, "left out with frailty and advanced illness", least=0, most=120)
    very_old_from: int = threshold(81, Mark.CONFIRMED, "left out of CMS165 with frailty alone", least=0, most=120)
    nursing_home_days: int = threshold(
        90, Mark.CONFIRMED, "longer in a nursing home is living there", least=1, most=365
    )
    visit_days: int = threshold(
        30, Mark.DESIGN, "the last visit asks for documented medicines so long (CMS68)", least=1, most=90
    )
