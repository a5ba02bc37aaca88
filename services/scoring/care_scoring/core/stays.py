"""Notices of one stay, under several numbers or from several feeds, are folded into one before any clock starts."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from care_scoring.core.calendar import known_zone, local_date
from care_scoring.core.state.encounters import Encounter, longest_open
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.registers import joined_labels
from care_scoring.core.thresholds import EpisodeSettings, Thresholds
from care_shared.vocabulary import Disposition, EncounterClass, EncounterId, SensitivityLabel

Notices = tuple[tuple[EncounterId, Encounter], ...]
# Stays in which acute care is given; one that follows another on the same or the next day is a transfer (1.1).
ACUTE = frozenset(
    {EncounterClass.INPATIENT, EncounterClass.OBSERVATION, EncounterClass.PSYCHIATRIC, EncounterClass.UNKNOWN}
)
# Never folded into acute care: nursing facility, rehabilitation and long-term acute care are episodes of their own.
POST_ACUTE = frozenset({EncounterClass.SKILLED_NURSING, EncounterClass.REHABILITATION, EncounterClass.LONG_TERM_ACUTE})
EMERGENCY = frozenset({EncounterClass.EMERGENCY})


@dataclass(frozen=True)
class Stay:
    """One stay in one place, however many numbers and feeds told of it. `notices` holds the most complete first."""

    notices: Notices
    settings: EpisodeSettings
    now: datetime
    home: ZoneInfo

    @property
    def encounter_ids(self) -> frozenset[EncounterId]:
        """The numbers under which it was told."""
        return frozenset(encounter_id for encounter_id, _ in self.notices)

    @property
    def best(self) -> Encounter:
        """The longest and most complete telling of it."""
        return self.notices[0][1]

    @cached_property
    def kind(self) -> EncounterClass:
        """The class, by the most complete telling that names one."""
        kinds = (stay.kind for _, stay in self.notices)
        return next((kind for kind in kinds if kind is not EncounterClass.UNKNOWN), EncounterClass.UNKNOWN)

    @cached_property
    def went(self) -> Disposition:
        """Where the patient went, by the most complete telling that knows."""
        said = (stay.went for _, stay in self.notices)
        return next((went for went in said if went is not Disposition.UNKNOWN), Disposition.UNKNOWN)

    @cached_property
    def began_at(self) -> datetime:
        """When the patient came; if nobody said so, when the stay ended."""
        begins = [stay.began_at for _, stay in self.notices if stay.began_at]
        ends = [stay.discharged_at for _, stay in self.notices if stay.discharged_at]
        return min(begins or ends)

    @cached_property
    def admitted_at(self) -> datetime | None:
        """When the admission itself was stated to be, by the most complete telling that says so."""
        return next((stay.admitted_at for _, stay in self.notices if stay.admitted_at), None)

    @cached_property
    def ended_at(self) -> datetime | None:
        """When it ended, by the most complete telling that knows; None while it goes on.

        An emergency visit whose end never came is closed by policy, at the time by which it must have ended.
        """
        for _, stay in self.notices:
            if stay.discharged_at is not None:
                return stay.discharged_at
        if self.is_closed_by_policy:
            return self.began_at + timedelta(hours=self.settings.emergency_closed_after_hours)
        return None

    @property
    def is_end_stated(self) -> bool:
        """Whether any telling knows when it ended."""
        return any(stay.discharged_at for _, stay in self.notices)

    @property
    def is_closed_by_policy(self) -> bool:
        """An emergency visit that nobody ended, and that is too old to go on."""
        if self.kind not in EMERGENCY or self.is_end_stated:
            return False
        return self.now - self.began_at >= timedelta(hours=self.settings.emergency_closed_after_hours)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The facility's zone; where no notice names one that we know, the patient's home."""
        named = (known_zone(stay.facility_zone[1]) for _, stay in self.notices if stay.facility_zone)
        return next((zone for zone in named if zone), self.home)

    @property
    def ended_on(self) -> date | None:
        """D: the facility's local date on which it ended."""
        return local_date(self.ended_at, self.zone) if self.ended_at else None

    @property
    def until(self) -> datetime:
        """The end, for comparing; an open stay lasts as long as one may be believed to."""
        return self.ended_at or self.began_at + longest_open(self.kind)

    @cached_property
    def facility(self) -> str:
        """Where, by the most complete telling that names it."""
        return next((stay.facility[1] for _, stay in self.notices if stay.facility), "")

    @cached_property
    def known_at(self) -> datetime | None:
        """When we first learnt that it began."""
        return min((stay.admission_known_at for _, stay in self.notices if stay.admission_known_at), default=None)

    @cached_property
    def end_known_at(self) -> datetime | None:
        """When we first learnt that it ended."""
        return min((stay.discharge_known_at for _, stay in self.notices if stay.discharge_known_at), default=None)

    @cached_property
    def labels(self) -> tuple[SensitivityLabel, ...]:
        """The labels of all notices."""
        labels: tuple[SensitivityLabel, ...] = ()
        for _, stay in self.notices:
            labels = joined_labels(labels, stay.labels)
        return labels

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The diagnoses as plain codes, the principal one first, by the most complete telling that names any."""
        return next((stay.codes for _, stay in self.notices if stay.codes), ())

    @property
    def length(self) -> int:
        """Nights as the difference of local dates, up to now while it goes on."""
        return (local_date(self.ended_at or self.now, self.zone) - local_date(self.began_at, self.zone)).days


def stays_of(state: PatientState, now: datetime, thresholds: Thresholds) -> list[Stay]:
    """Every stay that stands, by when it began; notices of one stay folded together."""
    home = state.home_zone(thresholds.home_zone)
    notices = [
        (encounter_id, stay)
        for encounter_id, stay in state.encounters.items()
        if stay.kind in ACUTE | POST_ACUTE | EMERGENCY and (stay.began_at or stay.discharged_at)
    ]
    alone = [Stay((notice,), thresholds.episodes, now, home) for notice in notices]
    folded: list[Stay] = []
    for stay in sorted(alone, key=lambda stay: (stay.began_at, sorted(stay.encounter_ids))):
        same = next((held for held in folded if _is_same_stay(held, stay, thresholds.episodes)), None)
        if same is None:
            folded.append(stay)
        else:
            both = _most_complete_first(same.notices + stay.notices)
            folded[folded.index(same)] = Stay(both, thresholds.episodes, now, home)
    return sorted(folded, key=lambda stay: (stay.began_at, stay.until, sorted(stay.encounter_ids)))


def _family(kind: EncounterClass) -> frozenset[EncounterClass]:
    if kind in ACUTE:
        return ACUTE
    return EMERGENCY if kind in EMERGENCY else frozenset({kind})


def _is_same_stay(held: Stay, other: Stay, settings: EpisodeSettings) -> bool:
    """Two tellings of one stay: of one kind, in one place as far as named, overlapping or begun close together."""
    if _family(held.kind) != _family(other.kind):
        return False
    if held.facility and other.facility and _plain(held.facility) != _plain(other.facility):
        return False
    if held.ended_at is not None and other.began_at < held.ended_at:
        return True
    if held.ended_at is not None and other.ended_at is not None:
        return other.ended_at == held.ended_at  # one may tell only the end; else both are whole, and apart
    # One goes on: a discharge that never reached us must not swallow the next admission.
    return other.began_at - held.began_at <= timedelta(hours=settings.same_stay_hours)


def _plain(facility: str) -> str:
    return " ".join(facility.casefold().split())


def _most_complete_first(
    notices: tuple[tuple[EncounterId, Encounter], ...],
) -> tuple[tuple[EncounterId, Encounter], ...]:
    """The telling that knows begin and end, then the longer, then the one that names more; ties by number."""

    def completeness(notice: tuple[EncounterId, Encounter]) -> tuple[object, ...]:
        encounter_id, stay = notice
        began, ended = stay.began_at, stay.discharged_at
        length = ended - began if began and ended else timedelta()
        named = sum(1 for field in (stay.facility, stay.disposition, stay.diagnoses, stay.service) if field)
        return (-int(began is not None) - int(ended is not None), -length, -named, encounter_id)

    return tuple(sorted(notices, key=completeness))
