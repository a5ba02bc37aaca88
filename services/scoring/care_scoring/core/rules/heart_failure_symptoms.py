"""In heart failure a new symptom weighs more than the scale: somebody calls today, or at once with low oxygen."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from care_scoring.core.about import About
from care_scoring.core.calendar import seconds_of
from care_scoring.core.reasons.weight import WeightReason
from care_scoring.core.settings.monitoring import OxygenSettings
from care_scoring.core.settings.weight import HeartFailureWeightSettings
from care_scoring.core.state.assessments import SymptomSaid
from care_scoring.core.state.conditions import HEART_FAILURE
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.registers import joined_labels
from care_scoring.core.state.vitals import THOUSANDTHS
from care_scoring.core.thresholding import (
    READINGS_AND_STAYS,
    WEIGHED,
    hushed_inpatient,
    newest_before,
    scope_of,
    symptom_labels,
)
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import Open, Settled, Verdict, Watching
from care_scoring.core.weighing import weigh
from care_shared.contracts.care_alerts import Evidence
from care_shared.contracts.care_events import ConditionRecorded, VitalSignRecorded
from care_shared.vocabulary import CloseReason, Role, Symptom, Tier, VitalSign

RULE_ID = "HF-S1"
EPISODE = "symptoms"
SYMPTOMS = frozenset({Symptom.DYSPNOEA, Symptom.ORTHOPNOEA, Symptom.SWELLING, Symptom.DIZZINESS})
NEXT_STEPS = {
    Tier.P1: "Call now: breath at rest, lips, confusion; call 911 if breathless at rest; else the prescriber at once.",
    Tier.P2: "Call today: since when, weight this morning, pillows, diuretic taken; follow the heart-failure plan.",
}
ABOUT = About(
    sentence="In heart failure breathlessness, orthopnoea, swelling or dizziness is told, P2; with low oxygen P1.",
    sources=("[C] breathlessness foretells admission better than weight", "[D] how long a symptom is new"),
    settings=(HeartFailureWeightSettings, OxygenSettings),
    weighs=WEIGHED,
    vectors=("rule 6", "HF-S1"),
)


@dataclass(frozen=True, slots=True)
class HeartFailureSymptoms:
    """HF-S1: one card while symptoms are there; a weight gain with them is told by HF-WEIGHT, and only there."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = scope_of(VitalSign.BODY_WEIGHT, VitalSign.OXYGEN_SATURATION)
    key: str = RULE_ID
    reads: frozenset[type] = READINGS_AND_STAYS | {ConditionRecorded}
    about: About = ABOUT

    def stays_quiet(self, state: PatientState, event: VitalSignRecorded, thresholds: Thresholds) -> bool:
        """Nobody spoke of symptoms."""
        return not state.symptoms and RULE_ID not in state.gaps

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """Open while a symptom is there and was said lately."""
        said = [state.symptoms[symptom] for symptom in sorted(state.symptoms.keys() & SYMPTOMS)]
        if not said or not state.has(HEART_FAILURE):
            return
        away = hushed_inpatient(state, RULE_ID, now)
        if away is not None:
            yield from away
            return
        since = state.home_since() if state.encounters else None
        present = [one for one in said if one.present and not one.void and (since is None or one.at >= since)]
        limits = thresholds.of(HeartFailureWeightSettings)
        if not present:
            yield Settled(episode=EPISODE, close_reason=CloseReason.EVIDENCE, reason=WeightReason.SYMPTOMS_GONE)
            return
        newest = max(present, key=lambda one: one.rank)
        expires_at = max(one.at for one in present) + timedelta(days=limits.symptom_days)
        if now > expires_at:
            yield Settled(episode=EPISODE, close_reason=CloseReason.EXPIRED, reason=WeightReason.SYMPTOMS_GONE)
        elif _gains(state, limits, present, thresholds):
            yield Watching(episode=EPISODE, reason=WeightReason.TOLD_WITH_WEIGHT, wake_at=_after(expires_at))
        else:
            yield _open(state, present, newest, expires_at, thresholds)


def _after(moment: datetime) -> datetime:
    return moment + timedelta(seconds=1)


def _gains(
    state: PatientState, limits: HeartFailureWeightSettings, present: list[SymptomSaid], thresholds: Thresholds
) -> bool:
    """Whether HF-WEIGHT tells of a gain with breathlessness."""
    weighing = weigh(state, limits, state.home_zone(thresholds.home_zone))
    gain = weighing.gain if weighing else None
    if gain is None or gain.over:
        return False
    breathless = [state.symptoms[one] for one in (Symptom.DYSPNOEA, Symptom.ORTHOPNOEA) if one in state.symptoms]
    reach = limits.symptom_hours * 3_600
    return any(one in present and abs(seconds_of(one.at) - gain.at) <= reach for one in breathless)


def _open(
    state: PatientState, present: list[SymptomSaid], newest: SymptomSaid, expires_at: datetime, thresholds: Thresholds
) -> Open:
    limits, oxygen = thresholds.of(HeartFailureWeightSettings), thresholds.of(OxygenSettings)
    series = state.vitals.get(VitalSign.OXYGEN_SATURATION)
    value = newest_before(series, seconds_of(newest.at), limits.symptom_hours)
    low = value is not None and value <= oxygen.low * THOUSANDTHS
    names = ", ".join(symptom.value for symptom in sorted(SYMPTOMS) if state.symptoms.get(symptom) in present)
    reason = WeightReason.SYMPTOMS_AND_LOW_OXYGEN if low else WeightReason.SYMPTOMS_IN_HEART_FAILURE
    labels = symptom_labels(state, SYMPTOMS)
    if low and series is not None:
        labels = joined_labels(labels, series.labels)
    tier = Tier.P1 if low else Tier.P2
    return Open(
        episode=EPISODE,
        tier=tier,
        reason=reason,
        explanation=reason.say(symptoms=names, oxygen=round((value or 0) / THOUSANDTHS)),
        next_step=NEXT_STEPS[tier],
        evidence=tuple(Evidence(event_id=one.event_id, what="Symptoms reported", at=one.at) for one in present),
        audience=(Role.NURSE, Role.CARE_MANAGER),
        labels=labels,
        stamp=f"{reason}|{names}",
        wake_at=_after(expires_at),
    )
