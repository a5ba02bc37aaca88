"""NEWS2 from measurements taken at home: only when all seven lie within the hour, and always called unvalidated."""

from datetime import timedelta

from care_scoring.core.calendar import moment_of, seconds_of
from care_scoring.core.patient_scores.picture import Labels, Picture
from care_scoring.core.patient_scores.standing import Standing, standing
from care_scoring.core.scores.news2 import Consciousness, News2Input, News2Settings, SaturationScale, news2
from care_scoring.core.scores.score import Answer
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.registers import all_labels
from care_scoring.core.state.vitals import THOUSANDTHS
from care_shared.vocabulary import Symptom, VitalSign

ASKED = (
    VitalSign.RESPIRATORY_RATE,
    VitalSign.OXYGEN_SATURATION,
    VitalSign.SYSTOLIC,
    VitalSign.HEART_RATE,
    VitalSign.BODY_TEMPERATURE,
)
OXYGEN = (VitalSign.INHALED_OXYGEN_FLOW, VitalSign.INHALED_OXYGEN)
READ = frozenset({*ASKED, *OXYGEN})
ALERTNESS = (Symptom.CONFUSION, Symptom.UNRESPONSIVE)
# Scale 2 is for a recorded target of 88-92 % only; measures as goals name them.
SATURATIONS = (VitalSign.OXYGEN_SATURATION.value, "2708-6")
TARGET_LOW, TARGET_HIGH = 88.0, 92.0
AIR_PERCENT = 21.0
Found = tuple[Answer[float], Labels]


def may_have_changed(state: PatientState, code: VitalSign | None) -> bool:
    """The cheap gate: without a word about alertness, or without breaths counted, there is no set of seven."""
    if not state.symptoms or VitalSign.RESPIRATORY_RATE not in state.vitals:
        return False
    return (code is None or code in READ) and any(symptom in state.symptoms for symptom in ALERTNESS)


def home_news2(picture: Picture) -> Standing | None:
    """The score of the newest complete set; None when there is none within the hour."""
    alert = _alertness(picture)
    if alert is None:
        return None
    taken = [_newest(picture, code, alert[0]) for code in ASKED]
    rate, saturation, systolic, pulse, temperature = taken
    oxygen = _oxygen(picture, alert[0])
    if None in taken or oxygen is None:
        return None
    age = picture.state.person.age_on(picture.today)
    asked = News2Input(
        respiratory_rate=rate[0] if rate else None,
        oxygen_saturation=saturation[0] if saturation else None,
        supplemental_oxygen=oxygen[0],
        systolic=systolic[0] if systolic else None,
        heart_rate=pulse[0] if pulse else None,
        consciousness=alert[0],
        temperature=temperature[0] if temperature else None,
        spo2_scale=_scale(picture.state),
        at_home=True,
        age_years=age if age is not None and age >= 0 else None,
        pregnant=picture.state.has("pregnancy"),
    )
    score = news2(asked, News2Settings(home_window_minutes=picture.settings.home_news2_minutes))
    labels = all_labels([alert[1], oxygen[1], *(one[1] for one in taken if one)])
    return standing(score, "", labels) if score.total is not None else None


def _alertness(picture: Picture) -> tuple[Answer[Consciousness], Labels] | None:
    """What was said last about confusion; without a word about it nobody is called alert."""
    said = [(symptom, picture.state.symptoms.get(symptom)) for symptom in ALERTNESS]
    standing_words = [(symptom, word) for symptom, word in said if word is not None and not word.void]
    if not standing_words:
        return None
    latest = max(word.at for _, word in standing_words)
    window = timedelta(minutes=picture.settings.home_news2_minutes)
    recent = {symptom: word for symptom, word in standing_words if latest - word.at <= window}
    labels = all_labels(word.labels for word in recent.values())
    for symptom, found in (
        (Symptom.UNRESPONSIVE, Consciousness.UNRESPONSIVE),
        (Symptom.CONFUSION, Consciousness.CONFUSED),
    ):
        if symptom in recent and recent[symptom].present:
            return Answer(found, recent[symptom].at, recent[symptom].event_id), labels
    if Symptom.CONFUSION not in recent:
        return None
    word = recent[Symptom.CONFUSION]
    return Answer(Consciousness.ALERT, word.at, word.event_id), labels


def _newest(picture: Picture, code: VitalSign, alert: Answer[Consciousness]) -> Found | None:
    """The newest fit reading of one vital sign within the hour of the word about alertness, before or after."""
    series = picture.state.vitals.get(code)
    if series is None or alert.at is None:
        return None
    window = picture.settings.home_news2_minutes * 60
    anchor = seconds_of(alert.at)
    times, values, _ = series.fit(anchor - window)
    near = [row for row, at in enumerate(times) if at <= anchor + window]
    if not near:
        return None
    row = near[-1]
    source = series.event_at(times[row]) or ""
    return Answer(values[row] / THOUSANDTHS, moment_of(times[row]), source), series.labels


def _oxygen(picture: Picture, alert: Answer[Consciousness]) -> tuple[Answer[bool], Labels] | None:
    """Added oxygen: a flow above nothing, or more in the breath than in air; unknown when neither was measured."""
    flow, fraction = (_newest(picture, code, alert) for code in OXYGEN)
    if flow is not None:
        return Answer(flow[0].value > 0, flow[0].at, flow[0].source), flow[1]
    if fraction is not None:
        return Answer(fraction[0].value > AIR_PERCENT, fraction[0].at, fraction[0].source), fraction[1]
    return None


def _scale(state: PatientState) -> SaturationScale:
    """Never inferred from a diagnosis."""
    for measure in SATURATIONS:
        for goal in state.goals_for(measure):
            if goal.low is not None and goal.low >= TARGET_LOW and goal.high is not None and goal.high <= TARGET_HIGH:
                return SaturationScale.HYPERCAPNIC
    return SaturationScale.USUAL
