"""How a home visit stands at this moment: planned, unverified, missed, delivered, or not to be counted."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from zoneinfo import ZoneInfo

from care_scoring.core.calendar import end_of_day, local_date, moment_of, week_start
from care_scoring.core.settings.visits import MissedVisitSettings
from care_scoring.core.state.packed_ids import unpacked
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.visits import Notice, Visit
from care_scoring.core.thresholds import Thresholds
from care_shared.contracts.care_alerts import Evidence
from care_shared.contracts.care_events import (
    FeedResumed,
    FeedWentSilent,
    VisitCancelled,
    VisitDelivered,
    VisitMissed,
    VisitScheduled,
    VisitStarted,
)
from care_shared.vocabulary import Discipline, MissedVisitReason, VisitId

VISIT_FACTS: frozenset[type] = frozenset(
    {VisitScheduled, VisitStarted, VisitDelivered, VisitMissed, VisitCancelled, FeedWentSilent, FeedResumed}
)

# Missed care that counts. The others are excused, or no missed care at all (clinical.md 4.2); unknown waits for proof.
COUNTED = frozenset(
    {
        MissedVisitReason.AGENCY_NO_SHOW,
        MissedVisitReason.PATIENT_REFUSED,
        MissedVisitReason.NO_ANSWER,
        MissedVisitReason.NOT_HOME,
    }
)
WHY = {
    MissedVisitReason.AGENCY_NO_SHOW: "the agency did not come",
    MissedVisitReason.PATIENT_REFUSED: "the patient refused",
    MissedVisitReason.NO_ANSWER: "nobody answered the door",
    MissedVisitReason.NOT_HOME: "the patient was not at home",
    MissedVisitReason.HOSPITALISED: "the patient was in hospital",
    MissedVisitReason.DECEASED: "the patient died",
    MissedVisitReason.SERVICE_ENDED: "the service ended",
    MissedVisitReason.SUSPENDED: "the service is suspended",
    MissedVisitReason.RESCHEDULED: "it was moved to another week",
    MissedVisitReason.WEATHER_UNSAFE: "the way was unsafe",
    MissedVisitReason.DOCUMENTATION_ONLY: "only the clock-in is missing",
    MissedVisitReason.UNKNOWN: "no proof arrived",
}
SPOKEN = {
    Discipline.AIDE: "aide",
    Discipline.SKILLED_NURSING: "nursing",
    Discipline.PHYSICAL_THERAPY: "physical therapy",
    Discipline.OCCUPATIONAL_THERAPY: "occupational therapy",
    Discipline.SPEECH_THERAPY: "speech therapy",
    Discipline.SOCIAL_WORK: "social work",
    Discipline.OTHER: "home",
}


class Standing(StrEnum):
    """What we make of a visit now."""

    PLANNED = "planned"
    UNVERIFIED = "unverified"
    MISSED = "missed"
    DELIVERED = "delivered"
    NOT_COUNTED = "not-counted"


@dataclass(frozen=True)
class SeenVisit:
    """One visit, how it stands, and when that may change by itself."""

    key: bytes
    visit: Visit
    standing: Standing
    changes_at: datetime | None = None

    @property
    def visit_id(self) -> VisitId:
        """The id as the vendor gave it."""
        return VisitId(unpacked(self.key))

    @cached_property
    def starts_at(self) -> datetime:
        """The planned start."""
        return self.visit.starts_at

    @property
    def is_missed(self) -> bool:
        """Missed care that counts."""
        return self.standing is Standing.MISSED

    @property
    def is_delivered(self) -> bool:
        """Somebody came."""
        return self.standing is Standing.DELIVERED

    @property
    def why(self) -> str:
        """Why it was missed, in words."""
        if self.visit.cancelled:
            return "the patient cancelled at short notice"
        return WHY[self.visit.missed_reason or MissedVisitReason.UNKNOWN]

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The notice that says so; silence has none."""
        outcome = self.visit.outcome
        if outcome is None or outcome.kind == Notice.STARTED:
            return ()
        what = f"{SPOKEN[self.visit.discipline].capitalize()} visit: {self.why}"
        return (Evidence(event_id=outcome.event_id, what=what, at=moment_of(outcome.at)),)

    def proven_later_than(self, moment: datetime) -> bool:
        """Whether the first proof, or the clock-in, was stated after `moment`."""
        said = self.visit.proven or (self.visit.outcome.said // 1000 if self.visit.outcome else 0)
        return moment_of(said) > moment

    @property
    def was_told_missed(self) -> bool:
        """Whether a notice called it missed before the proof came."""
        return self.visit.outcome is not None and self.visit.outcome.kind == Notice.MISSED


@dataclass(frozen=True)
class Visiting:
    """All visits of a patient as of now, in the order of their planned starts."""

    state: PatientState
    now: datetime
    thresholds: Thresholds

    @cached_property
    def limits(self) -> MissedVisitSettings:
        """The numbers of home visits."""
        return self.thresholds.of(MissedVisitSettings)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone of the patient's home."""
        return self.state.home_zone(self.thresholds.home_zone)

    @cached_property
    def visits(self) -> list[SeenVisit]:
        """Every visit with its standing."""
        ordered = sorted(self.state.visits.items(), key=lambda item: (item[1].plan.start, item[0]))
        return [self._seen(key, visit) for key, visit in ordered]

    @cached_property
    def admitted_at(self) -> datetime | None:
        """When the patient was last admitted away from home: what was missed before is another story."""
        moments = [stay.admitted_at for stay in self.state.encounters.values() if stay.is_away]
        return max((moment for moment in moments if moment is not None and moment <= self.now), default=None)

    @cached_property
    def feed_is_silent(self) -> bool:
        """Whether the feed that tells us of visits is down: then silence says nothing."""
        feed = self.state.visiting_agency[2] if self.state.visiting_agency else ""
        stated = self.state.silent_feeds.get(feed)
        return stated is not None and stated[1]

    def admitted_since(self, moment: datetime) -> bool:
        """Whether the patient was admitted after `moment`."""
        return self.admitted_at is not None and self.admitted_at > moment

    def week_of(self, moment: datetime) -> datetime:
        """The last second of the service week (Sunday to Saturday at home) of a moment."""
        return end_of_day(week_start(local_date(moment, self.zone)) + timedelta(days=6), self.zone)

    def _seen(self, key: bytes, visit: Visit) -> SeenVisit:
        standing, changes_at = self._standing(visit)
        return SeenVisit(key, visit, standing, changes_at)

    def _standing(self, visit: Visit) -> tuple[Standing, datetime | None]:
        if visit.delivered:
            return Standing.DELIVERED, None
        if self.state.encounters and self.state.is_away(visit.starts_at):
            return Standing.NOT_COUNTED, None
        if visit.cancelled:
            return self._cancelled(visit), None
        reason = visit.missed_reason
        if reason is None or reason is MissedVisitReason.UNKNOWN:
            return self._by_silence(visit)
        if reason is MissedVisitReason.RESCHEDULED:
            return self._moved(visit)
        return (Standing.MISSED if reason in COUNTED else Standing.NOT_COUNTED), None

    def _cancelled(self, visit: Visit) -> Standing:
        """Only a cancellation by the patient at short notice is missed care; the agency's is a change of plan."""
        notice = timedelta(hours=self.limits.cancel_notice_hours)
        outcome = visit.outcome
        late = outcome is not None and outcome.by_patient and visit.starts_at - moment_of(outcome.at) < notice
        return Standing.MISSED if late else Standing.NOT_COUNTED

    def _moved(self, visit: Visit) -> tuple[Standing, datetime | None]:
        """Moved within the service week is no miss; without a new date it becomes one when the week ends."""
        week_ends = self.week_of(visit.starts_at)
        moved_to = visit.outcome.replacement_start if visit.outcome else 0
        if moved_to:
            return (Standing.NOT_COUNTED if moment_of(moved_to) <= week_ends else Standing.MISSED), None
        if self.now <= week_ends:
            return Standing.NOT_COUNTED, week_ends + timedelta(seconds=1)
        return Standing.MISSED, None

    def _by_silence(self, visit: Visit) -> tuple[Standing, datetime | None]:
        """No notice: unverified an hour after the start, missed a day after the end; never while the feed is down."""
        limits = self.limits
        unverified_at = visit.starts_at + timedelta(minutes=limits.unverified_after_minutes)
        missed_at = moment_of(visit.plan.end) + timedelta(hours=limits.missed_after_hours)
        if self.now < unverified_at:
            return Standing.PLANNED, missed_at
        if self.feed_is_silent:
            return Standing.UNVERIFIED, None
        return (Standing.UNVERIFIED, missed_at) if self.now < missed_at else (Standing.MISSED, None)
