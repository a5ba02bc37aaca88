"""In heart failure a weight that jumps overnight, or climbs within a week, is water: somebody calls the same day."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import local_date, moment_of, seconds_of, spoken_day
from care_scoring.core.reasons.common import CommonReason
from care_scoring.core.reasons.person import PersonReason
from care_scoring.core.reasons.weight import WeightReason
from care_scoring.core.settings.weight import HeartFailureWeightSettings
from care_scoring.core.state.conditions import HEART_FAILURE
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.registers import joined_labels
from care_scoring.core.state.vitals import THOUSANDTHS, Series
from care_scoring.core.thresholding import READINGS_AND_STAYS, has_symptom, symptom_labels
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import Open, Settled, Verdict, Watching
from care_scoring.core.weighing import Gain, Suspect, Weighing, is_planned, reach_of
from care_shared.contracts.care_alerts import Evidence, WorstValue
from care_shared.contracts.care_events import CareTaskChanged, ConditionRecorded, FlagChanged, VitalSignRecorded
from care_shared.vocabulary import CloseReason, Role, Symptom, Tier, VitalSign

RULE_ID = "HF-WEIGHT"
CALL = "Call today: breathlessness, swelling, pillows at night, salt, missed diuretics; follow the heart-failure plan."
CALL_NOW = "Call now: breath at rest, pillows, chest pain; call 911 if breathless at rest; else the prescriber at once."
CHECK = "Ask who stood on the scale; ask for another weight tomorrow morning."
ONE_DAY = timedelta(days=1)
CALM: Mapping[str, str] = {"": WeightReason.NO_WEIGHT_GAIN}  # all that was said
BREATHLESS = frozenset({Symptom.DYSPNOEA, Symptom.ORTHOPNOEA})
ABOUT = About(
    sentence="In heart failure 3 lb in a day or 5 lb in a week is told, P2, breathless P1; an odd jump is checked.",
    sources=(
        "[C] BEAT-HF protocol; American Heart Association: 3 lb in a day, 5 lb in a week",
        "[D] hysteresis and the wrong person on the scale",
    ),
    settings=(HeartFailureWeightSettings,),
    weighs=frozenset({Unless.INPATIENT}),
    vectors=("rule 6, HF-W1 and HF-W2",),
)


@dataclass(frozen=True, slots=True)
class HeartFailureWeight:
    """HF-W1 (3 lb in a day) and HF-W2 (5 lb in a week), P2, breathless P1; a jump no body makes checks the scale."""

    rule_id: str = RULE_ID
    version: int = 2  # breathlessness makes it P1; fluids that were planned explain a gain
    scope: str = VitalSign.BODY_WEIGHT.value
    key: str = f"{RULE_ID}/{VitalSign.BODY_WEIGHT.value}"
    reads: frozenset[type] = READINGS_AND_STAYS | {ConditionRecorded, FlagChanged, CareTaskChanged}
    about: About = ABOUT

    def stays_quiet(self, state: PatientState, event: VitalSignRecorded, thresholds: Thresholds) -> bool:
        """No weight of the last days is a gain or a suspect, as before."""
        if self.key in state.wakes or state.encounters:
            return False
        if not state.has(HEART_FAILURE):
            return self.key not in state.silences
        if state.silences.get(self.key) != CALM:
            return False
        series, limits = state.vitals[VitalSign.BODY_WEIGHT], thresholds.of(HeartFailureWeightSettings)
        return _recent(series, limits, state.home_zone(thresholds.home_zone)).is_calm()

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One episode per gain, and one per suspect reading."""
        series = state.vitals.get(VitalSign.BODY_WEIGHT)
        if series is None or not state.has(HEART_FAILURE):
            return
        told = state.open_episodes(self.key)
        if state.encounters and state.is_away(now):
            for episode in told:
                yield Settled(episode=episode, close_reason=CloseReason.SUPERSEDED, reason=PersonReason.INPATIENT)
            return
        since = state.home_since() if state.encounters else None
        home_from = seconds_of(since) if since else 0
        limits, home = thresholds.of(HeartFailureWeightSettings), state.home_zone(thresholds.home_zone)
        weighing = _recent(series, limits, home, home_from)
        if weighing.is_calm():
            yield Watching(episode="", reason=WeightReason.NO_WEIGHT_GAIN)
        else:
            weighing = Weighing(limits, home, *series.fit(home_from)[:2])
            weighing.walk()
            yield from _judged(state, series, weighing, now)
        spoken = {_gain_episode(weighing.gain), _suspect_episode(weighing.suspect)}
        for episode in told.keys() - spoken:
            yield Settled(episode=episode, close_reason=CloseReason.EVIDENCE, reason=WeightReason.WEIGHT_SETTLED)


def _recent(series: Series, limits: HeartFailureWeightSettings, home: ZoneInfo, home_from: int = 0) -> Weighing:
    """The weights that decide whether all is calm."""
    return Weighing(limits, home, *series.fit(max(home_from, series.newest_at - reach_of(limits)))[:2])


def _gain_episode(gain: Gain | None) -> str:
    """A gain is named by the weight it rose from: that stays the same when a reading in between comes late."""
    return f"gain:{moment_of(gain.rose_from):%Y-%m-%dT%H:%MZ}" if gain else ""


def _suspect_episode(suspect: Suspect | None) -> str:
    return f"scale:{moment_of(suspect.at):%Y-%m-%dT%H:%MZ}" if suspect else ""


def _judged(state: PatientState, series: Series, weighing: Weighing, now: datetime) -> Iterator[Verdict]:
    gain = weighing.gain
    if gain is not None and is_planned(state, weighing, gain):
        yield Watching(episode=_gain_episode(gain), reason=WeightReason.PLANNED_FLUIDS)
    elif gain is not None:
        yield _gain(state, series, weighing, gain, now)
    else:
        yield Watching(episode="", reason=WeightReason.NO_WEIGHT_GAIN)
    if weighing.suspect is not None:
        yield _suspect(series, weighing, weighing.suspect, now)


def _gain(state: PatientState, series: Series, weighing: Weighing, gain: Gain, now: datetime) -> Verdict:
    episode = _gain_episode(gain)
    expires_at = moment_of(gain.at) + timedelta(days=weighing.limits.week_days)
    if gain.over:
        return Settled(episode=episode, close_reason=CloseReason.EVIDENCE, reason=WeightReason.WEIGHT_SETTLED)
    if now > expires_at:
        return Settled(episode=episode, close_reason=CloseReason.EXPIRED, reason=CommonReason.TOO_LONG_AGO)
    breathless = has_symptom(state, BREATHLESS, gain.at, weighing.limits.symptom_hours)
    reason = WeightReason.WEIGHT_GAIN_OVERNIGHT if gain.overnight else WeightReason.WEIGHT_GAIN_WEEK
    if breathless:
        reason = WeightReason.WEIGHT_GAIN_BREATHLESS
    return Open(
        episode=episode,
        tier=Tier.P1 if breathless else Tier.P2,
        reason=reason,
        explanation=reason.say(
            gain=_kg(gain.value - gain.base),
            before=_kg(gain.base),
            now=_kg(gain.value),
            day=spoken_day(local_date(moment_of(gain.at), weighing.home)),
        ),
        next_step=CALL_NOW if breathless else CALL,
        evidence=_evidence(series, (gain.base_at, gain.base), (gain.at, gain.value)),
        due_at=moment_of(gain.began_at) + ONE_DAY,
        audience=(Role.CARE_MANAGER, Role.NURSE),
        labels=joined_labels(series.labels, symptom_labels(state, BREATHLESS)),
        occurrences=gain.count,
        worst=WorstValue(what="Weight gain", value=gain.worst / THOUSANDTHS, unit="kg"),
        stamp=f"{reason}|{gain.count}|{gain.worst}",
        wake_at=expires_at + timedelta(seconds=1),
    )


def _suspect(series: Series, weighing: Weighing, suspect: Suspect, now: datetime) -> Verdict:
    episode = _suspect_episode(suspect)
    expires_at = moment_of(suspect.at) + timedelta(hours=weighing.limits.rearm_hours)
    if suspect.over:
        return Settled(episode=episode, close_reason=CloseReason.EVIDENCE, reason=WeightReason.WEIGHT_SETTLED)
    if now > expires_at:
        return Settled(episode=episode, close_reason=CloseReason.EXPIRED, reason=CommonReason.TOO_LONG_AGO)
    return Open(
        episode=episode,
        tier=Tier.P4,
        reason=WeightReason.WRONG_PERSON_SUSPECT,
        explanation=WeightReason.WRONG_PERSON_SUSPECT.say(
            now=_kg(suspect.value),
            day=spoken_day(local_date(moment_of(suspect.at), weighing.home)),
            percent=round(abs(suspect.value - suspect.before) * 100 / suspect.before),
        ),
        next_step=CHECK,
        evidence=_evidence(series, (suspect.at, suspect.value)),
        audience=(Role.NURSE,),
        labels=series.labels,
        wake_at=expires_at + timedelta(seconds=1),
    )


def _kg(thousandths: int) -> str:
    return f"{thousandths / THOUSANDTHS:.1f}"


def _evidence(series: Series, *readings: tuple[int, int]) -> tuple[Evidence, ...]:
    """The readings compared, as far as their events are still known."""
    return tuple(
        Evidence(event_id=event_id, what=f"Weight {_kg(value)} kg", at=moment_of(at))
        for at, value in readings
        if (event_id := series.event_at(at)) is not None
    )
