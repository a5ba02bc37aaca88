"""Breathing that is far too fast or too slow is told at once, without waiting for a repeat."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from care_scoring.core.about import About
from care_scoring.core.reasons.monitoring import BodyReason
from care_scoring.core.settings.monitoring import RespirationSettings, ThresholdAlertSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.vitals import THOUSANDTHS
from care_scoring.core.thresholding import (
    READINGS_AND_STAYS,
    WEIGHED,
    Card,
    Finding,
    Grade,
    Graded,
    hushed_inpatient,
    is_untold,
    readings_at_home,
    verdicts_on,
)
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import Verdict
from care_shared.contracts.care_events import VitalSignRecorded
from care_shared.vocabulary import Tier, VitalSign

RULE_ID = "RR-1"
NEXT_STEPS = {Tier.P1: "Call now: can the patient speak in sentences, is the patient awake; call 911 if not."}
ABOUT = About(
    sentence="A respiratory rate of 25 or more, or of 8 or less, is told at once, P1.",
    sources=("[C] NEWS2, three-point bands", "[D] hysteresis"),
    settings=(RespirationSettings, ThresholdAlertSettings),
    weighs=WEIGHED,
    vectors=("RR-1",),
)


@dataclass(frozen=True, slots=True)
class RespiratoryRate:
    """RR-1: one card per run of readings out of range."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = VitalSign.RESPIRATORY_RATE.value
    key: str = RULE_ID
    reads: frozenset[type] = READINGS_AND_STAYS
    about: About = ABOUT

    def stays_quiet(self, state: PatientState, event: VitalSignRecorded, thresholds: Thresholds) -> bool:
        """In range, and nothing open."""
        limits = thresholds.of(RespirationSettings)
        return limits.slow < event.value < limits.fast and is_untold(state, RULE_ID)

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One verdict on the last run."""
        series = state.vitals.get(VitalSign.RESPIRATORY_RATE)
        if series is None:
            return
        away = hushed_inpatient(state, RULE_ID, now)
        if away is not None:
            yield from away
            return
        limits = thresholds.of(RespirationSettings)
        slow, fast = limits.slow * THOUSANDTHS, limits.fast * THOUSANDTHS
        readings = readings_at_home(state, series)
        breach = Grade(at_once=Finding(Tier.P1, BodyReason.BREATHING))
        grades = [None if slow < one.value < fast else breach for one in readings]
        middle = round((slow + fast) / 2)
        card = Card(
            key=RULE_ID,
            kind="rate",
            show=lambda one: f"{one.value / THOUSANDTHS:.0f}/min",
            next_steps=NEXT_STEPS,
            series=(series,),
            extreme=lambda value: abs(value - middle),
        )
        yield from verdicts_on(Graded(readings, grades), card, state, now, thresholds)
