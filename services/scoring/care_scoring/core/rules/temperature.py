"""A fever is told, and the same day when the pulse or the breathing is fast with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from care_scoring.core.about import About
from care_scoring.core.calendar import local_date
from care_scoring.core.codes.medicines import MedicineClass
from care_scoring.core.reasons.monitoring import BodyReason
from care_scoring.core.settings.monitoring import TemperatureSettings, ThresholdAlertSettings
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
    newest_before,
    readings_at_home,
    scope_of,
    verdicts_on,
)
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import Verdict
from care_shared.contracts.care_events import (
    ConditionRecorded,
    FlagChanged,
    MedicationOrdered,
    VitalSignRecorded,
)
from care_shared.vocabulary import SensitivityLabel, Tier, VitalSign

RULE_ID = "TE-1"
IMMUNOSUPPRESSED, POST_OPERATIVE = "immunosuppressed", "post-operative"
NEXT_STEPS = {
    Tier.P2: "Call today: source of infection, confusion, fluids, urine; the prescriber decides on a visit.",
    Tier.P3: "Call: cough, urine, wound, diarrhoea; ask for the temperature this evening.",
}
ABOUT = About(
    sentence="Fever from 38.0 (37.8 if immunosuppressed or after surgery) is told, P3; with fast pulse or breath P2.",
    sources=("[D] lines of fever, pulse and breathing",),
    settings=(TemperatureSettings, ThresholdAlertSettings),
    weighs=WEIGHED,
    vectors=("TE-1",),
)


@dataclass(frozen=True, slots=True)
class Temperature:
    """TE-1: one card per run of fever."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = scope_of(VitalSign.BODY_TEMPERATURE, VitalSign.HEART_RATE, VitalSign.RESPIRATORY_RATE)
    key: str = RULE_ID
    reads: frozenset[type] = READINGS_AND_STAYS | {ConditionRecorded, FlagChanged, MedicationOrdered}
    about: About = ABOUT

    def stays_quiet(self, state: PatientState, event: VitalSignRecorded, thresholds: Thresholds) -> bool:
        """No fever, and nothing open; pulse and breathing matter only in a fever."""
        if event.code == VitalSign.BODY_TEMPERATURE:
            limits = thresholds.of(TemperatureSettings)
            return event.value < min(limits.fever, limits.fever_at_risk) and is_untold(state, RULE_ID)
        return VitalSign.BODY_TEMPERATURE not in state.vitals or is_untold(state, RULE_ID)

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One verdict on the last run."""
        series = state.vitals.get(VitalSign.BODY_TEMPERATURE)
        if series is None:
            return
        away = hushed_inpatient(state, RULE_ID, now)
        if away is not None:
            yield from away
            return
        limits = thresholds.of(TemperatureSettings)
        readings = readings_at_home(state, series)
        line = min(limits.fever, limits.fever_at_risk) * THOUSANDTHS
        if not any(one.value >= line for one in readings):
            return
        at_risk, labels = _at_risk(state, now, limits, thresholds)
        line = (limits.fever_at_risk if at_risk else limits.fever) * THOUSANDTHS
        grades = [_grade(state, one.at, limits) if one.value >= line else None for one in readings]
        beside = [state.vitals.get(code) for code in (VitalSign.HEART_RATE, VitalSign.RESPIRATORY_RATE)]
        for other in beside:
            labels |= set(other.labels) if other else set()
        card = Card(
            key=RULE_ID,
            kind="fever",
            show=lambda one: f"{one.value / THOUSANDTHS:.1f} °C",
            next_steps=NEXT_STEPS,
            series=(series,),
            labels=tuple(sorted(labels)),
        )
        yield from verdicts_on(Graded(readings, grades), card, state, now, thresholds)


def _grade(state: PatientState, at: int, limits: TemperatureSettings) -> Grade:
    pulse = newest_before(state.vitals.get(VitalSign.HEART_RATE), at, limits.together_hours)
    breaths = newest_before(state.vitals.get(VitalSign.RESPIRATORY_RATE), at, limits.together_hours)
    fast = (pulse or 0) > limits.heart_rate * THOUSANDTHS or (breaths or 0) > limits.respiratory_rate * THOUSANDTHS
    if fast:
        return Grade(at_once=Finding(Tier.P2, BodyReason.FEVER_AND_FAST))
    return Grade(at_once=Finding(Tier.P3, BodyReason.FEVER))


def _at_risk(
    state: PatientState, now: datetime, limits: TemperatureSettings, thresholds: Thresholds
) -> tuple[bool, set[SensitivityLabel]]:
    """Immunosuppressed by diagnosis, medicine or flag, or shortly after surgery; with the labels of what says so."""
    labels: set[SensitivityLabel] = set()
    found = state.has(IMMUNOSUPPRESSED)
    if found:
        labels = {label for held in state.conditions.values() if held.active for label in held.labels}
    today = local_date(now, state.home_zone(thresholds.home_zone))
    if state.takes(MedicineClass.STEROID, today):
        found = True
        labels |= {label for order in state.orders.values() for label in order.labels}
    for flag in state.flags.values():
        recent = flag.code != POST_OPERATIVE or now - flag.at <= timedelta(days=limits.post_operative_days)
        if flag.code in limits.at_risk_flags and flag.active and not flag.void and recent:
            found = True
            labels |= set(flag.labels)
    return found, labels
