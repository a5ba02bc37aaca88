"""An older patient on insulin or a sulfonylurea whose glucose is twice near low in a day has the regimen looked at."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import local_date
from care_scoring.core.diabetes import has_diabetes, labels_of_lowering, takes_lowering
from care_scoring.core.reasons.monitoring import GlucoseReason
from care_scoring.core.settings.glucose import GlucoseSettings
from care_scoring.core.settings.monitoring import ThresholdAlertSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.vitals import THOUSANDTHS
from care_scoring.core.thresholding import (
    HOUR,
    READINGS_AND_STAYS,
    Card,
    Finding,
    Grade,
    Graded,
    Measured,
    hushed_inpatient,
    is_untold,
    readings_at_home,
    verdicts_on,
)
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import Verdict
from care_shared.contracts.care_events import ConditionRecorded, MedicationOrdered, VitalSignRecorded
from care_shared.vocabulary import Tier, VitalSign

RULE_ID = "GL-3"
NEXT_STEPS = {Tier.P3: "Ask the prescriber to look at the dose: this patient runs close to low."}
ABOUT = About(
    sentence="From 65 on, on insulin or a sulfonylurea, glucose of 70 to 100 twice within a day asks for a review, P3.",
    sources=("[C] ADA, older adults in long-term care: call soon at 70 to 100", "[D] hysteresis"),
    settings=(GlucoseSettings, ThresholdAlertSettings),
    weighs=frozenset({Unless.INPATIENT, Unless.HOSPICE}),
    vectors=("GL-3",),
)


@dataclass(frozen=True, slots=True)
class GlucoseRegimen:
    """GL-3: one card per run of readings near low."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = VitalSign.GLUCOSE.value
    key: str = RULE_ID
    reads: frozenset[type] = READINGS_AND_STAYS | {ConditionRecorded, MedicationOrdered}
    about: About = ABOUT

    def stays_quiet(self, state: PatientState, event: VitalSignRecorded, thresholds: Thresholds) -> bool:
        """Not near low, or on nothing that brings glucose down, and nothing open."""
        limits = thresholds.of(GlucoseSettings)
        near = limits.low <= event.value <= limits.regimen_up_to
        return (not near or not state.orders) and is_untold(state, RULE_ID)

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One verdict on the last run."""
        series = state.vitals.get(VitalSign.GLUCOSE)
        if series is None or state.in_hospice or not _is_concerned(state, now, thresholds):
            return
        away = hushed_inpatient(state, RULE_ID, now)
        if away is not None:
            yield from away
            return
        limits = thresholds.of(GlucoseSettings)
        readings = readings_at_home(state, series)
        grades = _grades(readings, limits)
        card = Card(
            key=RULE_ID,
            kind="near-low",
            show=lambda one: f"{one.value / THOUSANDTHS:.0f} mg/dL",
            next_steps=NEXT_STEPS,
            series=(series,),
            extreme=lambda value: -value,
            labels=labels_of_lowering(state),
        )
        yield from verdicts_on(Graded(readings, grades), card, state, now, thresholds)


def _is_concerned(state: PatientState, now: datetime, thresholds: Thresholds) -> bool:
    today = local_date(now, state.home_zone(thresholds.home_zone))
    age = state.person.age_on(today)
    if age is None or age < thresholds.of(GlucoseSettings).regimen_age:
        return False
    return takes_lowering(state, today) and has_diabetes(state, now, thresholds)


def _grades(readings: list[Measured], limits: GlucoseSettings) -> list[Grade | None]:
    low, high = limits.low * THOUSANDTHS, limits.regimen_up_to * THOUSANDTHS
    near = [one.at for one in readings if low <= one.value <= high]
    breach = Grade(at_once=Finding(Tier.P3, GlucoseReason.NEAR_LOW_AGAIN))
    grades: list[Grade | None] = []
    for one in readings:
        close = [at for at in near if abs(at - one.at) <= limits.regimen_hours * HOUR]
        inside = low <= one.value <= high
        grades.append((breach if len(close) > 1 else Grade()) if inside else None)
    return grades
