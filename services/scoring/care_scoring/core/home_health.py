"""When home-health care must start or resume, and whether somebody came: the clocks of 42 CFR 484.55."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from care_scoring.core.calendar import end_of_day, hours_after, local_date, seconds_of, spoken_day, spoken_time
from care_scoring.core.episodes import Episode, episodes_of
from care_scoring.core.reasons.common import CommonReason
from care_scoring.core.reasons.home_health import HomeHealthReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.settings.home_health import HomeHealthStartSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.referrals import Referral
from care_scoring.core.state.visits import Visit
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import Open, Settled, Verdict, Watching
from care_shared.contracts.care_alerts import Evidence
from care_shared.vocabulary import CloseReason, Discipline, Role, SensitivityLabel, Tier

NURSE = frozenset({Discipline.SKILLED_NURSING})
# Where only therapy was ordered, a therapist makes the first visit.
SKILLED = NURSE | {Discipline.PHYSICAL_THERAPY, Discipline.OCCUPATIONAL_THERAPY, Discipline.SPEECH_THERAPY}
NEXT_STEP = "Call the agency for a visit today, or find another one; call the patient about what cannot wait."


@dataclass(frozen=True)
class Clock:
    """One start or resumption that is awaited."""

    episode: str
    reason: Reason  # what is told when nobody came
    since: datetime  # visits count from here
    due_at: datetime
    disciplines: frozenset[Discipline]
    evidence: tuple[Evidence, ...] = ()
    labels: tuple[SensitivityLabel, ...] = ()
    known_at: datetime | None = None
    ordered_on: date | None = None


@dataclass(frozen=True)
class HomeHealth:
    """Stays, referrals and visits of one patient, as of now."""

    state: PatientState
    now: datetime
    thresholds: Thresholds

    @cached_property
    def limits(self) -> HomeHealthStartSettings:
        """The settings."""
        return self.thresholds.of(HomeHealthStartSettings)

    @cached_property
    def home(self) -> ZoneInfo:
        """The zone of the patient's home."""
        return self.state.home_zone(self.thresholds.home_zone)

    @property
    def history_before(self) -> datetime:
        """A return home before this is too long ago to speak of, however long a start may take."""
        return self.now - timedelta(hours=self.limits.within_hours, days=2 * self.limits.expires_after_days)

    @property
    def came_home_lately(self) -> bool:
        """Whether any stay ended lately: a quick look that spares the long one with almost every visit."""
        oldest = self.history_before
        return any(one.end_stated and one.end_stated[1] >= oldest for one in self.state.encounters.values())

    @cached_property
    def stays(self) -> list[Episode]:
        """The episodes that kept the patient away from home, by when they began."""
        return [one for one in episodes_of(self.state, self.now, self.thresholds) if one.bedded]

    @cached_property
    def referrals(self) -> dict[str, Referral]:
        """The referrals to home health that stand, closed ones included."""
        wanted = {_plain(one) for one in self.limits.specialties}
        return {
            number: one
            for number, one in self.state.referrals.items()
            if one.ordered is not None and not one.ordered.void and _plain(one.ordered.specialty) in wanted
        }

    @cached_property
    def visits(self) -> list[Visit]:
        """The visits of nurses and therapists, by when they were planned."""
        skilled = [one for one in self.state.visits.values() if one.discipline in SKILLED]
        return sorted(skilled, key=lambda one: (one.plan, one.proven))

    def went_home(self, stay: Episode) -> bool:
        """Whether a stay ended, and at home."""
        return stay.ended_at is not None and stay.went in self.limits.destinations

    def long_enough(self, stay: Episode) -> bool:
        """Whether a stay interrupted care at home; of unknown begin, it did."""
        if stay.ended_at is None or not any(one.began_at for bed in stay.bedded for _, one in bed.notices):
            return True
        begun = stay.bedded_at or stay.began_at
        return stay.ended_at - begun >= timedelta(hours=self.limits.shortest_stay_hours)

    def was_on_before(self, moment: datetime) -> bool:
        """Whether skilled visits were planned or made in the weeks before."""
        first = seconds_of(moment - timedelta(days=self.limits.on_service_days))
        return any(first <= one.plan.start < seconds_of(moment) for one in self.visits)

    def expected_before(self, moment: datetime) -> frozenset[Discipline]:
        """Who makes the visit that resumes care: a nurse, or where only therapists came, one of them."""
        came = {one.discipline for one in self.visits if one.plan.start < seconds_of(moment)}
        return NURSE if not came or came & NURSE else SKILLED

    def first_visit(self, since: datetime, disciplines: frozenset[Discipline]) -> Visit | None:
        """The first visit that took place since."""
        made = [one for one in self.visits if one.delivered and one.discipline in disciplines]
        later = [one for one in made if one.took_place_at >= since]
        return min(later, key=lambda one: one.took_place_at, default=None)

    def next_stay(self, stay: Episode) -> Episode | None:
        """The stay after a stay."""
        later = (one for one in self.stays if one is not stay and stay.ended_at and one.began_at >= stay.ended_at)
        return next(later, None)

    def due(self, since: datetime, ordered_on: date | None) -> datetime:
        """The end of the ordered day, if that has not passed by then; else so many hours later."""
        if ordered_on is not None and ordered_on >= local_date(since, self.home):
            return end_of_day(ordered_on, self.home)
        return hours_after(since, self.limits.within_hours)

    def judged(self, clock: Clock) -> Verdict:
        """Somebody came, in time or late; or nobody did, and the clock runs, has run out, or is history."""
        visit = self.first_visit(clock.since, clock.disciplines)
        if visit is not None and visit.took_place_at <= self.now:
            in_time = visit.took_place_at <= clock.due_at
            reason = HomeHealthReason.VISITED if in_time else HomeHealthReason.VISITED_LATE
            return Settled(
                episode=clock.episode,
                close_reason=CloseReason.EVIDENCE if in_time else CloseReason.LATE_EVIDENCE,
                reason=reason,
                explanation=f"{reason.sentence} It was on {spoken_time(visit.took_place_at, self.home)}.",
            )
        if self.now < clock.due_at:
            return Watching(episode=clock.episode, reason=HomeHealthReason.START_AWAITED, wake_at=clock.due_at)
        expires_at = clock.due_at + timedelta(days=self.limits.expires_after_days)
        if self.now >= expires_at:
            return Settled(episode=clock.episode, close_reason=CloseReason.EXPIRED, reason=CommonReason.TOO_LONG_AGO)
        return self._late(clock, expires_at)

    def _late(self, clock: Clock, expires_at: datetime) -> Open:
        late_notice = clock.known_at is not None and clock.known_at > clock.due_at
        told = f" The notice reached us on {spoken_time(clock.known_at, self.home)}." if clock.known_at else ""
        return Open(
            episode=clock.episode,
            tier=Tier.P2,
            reason=clock.reason,
            explanation=clock.reason.say(
                since=spoken_time(clock.since, self.home),
                due=spoken_time(clock.due_at, self.home),
                on=spoken_day(clock.ordered_on) if clock.ordered_on else "",
            )
            + (told if late_notice else ""),
            next_step=NEXT_STEP,
            evidence=clock.evidence,
            due_at=clock.due_at,
            audience=(Role.AGENCY, Role.CARE_MANAGER),
            labels=clock.labels,
            late_notice=late_notice,
            wake_at=expires_at,
        )


def end_evidence(stay: Episode) -> tuple[Evidence, ...]:
    """The discharge that ended a stay."""
    ends = [one.discharged for _, one in stay.last.notices if one.discharged and one.discharged_at]
    return tuple(Evidence(event_id=said[2], what="Discharge", at=said[1].astimezone(UTC)) for said in ends[:1])


def _plain(specialty: str) -> str:
    return " ".join(specialty.casefold().replace("-", " ").split())
