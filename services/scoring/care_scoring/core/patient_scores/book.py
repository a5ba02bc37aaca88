"""Every score of a patient is worked out anew when something it rests on changed, and told when it became another."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from msgspec import Struct

from care_scoring.core.effects import Effect, RaiseAlert, Silence, TellScore
from care_scoring.core.patient_scores.conditions import charlson_of
from care_scoring.core.patient_scores.news2 import home_news2, may_have_changed
from care_scoring.core.patient_scores.outreach import Outreach
from care_scoring.core.patient_scores.picture import Picture, subject_of
from care_scoring.core.patient_scores.rule_parts import CONTACT_RULE
from care_scoring.core.patient_scores.standing import Leading, Standing
from care_scoring.core.patient_scores.stays import is_recent, stay_scores
from care_scoring.core.patient_scores.told import Told, named_by, stamp_of, told_before
from care_scoring.core.scores.outreach_priority import ALWAYS, NEVER, SortKey
from care_scoring.core.scores.score import Score
from care_scoring.core.state.kinship import WHO_IS_WHO
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.registers import joined_labels
from care_scoring.core.thresholds import Thresholds
from care_shared.contracts import care_events as facts
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.contracts.envelope import CareEvent, derived_id
from care_shared.contracts.score_changes import ScoreChanged, ScoreFactor, WorklistPlace
from care_shared.vocabulary import EncounterId, EventId

# The wake-up at which a score changes by the passing of time alone.
SCORES = "~"
WITHDRAWN = "The stay that it was about does not stand any more."
LATE_WORDS = timedelta(days=15)  # a correction may come so long after a stay's scores became history
# What a score may rest on. Readings are looked at apart, and visits count by the alerts that they lead to.
READS: frozenset[type[CareEvent]] = frozenset(
    {
        *(facts.HospitalAdmitted, facts.HospitalDischarged, facts.AdmissionCancelled, facts.DischargeCancelled),
        *(facts.EmergencyArrived, facts.EmergencyDeparted, facts.EncounterUpdated),
        *(facts.ConditionRecorded, facts.LabResulted, facts.LabRetracted),
        *(facts.PatientUpdated, facts.PatientDeceased, facts.HospiceElected, facts.ConsentChanged),
        *(facts.HomeStatusAssessed, facts.HighNeedsAssessed, facts.CoverageChanged),
        *(facts.AssessmentCompleted, facts.AssessmentRetracted),
        *(facts.MedicationOrdered, facts.MedicationDispensed, facts.MedicationsReconciled),
        *(facts.ContactLogged, facts.ContactRetracted),
        *(facts.AppointmentBooked, facts.AppointmentFulfilled, facts.AppointmentNoShow, facts.AppointmentCancelled),
    }
)
MEASURED: frozenset[type[CareEvent]] = frozenset(
    {facts.VitalSignRecorded, facts.VitalSignRetracted, facts.SymptomsReported, facts.GoalStated}
)


class Telling(Struct, frozen=True, gc=False):
    """When, why and under which policy the scores are told."""

    now: datetime
    policy_version: str
    caused_by: EventId | None = None


def concerns_scores(event: AnyCareEvent) -> bool:
    """Whether any score may rest on such a fact; one about who is who brings another picture altogether."""
    return type(event) in READS or type(event) in WHO_IS_WHO


def concerns_priority(effects: Iterable[Effect]) -> bool:
    """Whether something was told that the order of the worklist looks at."""
    return any(
        effect.weighs
        if isinstance(effect, RaiseAlert)
        else isinstance(effect, Silence) and effect.rule_id == CONTACT_RULE
        for effect in effects
    )


def concerns_news2(state: PatientState, event: AnyCareEvent) -> bool:
    """Whether a set of seven measurements may be complete now; almost never, and cheap to say."""
    if type(event) not in MEASURED and type(event) not in WHO_IS_WHO:
        return False
    code = event.code if isinstance(event, facts.VitalSignRecorded | facts.VitalSignRetracted) else None
    return may_have_changed(state, code)


def rescore(state: PatientState, thresholds: Thresholds, telling: Telling) -> Iterator[TellScore]:
    """Tell every score that became another; remember when one will by itself."""
    picture = Picture(state, telling.now, thresholds)
    charlson = charlson_of(picture)
    found = [*stay_scores(picture), *([charlson] if charlson else [])]
    for one in found:
        yield from _tell(state, one, telling)
    yield from _withdraw(state, {one.key for one in found}, picture, telling)
    yield from _prioritise(picture, telling)


def reprioritise(state: PatientState, thresholds: Thresholds, telling: Telling) -> Iterator[TellScore]:
    """The outreach priority alone: alerts count in no other score."""
    yield from _prioritise(Picture(state, telling.now, thresholds), telling)


def _prioritise(picture: Picture, telling: Telling) -> Iterator[TellScore]:
    state, outreach = picture.state, Outreach(picture)
    yield from _tell(state, outreach.standing, telling)
    wake_at = None if state.is_deceased else outreach.clock.next
    if wake_at is None:
        state.wakes.pop(SCORES, None)
    else:
        state.wakes[SCORES] = wake_at


def rescore_news2(state: PatientState, thresholds: Thresholds, telling: Telling) -> Iterator[TellScore]:
    """The same for the measurements of one hour."""
    found = home_news2(Picture(state, telling.now, thresholds))
    if found is not None:
        yield from _tell(state, found, telling)


def standings(state: PatientState, thresholds: Thresholds, now: datetime) -> Iterator[Standing]:
    """Every score as it stands, for those who ask; nothing is told."""
    picture = Picture(state, now, thresholds)
    news2 = home_news2(picture)
    charlson = charlson_of(picture)
    yield from stay_scores(picture)
    yield from (one for one in (charlson, news2) if one is not None)
    yield Outreach(picture).standing


def _tell(state: PatientState, one: Standing, telling: Telling) -> Iterator[TellScore]:
    """Labels never shrink: that a labelled fact was once behind the number is told by the number's history."""
    before = told_before(state.told_scores.get(one.key))
    one = replace(one, labels=joined_labels(before.labels, one.labels))
    stamp = stamp_of(one.essence)
    if stamp == before.stamp:
        return
    told = Told(before.revision + 1, stamp, one.labels)
    state.told_scores[one.key] = told.packed()
    yield TellScore(_change(state, one, told.revision, telling), one.score)


def _withdraw(state: PatientState, standing: set[str], picture: Picture, telling: Telling) -> Iterator[TellScore]:
    """A stay was cancelled, or is told under another number: its scores end. Those of long ago are history."""
    history = {subject_of(one) for one in picture.acute if not is_recent(picture, one)}
    kept_since = telling.now - timedelta(days=picture.settings.stay_scores_days) - LATE_WORDS
    for key in [key for key in state.told_scores if key[1:] and key not in standing]:
        model, subject = named_by(key)
        stay = state.encounters.get(EncounterId(subject))
        touched = stay.last_touched() if stay else None
        went_with_its_record = stay is None and state.has_parted
        is_over = subject in history or touched is None or touched < kept_since
        if is_over and not went_with_its_record:
            del state.told_scores[key]
        elif stay is None or stay.never_happened or _is_told_elsewhere(picture, EncounterId(subject)):
            gone = Score(model, "withdrawn", "", None, None, (), notes=(WITHDRAWN,))
            yield from _tell(state, Standing(gone, subject), telling)


def _is_told_elsewhere(picture: Picture, subject: EncounterId) -> bool:
    """Whether the stay is a part of another that has the name, or no acute stay after all."""
    recent = [one for one in picture.acute if subject in one.encounter_ids]
    return not recent or all(subject != subject_of(one) for one in recent)


def _change(state: PatientState, one: Standing, revision: int, telling: Telling) -> ScoreChanged:
    moment = telling.now.isoformat()
    return ScoreChanged(
        event_id=EventId(derived_id(state.patient_id, "score", one.key, str(revision), moment)),
        patient_id=state.patient_id,
        score=one.score.model,
        subject=one.subject,
        revision=revision,
        model_version=one.score.version,
        policy_version=telling.policy_version,
        label=one.score.label,
        value=one.score.total,
        band=one.score.band,
        factors=tuple(map(_factor, one.leading)),
        missing=one.score.missing,
        flags=tuple(flag.value for flag in one.score.flags),
        notes=one.score.notes,
        evidence=tuple(EventId(source) for source in one.evidence),
        labels=one.labels,
        queue=one.queue.value if one.queue else "",
        place=_place(one.place) if one.place else None,
        computed_at=telling.now,
        caused_by=telling.caused_by,
    )


def _factor(one: Leading) -> ScoreFactor:
    named = one.item.source if one.item.source and " " not in one.item.source else None
    return ScoreFactor(
        factor=one.item.name,
        points=one.item.points,
        event_id=EventId(named) if named else None,
        at=one.item.at,
        lowered_by=one.lowered_by,
    )


def _place(key: SortKey) -> WorklistPlace:
    return WorklistPlace(
        without_p1=key.without_p1,
        without_p2=key.without_p2,
        earliest_deadline=None if key.earliest_deadline == NEVER else key.earliest_deadline,
        minus_total=key.minus_total,
        last_contact=None if key.last_contact == ALWAYS else key.last_contact,
    )
