"""What came after an episode of care: the local day it ended, the deadlines counted from it, and the next stay."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from care_scoring.core.calendar import at_local, end_of_day, local_date, spoken_day
from care_scoring.core.effects import ClockTicked
from care_scoring.core.episodes import Episode, episodes_of
from care_scoring.core.settings.discharges import SUPERSEDING_STAYS
from care_scoring.core.state.patient import PatientState
from care_scoring.core.stays import Stay
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import PERSON_FACTS, STAY_FACTS
from care_shared.contracts.care_alerts import Evidence
from care_shared.contracts.care_events import ConsentChanged
from care_shared.vocabulary import EncounterClass, EncounterId, SensitivityLabel

# What every rule about aftercare reads: stays, emergencies, and what may silence it.
AFTERCARE_FACTS: frozenset[type] = PERSON_FACTS | STAY_FACTS | {ConsentChanged, ClockTicked}
SPOKEN_AFTER = timedelta(days=7)  # so long after its window an episode is still spoken of; then it is history
ONE_SECOND = timedelta(seconds=1)
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Aftercare:
    """One episode that ended, and what came after it, as of now."""

    state: PatientState
    episode: Episode
    later: tuple[Episode, ...]
    now: datetime
    thresholds: Thresholds

    @property
    def last(self) -> Stay:
        """The stay that ended it."""
        return self.episode.last

    @cached_property
    def name(self) -> EncounterId:
        """The number under which we first learnt of its end: it stays, whatever is learnt later."""
        known = ((stay.discharge_known_at or NEVER, number) for number, stay in self.last.notices)
        return min(known)[1]

    @cached_property
    def left_at(self) -> datetime:
        """When the patient left; only asked of an episode that ended."""
        return self.last.ended_at or self.now

    @cached_property
    def day(self) -> date:
        """D, local to the facility."""
        return local_date(self.left_at, self.last.zone)

    @cached_property
    def home(self) -> ZoneInfo:
        """The zone in which deadlines end."""
        return self.state.home_zone(self.thresholds.home_zone)

    def day_after(self, days: int) -> date:
        """D+n."""
        return self.day + timedelta(days=days)

    def through(self, days: int) -> datetime:
        """The last second of D+n at home."""
        return end_of_day(self.day_after(days), self.home)

    def at(self, days: int, clock: time) -> datetime:
        """An hour of D+n at home."""
        return at_local(self.day_after(days), clock, self.home)

    def day_of(self, moment: datetime) -> date:
        """The local date of what happened later."""
        return local_date(moment, self.home)

    @cached_property
    def principal(self) -> str:
        """The plain code of the principal diagnosis of the last stay that names one; a bed weighs more than the ED."""
        naming = [stay for stay in self.episode.stays if stay.codes]
        bedded = [stay for stay in naming if stay.kind is self.episode.kind]
        return (bedded or naming)[-1].codes[0] if naming else ""

    @cached_property
    def labels(self) -> tuple[SensitivityLabel, ...]:
        """The labels of all its notices."""
        return self.episode.labels

    @cached_property
    def again_at(self) -> datetime | None:
        """When the patient was next admitted to a bed that ends this follow-up (observation does not)."""
        admitted = [
            stay.admitted_at or stay.began_at
            for episode in self.later
            for stay in episode.stays
            if stay.kind in SUPERSEDING_STAYS
        ]
        return min(admitted, default=None)

    @property
    def is_away(self) -> bool:
        """Whether the patient is in a hospital or facility now."""
        return self.state.is_away(self.now)

    def age(self) -> int | None:
        """Years on the day the patient left; None while the birth date is unknown."""
        return self.state.person.age_on(self.day)

    def is_younger_than(self, years: int) -> bool:
        """As far as we know: an unknown birth date excludes nobody."""
        age = self.age()
        return age is not None and age < years

    def learnt_after(self, moment: datetime) -> bool:
        """Whether its end only reached us later than that."""
        known_at = self.last.end_known_at
        return known_at is not None and known_at > moment

    @property
    def spoken(self) -> str:
        """What ended, where and when, for the first words of an explanation."""
        place = f" {self.last.facility}" if self.last.facility else ""
        what = "Left the emergency department" if self.episode.is_treat_and_release else "Discharged"
        joined = f" of{place}" if self.episode.is_treat_and_release and place else f" from{place}" if place else ""
        return f"{what}{joined} {spoken_day(self.day)}"

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The notice that ended it."""
        ends = [(stay.end_stated[1], stay.end_stated[2]) for _, stay in self.last.notices if stay.end_stated]
        if not ends:
            return ()
        at, event_id = min(ends)
        what = "Left the emergency department" if self.episode.is_treat_and_release else "Discharge"
        return (Evidence(event_id=event_id, what=what, at=at),)


def aftercares(state: PatientState, now: datetime, thresholds: Thresholds, days: int) -> Iterator[Aftercare]:
    """Every episode whose window of so many days is not over for long, oldest first."""
    oldest = now - timedelta(days=days) - SPOKEN_AFTER
    if not _any_since(state, oldest - timedelta(hours=thresholds.episodes.emergency_closed_after_hours)):
        return
    episodes = episodes_of(state, now, thresholds)
    for episode in episodes:
        if episode.ended_at is None or not oldest <= episode.ended_at <= now:
            continue
        ended_at = episode.ended_at
        later = tuple(other for other in episodes if other is not episode and other.began_at >= ended_at)
        yield Aftercare(state, episode, later, now, thresholds)


def _any_since(state: PatientState, oldest: datetime) -> bool:
    """A cheap look before the stays are folded: most patients were in no hospital lately."""
    return any((stay.last_touched() or NEVER) >= oldest for stay in state.encounters.values())


def any_emergency(state: PatientState) -> bool:
    """Whether there is a visit that ended in the emergency department, as far as we remember."""
    return any(stay.kind is EncounterClass.EMERGENCY for stay in state.encounters.values())


def open_emergencies(
    state: PatientState, now: datetime, thresholds: Thresholds
) -> Iterator[tuple[EncounterId, datetime]]:
    """Emergency visits that go on, and when one whose end never comes counts as over."""
    if not any_emergency(state):
        return
    for episode in episodes_of(state, now, thresholds):
        if episode.ended_at is None and episode.is_treat_and_release:
            known = ((stay.discharge_known_at or NEVER, number) for number, stay in episode.last.notices)
            hours = thresholds.episodes.emergency_closed_after_hours
            yield min(known)[1], episode.last.began_at + timedelta(hours=hours)


def joined_evidence(*groups: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """All evidence, oldest first, each event once."""
    unique = {one.event_id: one for group in groups for one in group}
    return tuple(sorted(unique.values(), key=lambda one: (one.at, one.event_id)))
