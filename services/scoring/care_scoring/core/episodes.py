"""Merge first, measure second: notices of one stay are one stay, and stays that follow one another are one episode."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from care_scoring.core.calendar import EPOCH, local_date
from care_scoring.core.state.encounters import Encounter
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.registers import joined_labels
from care_scoring.core.stays import EMERGENCY, POST_ACUTE, Stay, stays_of
from care_scoring.core.thresholds import EpisodeSettings, Thresholds
from care_shared.vocabulary import Disposition, EncounterClass, EncounterId, SensitivityLabel

WENT_HOME = frozenset({Disposition.HOME, Disposition.HOME_HEALTH, Disposition.LEFT_AGAINST_ADVICE})


@dataclass(frozen=True)
class Episode:
    """Stays that follow one another without a day at home between them; the last one's discharge starts the clocks."""

    stays: tuple[Stay, ...]  # by when they began

    @property
    def encounter_ids(self) -> frozenset[EncounterId]:
        """Every number under which something of it was told."""
        return frozenset().union(*(stay.encounter_ids for stay in self.stays))

    @cached_property
    def first_told_as(self) -> EncounterId:
        """The number under which we first heard of it: what is told about it goes by this name, come what may."""
        notices = [notice for stay in self.stays for notice in stay.notices]
        return min(notices, key=lambda notice: (notice[1].first_known_at or stay_began(notice[1]), notice[0]))[0]

    @property
    def first_known_at(self) -> datetime | None:
        """When we first heard of it."""
        known = [one.first_known_at for stay in self.stays for _, one in stay.notices if one.first_known_at]
        return min(known, default=None)

    @cached_property
    def bedded(self) -> tuple[Stay, ...]:
        """Its stays in a bed, observation included; none of a visit to the emergency department alone."""
        return tuple(stay for stay in self.stays if stay.kind not in EMERGENCY)

    @cached_property
    def bedded_at(self) -> datetime | None:
        """When the first of them began: with observation, where it began so; the time in the ED is no part of it."""
        begins = [moment for stay in self.bedded for moment in _bed_times(stay)]
        return min(begins, default=None)

    @property
    def bedded_on(self) -> date | None:
        """The same as the facility's local date: what measures call the admission date."""
        return local_date(self.bedded_at, self.bedded[0].zone) if self.bedded_at else None

    @property
    def first(self) -> Stay:
        """The stay with which it began."""
        return self.stays[0]

    @cached_property
    def last(self) -> Stay:
        """The stay that ends it: one that goes on, else the one that ended last."""
        return _last_of(self.stays)

    @property
    def began_at(self) -> datetime:
        """When the patient came: the arrival in the emergency department or the begin of observation, if there was."""
        return self.first.began_at

    @property
    def ended_at(self) -> datetime | None:
        """When the last facility discharged the patient; None while the episode goes on."""
        return self.last.ended_at

    @cached_property
    def kind(self) -> EncounterClass:
        """The weightiest class: the last acute or post-acute stay's, inpatient over observation; else emergency."""
        kinds = [stay.kind for stay in self.stays if stay.kind not in EMERGENCY]
        if not kinds:
            return EncounterClass.EMERGENCY
        bedded = [kind for kind in kinds if kind is not EncounterClass.OBSERVATION]
        return (bedded or kinds)[-1]

    @property
    def is_treat_and_release(self) -> bool:
        """An emergency visit that led to no stay."""
        return self.kind is EncounterClass.EMERGENCY

    @property
    def went(self) -> Disposition:
        """Where the patient went in the end."""
        return self.last.went

    @cached_property
    def inpatient_at(self) -> datetime | None:
        """When the first stay that is neither emergency nor observation was admitted; None when there was none."""
        lighter = EMERGENCY | {EncounterClass.OBSERVATION}
        admitted = [stay.admitted_at or stay.began_at for stay in self.stays if stay.kind not in lighter]
        return min(admitted, default=None)

    @property
    def is_elective(self) -> bool:
        """Planned, as far as the admission type of the first stay says."""
        return any(stay.is_elective for _, stay in self.first.notices)

    @cached_property
    def labels(self) -> tuple[SensitivityLabel, ...]:
        """The labels of all its stays."""
        labels: tuple[SensitivityLabel, ...] = ()
        for stay in self.stays:
            labels = joined_labels(labels, stay.labels)
        return labels

    def stay_of(self, encounter_id: EncounterId) -> Stay | None:
        """The stay that was told under a number."""
        return next((stay for stay in self.stays if encounter_id in stay.encounter_ids), None)


def stay_began(notice: Encounter) -> datetime:
    """The begin of a notice, or its end where it names no begin."""
    return notice.began_at or notice.discharged_at or EPOCH


def _bed_times(stay: Stay) -> list[datetime]:
    stated = [one.observed[1] for _, one in stay.notices if one.observed]
    return [*stated, stay.admitted_at or stay.began_at]


def episodes_of(state: PatientState, now: datetime, thresholds: Thresholds) -> list[Episode]:
    """Every episode, by when it began."""
    chains: list[list[Stay]] = []
    for stay in stays_of(state, now, thresholds):
        chain = next((held for held in reversed(chains) if _leads_to(held, stay, thresholds.episodes)), None)
        if chain is None:
            chains.append([stay])
        else:
            chain.append(stay)
    return [Episode(tuple(chain)) for chain in chains]


def episode_with(episodes: Iterable[Episode], encounter_id: EncounterId) -> Episode | None:
    """The episode in which a number was used."""
    return next((one for one in episodes if encounter_id in one.encounter_ids), None)


def _last_of(stays: Sequence[Stay]) -> Stay:
    """One that goes on, else the one that ended last. Who was given a bed is in the emergency department no more.

    So a visit there whose end nobody stated ends nothing where there is a bed: by the end that policy presumes the
    clocks would start again two days after the patient went home.
    """
    stated = [stay for stay in stays if stay.kind not in EMERGENCY or stay.is_end_stated]
    return max(stated or stays, key=lambda stay: (stay.until, stay.began_at))


def _leads_to(chain: list[Stay], stay: Stay, settings: EpisodeSettings) -> bool:
    """Whether a stay goes on what the chain began: after the emergency department, or by transfer."""
    before = _last_of(chain)
    if stay.kind in POST_ACUTE or before.kind in POST_ACUTE:
        return False
    if before.kind in EMERGENCY and all(held.kind in EMERGENCY for held in chain):
        return stay.kind not in EMERGENCY and _admitted_from(before, stay, settings)
    if before.ended_at is None:
        return _is_elsewhere(before, stay) and stay.began_at - before.began_at <= timedelta(days=settings.open_days)
    if stay.began_at < before.ended_at:
        return True  # one person is in one place: what began meanwhile belongs to it, a trip to another ED too
    if stay.kind in EMERGENCY:
        return False
    apart = local_date(stay.began_at, stay.zone) - local_date(before.ended_at, before.zone)
    return apart.days <= settings.transfer_days


def _is_elsewhere(before: Stay, stay: Stay) -> bool:
    """Whether an admission elsewhere tells that a stay without an end was a transfer, not a discharge we missed."""
    return bool(before.facility and stay.facility) and before.facility != stay.facility


def _admitted_from(emergency: Stay, stay: Stay, settings: EpisodeSettings) -> bool:
    """Whether an emergency visit led to a stay; whoever was sent home and came back was not admitted from there."""
    left = None if emergency.is_closed_by_policy else emergency.ended_at
    if left is None:
        return stay.began_at - emergency.began_at <= timedelta(hours=settings.same_stay_hours)
    if stay.began_at <= left:
        return True
    return emergency.went not in WENT_HOME and stay.began_at - left <= timedelta(hours=settings.handover_hours)
