"""A homebound status is looked at again when it grows old, or when outings do not fit it; it is never computed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import local_date, spoken_day
from care_scoring.core.effects import ClockTicked
from care_scoring.core.reasons.eligibility import EligibilityReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.settings.eligibility import HomeboundSettings
from care_scoring.core.state.eligibility import HomeStatus
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.referrals import Appointment, AppointmentStatus
from care_scoring.core.state.registers import joined_labels
from care_scoring.core.suppression import FACTS_OF
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import PERSON_FACTS, Open, Settled, Verdict, Watching
from care_shared.contracts.care_alerts import Evidence
from care_shared.contracts.care_events import (
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentFulfilled,
    AppointmentNoShow,
    HomeStatusAssessed,
)
from care_shared.vocabulary import CloseReason, Role, Tier

RULE_ID = "HOMEBOUND"
NEXT_STEP = "Ask the assessor to look at the homebound status again, with the facts of the last months."
ABOUT = About(
    sentence="A homebound status that is old, or that a stream of outings does not fit, is reviewed, P4.",
    sources=("[C] what does not disqualify: rare or short outings, health care, worship", "[D] the prompt"),
    settings=(HomeboundSettings,),
    unless=frozenset({Unless.INPATIENT}),
    vectors=("section 1.9",),
)


@dataclass(frozen=True, slots=True)
class HomeboundReview:
    """HOMEBOUND: a question to an assessor. Both episodes are named after the assessment they ask about."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = (
        PERSON_FACTS
        | FACTS_OF[Unless.INPATIENT]
        | {HomeStatusAssessed, AppointmentBooked, AppointmentFulfilled, AppointmentNoShow, AppointmentCancelled}
        | {ClockTicked}
    )
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """Only of a patient whom somebody assessed as homebound."""
        status = state.person.home_status
        if status is None:
            return
        verdicts: list[Verdict] = []
        if status.homebound and not status.void:
            reviewing = _Reviewing(state, status, now, thresholds)
            verdicts = [verdict for verdict in (reviewing.outings(), reviewing.age()) if verdict is not None]
        yield from verdicts
        for episode in state.open_episodes(self.rule_id).keys() - {verdict.episode for verdict in verdicts}:
            yield _over(episode, CloseReason.EVIDENCE, EligibilityReason.STATUS_REVIEWED)


@dataclass(frozen=True, slots=True)
class _Reviewing:
    """One assessment as of now."""

    state: PatientState
    status: HomeStatus
    now: datetime
    thresholds: Thresholds

    @property
    def _limits(self) -> HomeboundSettings:
        return self.thresholds.of(HomeboundSettings)

    @property
    def _day(self) -> str:
        """Not local: a late fact about the home's time zone must not rename an episode."""
        return f"{self.status.at.astimezone(UTC):%Y-%m-%d}"

    def age(self) -> Verdict:
        """Assessed long ago."""
        old_at = self.status.at + timedelta(days=self._limits.assessed_within_days)
        if self.now < old_at:
            return Watching(episode="", reason=EligibilityReason.STATUS_FRESH, wake_at=old_at)
        return self._open(f"age:{self._day}", EligibilityReason.ASSESSMENT_OLD, [], None)

    def outings(self) -> Verdict | None:
        """A stream of outings since the assessment; one alone is never a reason."""
        episode, window = f"outings:{self._day}", timedelta(days=self._limits.outings_days)
        since = max(self.status.at, self.now - window)
        seen = [one for one in self.state.appointments.values() if self._is_outing(one, since)]
        if len(seen) < self._limits.outings:
            told = episode in self.state.open_episodes(RULE_ID)
            return _over(episode, CloseReason.WITHDRAWN, EligibilityReason.OUTINGS_PAST) if told else None
        latest = sorted(_when(one) for one in seen)
        wake_at = latest[-self._limits.outings] + window + timedelta(seconds=1)
        return self._open(episode, EligibilityReason.OUTINGS_SEEN, seen, wake_at)

    def _is_outing(self, one: Appointment, since: datetime) -> bool:
        if one.status is not AppointmentStatus.FULFILLED or one.booking is None or one.booking.telehealth:
            return False
        return one.booking.specialty.casefold() in self._limits.outing_kinds and since <= _when(one) <= self.now

    def _open(self, episode: str, reason: Reason, seen: list[Appointment], wake_at: datetime | None) -> Open:
        home = self.state.home_zone(self.thresholds.home_zone)
        stands = sorted((one.stand for one in seen if one.stand), key=lambda stand: (stand.at, stand.event))
        return Open(
            episode=episode,
            tier=Tier.P4,
            reason=reason,
            explanation=reason.say(
                count=len(seen), days=self._limits.outings_days, day=spoken_day(local_date(self.status.at, home))
            ),
            next_step=NEXT_STEP,
            evidence=(
                Evidence(event_id=self.status.event_id, what="Assessed as homebound", at=self.status.at),
                *(Evidence(event_id=stand.event_id, what="Outing", at=stand.at) for stand in stands),
            ),
            audience=(Role.CARE_MANAGER,),
            labels=joined_labels(self.status.labels, (label for one in seen for label in one.labels)),
            wake_at=wake_at,
        )


def _when(one: Appointment) -> datetime:
    """When it was; the notice of a fulfilled appointment names it."""
    moments = [moment for moment in (one.starts_at, one.stand.at if one.stand else None) if moment]
    return min(moments)


def _over(episode: str, close_reason: CloseReason, reason: Reason) -> Settled:
    return Settled(episode=episode, close_reason=close_reason, reason=reason)
