"""LACE and HOSPITAL of each acute stay: early with what is known at the admission, whole at the discharge."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from care_scoring.core.calendar import local_date
from care_scoring.core.codes.lab_tests import LabTest
from care_scoring.core.episodes import Episode
from care_scoring.core.patient_scores.picture import (
    NOTICES,
    Labels,
    Picture,
    admitted_on,
    is_bedded,
    subject_of,
    was_urgent,
)
from care_scoring.core.patient_scores.standing import Standing, standing
from care_scoring.core.scores.comorbidities import MALIGNANCY
from care_scoring.core.scores.hospital import HospitalInput, HospitalSettings, LabsFrom, hospital
from care_scoring.core.scores.lace import LaceInput, LaceSettings, StayRule, lace
from care_scoring.core.scores.score import Answer
from care_scoring.core.state.labs import Result
from care_scoring.core.state.registers import all_labels
from care_shared.vocabulary import EncounterClass

# Units as laboratories write them, and what makes of them the unit that the score asks for. Without a unit no value.
FACTORS: dict[LabTest, dict[str, float]] = {
    LabTest.HAEMOGLOBIN: {"g/dl": 1.0, "g/l": 0.1},
    LabTest.SODIUM: {"mmol/l": 1.0, "meq/l": 1.0},
}
PLAUSIBLE: dict[LabTest, tuple[float, float]] = {LabTest.HAEMOGLOBIN: (1, 30), LabTest.SODIUM: (80, 200)}
LONGEST_DAYS = 3650


def stay_scores(picture: Picture) -> Iterator[Standing]:
    """The scores of every acute stay that goes on or ended a while ago at most."""
    for episode in picture.acute:
        if is_recent(picture, episode):
            yield lace_of(picture, episode)
            yield _hospital(picture, episode)


def is_recent(picture: Picture, episode: Episode) -> bool:
    """Whether its scores may still change; later they are history."""
    ended = episode.last.ended_on
    return ended is None or picture.days_since(ended) <= picture.settings.stay_scores_days


def lace_of(picture: Picture, episode: Episode) -> Standing:
    """LACE of one stay; the length is missing while it goes on."""
    came_on, left = admitted_on(episode), episode.last.ended_on
    visits, visit_labels = _emergency_before(picture, episode)
    asked = LaceInput(
        length_of_stay_days=_length(picture, episode, came_on, left),
        acute=was_urgent(episode),
        conditions=picture.conditions,
        ed_visits_6_months=visits,
    )
    numbers = picture.settings
    tuned = LaceSettings(
        los_rule=numbers.lace_los_rule,
        weights=numbers.lace_weights,
        moderate_from=min(numbers.lace_moderate_from, numbers.lace_high_from),
        high_from=numbers.lace_high_from,
    )
    labels = all_labels([episode.labels, picture.condition_labels, visit_labels])
    return standing(lace(asked, tuned), subject_of(episode), labels)


def _length(picture: Picture, episode: Episode, came_on: date | None, left: date | None) -> Answer[int] | None:
    """Local dates of admission and discharge, counted as the policy says."""
    if came_on is None or left is None:
        return None
    days = (left - came_on).days + (picture.settings.lace_los_rule is StayRule.INCLUSIVE)
    return Answer(min(max(days, 0), LONGEST_DAYS), episode.ended_at, _discharge_event(episode))


def _discharge_event(episode: Episode) -> str:
    stated = next((notice.end_stated for _, notice in episode.last.notices if notice.discharged_at), None)
    return stated[2] if stated else ""


def _emergency_before(picture: Picture, episode: Episode) -> tuple[Answer[int] | None, Labels]:
    """Emergency visits in the months before the admission; the one that led to it belongs to the episode."""
    since = episode.began_at - timedelta(days=picture.settings.emergency_days)
    before = [
        stay
        for stay, belongs_to in picture.emergency_visits
        if belongs_to is not episode and since <= stay.began_at < episode.began_at
    ]
    return Answer(len(before), episode.began_at, NOTICES), all_labels(stay.labels for stay in before)


def _hospital(picture: Picture, episode: Episode) -> Standing:
    """HOSPITAL of one stay: early with the results of the admission while it goes on."""
    goes_on = episode.ended_at is None
    came_on, left = admitted_on(episode), episode.last.ended_on
    haemoglobin, sodium = (_result(picture, episode, test) for test in (LabTest.HAEMOGLOBIN, LabTest.SODIUM))
    admissions, labels = _admissions_before(picture, episode)
    length = None if came_on is None or left is None else Answer(max((left - came_on).days, 0), episode.ended_at)
    asked = HospitalInput(
        haemoglobin=haemoglobin[0],
        sodium=sodium[0],
        oncology_service=_oncology(picture, episode),
        cancer_diagnosis=_cancer(picture),
        procedure=_procedure(episode),
        urgent=was_urgent(episode),
        admissions_12_months=admissions,
        length_of_stay_days=length,
        observation_stay=episode.kind is EncounterClass.OBSERVATION,
        medical_service=episode.kind is not EncounterClass.PSYCHIATRIC,
    )
    numbers = picture.settings
    tuned = HospitalSettings(
        variant=numbers.hospital_variant,
        labs=LabsFrom.ADMISSION if goes_on else LabsFrom.DISCHARGE,
        long_stay_days=numbers.hospital_long_stay_days,
    )
    marks = all_labels([episode.labels, picture.condition_labels, labels, haemoglobin[1], sodium[1]])
    return standing(hospital(asked, tuned), subject_of(episode), marks)


def _result(picture: Picture, episode: Episode, test: LabTest) -> tuple[Answer[float] | None, Labels]:
    """The last result of the stay once it is over, the first one while it goes on."""
    begin = episode.began_at - timedelta(hours=picture.settings.labs_before_hours)
    end = episode.ended_at or picture.now
    within = [one for one in picture.state.results_of(test) if begin <= one.at <= end]
    usable = [(one, value) for one in within if (value := _in_unit(one, test)) is not None]
    labels = all_labels(one.labels for one in within)
    if not usable:
        return None, labels
    result, value = usable[-1] if episode.ended_at is None else usable[0]
    return Answer(value, result.at, result.event_id), labels


def _in_unit(result: Result, test: LabTest) -> float | None:
    factor = FACTORS[test].get(result.unit.casefold().replace(" ", ""))
    if result.value is None or factor is None:
        return None
    value = result.value * factor
    least, most = PLAUSIBLE[test]
    return value if least <= value <= most else None


def _admissions_before(picture: Picture, episode: Episode) -> tuple[Answer[int], Labels]:
    since = episode.began_at - timedelta(days=picture.settings.admissions_days)
    before = [one for one in picture.acute if is_bedded(one) and since <= one.began_at < episode.began_at]
    return Answer(len(before), episode.began_at, NOTICES), all_labels(one.labels for one in before)


def _oncology(picture: Picture, episode: Episode) -> Answer[bool] | None:
    """By the name of the discharging service; unknown without a name."""
    named = next((notice.service for _, notice in episode.last.notices if notice.service), None)
    if named is None:
        return None
    marks = picture.settings.oncology_services
    return Answer(any(mark.casefold() in named[1].casefold() for mark in marks), named[0])


def _cancer(picture: Picture) -> Answer[bool] | None:
    held = picture.conditions
    return None if held is None else Answer(bool(MALIGNANCY & set(held.value)), held.at, held.source)


def _procedure(episode: Episode) -> Answer[bool] | None:
    """Whether any was coded; a notice without procedures says nothing, so that a no is never known."""
    for stay in episode.stays:
        for _, notice in stay.notices:
            if notice.procedures is not None:
                return Answer(True, notice.procedures[0])
    return None


def last_ended(episodes: list[Episode], now: datetime) -> Episode | None:
    """The episode that ended last, up to now."""
    ended = [(one.ended_at, one.began_at, one) for one in episodes if one.ended_at and one.ended_at <= now]
    return max(ended, key=lambda each: each[:2])[2] if ended else None


def ended_on(episode: Episode) -> date:
    """D: the local day on which an episode that is over ended."""
    return local_date(episode.ended_at or episode.began_at, episode.last.zone)
