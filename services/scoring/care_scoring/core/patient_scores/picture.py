"""One patient at one moment, as the scores look: local days, episodes of care and conditions, each worked out once."""

from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from zoneinfo import ZoneInfo

from care_scoring.core.calendar import at_local, local_date
from care_scoring.core.codes.charlson import comorbidity_of
from care_scoring.core.episodes import Episode, episodes_of
from care_scoring.core.scores.comorbidities import Comorbidity
from care_scoring.core.scores.score import Answer
from care_scoring.core.settings.scores import ScoreSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.registers import all_labels
from care_scoring.core.stays import ACUTE, EMERGENCY, Stay
from care_scoring.core.thresholds import Thresholds
from care_shared.vocabulary import EncounterClass, SensitivityLabel

Labels = tuple[SensitivityLabel, ...]
NOTICES = "notices of stays that reached us"


@dataclass(frozen=True)
class Picture:
    """What the calculators are fed from."""

    state: PatientState
    now: datetime
    thresholds: Thresholds

    @cached_property
    def settings(self) -> ScoreSettings:
        """The numbers."""
        return self.thresholds.of(ScoreSettings)

    @cached_property
    def home(self) -> ZoneInfo:
        """The zone in which the patient's days end."""
        return self.state.home_zone(self.thresholds.home_zone)

    @cached_property
    def today(self) -> date:
        """The day at home."""
        return local_date(self.now, self.home)

    @cached_property
    def episodes(self) -> list[Episode]:
        """Stays that follow one another, by when they began; what lies ahead is left out."""
        found = episodes_of(self.state, self.now, self.thresholds) if self.state.encounters else []
        return [one for one in found if one.began_at <= self.now]

    @cached_property
    def acute(self) -> list[Episode]:
        """Episodes with a bed in an acute hospital."""
        return [one for one in self.episodes if one.kind in ACUTE]

    @cached_property
    def emergency_visits(self) -> list[tuple[Stay, Episode]]:
        """Every arrival in an emergency department, with the episode it belongs to."""
        return [(stay, one) for one in self.episodes for stay in one.stays if _through_emergency(stay)]

    @cached_property
    def conditions(self) -> Answer[tuple[Comorbidity, ...]] | None:
        """The conditions of the indices; None when nobody ever told us a diagnosis."""
        if not self.state.conditions:
            return None
        found = {comorbidity_of(code) for code, held in self.state.conditions.items() if held.active}
        latest = max(held.said for held in self.state.conditions.values())
        return Answer(tuple(one for one in Comorbidity if one in found), latest, "diagnoses that reached us")

    @cached_property
    def condition_labels(self) -> Labels:
        """The labels of the diagnoses that count, those withdrawn included: that one was named is told by it too."""
        counting = [held.labels for code, held in self.state.conditions.items() if comorbidity_of(code)]
        return all_labels(counting)

    def days_since(self, day: date) -> int:
        """Whole days at home since a local day; 0 on the day itself."""
        return max((self.today - day).days, 0)

    def begin_of(self, day: date) -> datetime:
        """Midnight at home."""
        return at_local(day, time(), self.home)


def subject_of(episode: Episode) -> str:
    """How an episode of care is named: by the smallest number of the stay that ends it, whatever came first."""
    return min(episode.last.encounter_ids)


def admitted_on(episode: Episode) -> date | None:
    """The local date of admission; None when no notice told of a begin."""
    told = any(notice.began_at for stay in episode.stays for _, notice in stay.notices)
    return local_date(episode.inpatient_at or episode.began_at, episode.first.zone) if told else None


def was_urgent(episode: Episode) -> Answer[bool] | None:
    """Acute or emergent, as the type of admission says, or because the patient came through the emergency door."""
    notices = [notice for _, notice in episode.first.notices]
    for notice in notices:
        if notice.admission_type is not None:
            source = notice.admitted[2] if notice.admitted else ""
            return Answer(not notice.is_elective, notice.admission_type[0], source)
    if _through_emergency(episode.first):
        return Answer(True, episode.began_at, next((one.emergency[2] for one in notices if one.emergency), ""))
    return None


def _through_emergency(stay: Stay) -> bool:
    return stay.kind in EMERGENCY or any(notice.emergency for _, notice in stay.notices)


def is_bedded(episode: Episode) -> bool:
    """An inpatient admission: observation is none."""
    return episode.kind in ACUTE and episode.kind is not EncounterClass.OBSERVATION
