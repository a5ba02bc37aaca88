"""When a service week ends with fewer skilled visits than planned, the ordering practitioner must hear of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import end_of_day, local_date, spoken_day, week_start
from care_scoring.core.effects import ClockTicked
from care_scoring.core.reasons.common import CommonReason
from care_scoring.core.reasons.person import PersonReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.reasons.visits import VisitReason
from care_scoring.core.settings.visits import MissedVisitSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import PERSON_FACTS, STAY_FACTS, Open, Settled, Verdict, Watching
from care_scoring.core.visiting import SPOKEN, VISIT_FACTS, SeenVisit, Visiting
from care_shared.vocabulary import CloseReason, Discipline, Role, Tier

RULE_ID = "VISIT-WEEK"
NEXT_STEP = "Draft the notice to the ordering practitioner, and agree with the agency how the visit is made up."
ABOUT = About(
    sentence="Fewer skilled visits than planned when the week ends: the ordering practitioner must hear of it, P2.",
    sources=("[C] 42 CFR 409.43: visits follow the ordered frequency", "[D] the service week from Sunday"),
    settings=(MissedVisitSettings,),
    weighs=frozenset({Unless.INPATIENT}),
    vectors=("section 4.2",),
)


@dataclass(frozen=True, slots=True)
class SkilledWeek:
    """VISIT-WEEK: skilled visits delivered < planned when the week (Sunday to Saturday at home) ends, P2."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = PERSON_FACTS | STAY_FACTS | VISIT_FACTS | {ClockTicked}
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One episode per discipline and week in which a visit was missed."""
        skilled = thresholds.of(MissedVisitSettings).skilled
        if not any(visit.discipline in skilled for visit in state.visits.values()):
            return
        visiting = Visiting(state, now, thresholds)
        told = state.open_episodes(self.rule_id)
        weeks: dict[tuple[Discipline, datetime], list[SeenVisit]] = {}
        for seen in visiting.visits:
            if seen.visit.discipline in skilled:
                weeks.setdefault((seen.visit.discipline, visiting.week_of(seen.starts_at)), []).append(seen)
        for (discipline, ends_at), visits in weeks.items():
            week = _Week(discipline, ends_at, visits, visiting)
            if week.missed or week.episode in told or week.changes_at is not None:
                yield week.verdict()


@dataclass(frozen=True, slots=True)
class _Week:
    """The visits of one discipline in one service week."""

    discipline: Discipline
    ends_at: datetime
    visits: list[SeenVisit]
    visiting: Visiting

    @property
    def episode(self) -> str:
        return f"{self.discipline}:{week_start(local_date(self.ends_at, self.visiting.zone))}"

    @property
    def missed(self) -> list[SeenVisit]:
        return [seen for seen in self.visits if seen.is_missed]

    @property
    def changes_at(self) -> datetime | None:
        return min((seen.changes_at for seen in self.visits if seen.changes_at is not None), default=None)

    def verdict(self) -> Verdict:
        """Nothing is concluded before the week is over."""
        expires_at = self.ends_at + timedelta(days=self.visiting.limits.expires_after_days)
        if not self.missed:
            return self._nothing_missed()
        if self.visiting.admitted_since(self.missed[-1].starts_at):
            return self._over(CloseReason.SUPERSEDED, PersonReason.INPATIENT)
        if self.visiting.now > expires_at:
            return self._over(CloseReason.EXPIRED, CommonReason.TOO_LONG_AGO)
        if self.visiting.now < self.ends_at:
            return Watching(episode=self.episode, reason=VisitReason.VISIT_AWAITED, wake_at=self.ends_at)
        return self._open(expires_at + timedelta(seconds=1))

    def _nothing_missed(self) -> Verdict:
        if self.changes_at is not None:
            return Watching(episode=self.episode, reason=VisitReason.VISIT_AWAITED, wake_at=self.changes_at)
        return self._over(CloseReason.LATE_EVIDENCE, VisitReason.VISIT_PROVEN_LATE)

    def _over(self, close_reason: CloseReason, reason: Reason) -> Settled:
        return Settled(episode=self.episode, close_reason=close_reason, reason=reason)

    def _open(self, expires_at: datetime) -> Open:
        delivered = sum(seen.is_delivered for seen in self.visits)
        sunday = week_start(local_date(self.ends_at, self.visiting.zone))
        calendar = self.visiting.thresholds.holidays.calendar
        due_day = calendar.business_day_after(local_date(self.ends_at, self.visiting.zone), 1)
        return Open(
            episode=self.episode,
            tier=Tier.P2,
            reason=VisitReason.SKILLED_VISITS_SHORT,
            explanation=VisitReason.SKILLED_VISITS_SHORT.say(
                delivered=delivered,
                scheduled=delivered + len(self.missed),
                discipline=SPOKEN[self.discipline],
                week=spoken_day(sunday),
            ),
            next_step=NEXT_STEP,
            evidence=tuple(evidence for seen in self.missed for evidence in seen.evidence),
            due_at=end_of_day(due_day, self.visiting.zone),
            audience=(Role.CARE_MANAGER, Role.AGENCY),
            labels=tuple(sorted({label for seen in self.missed for label in seen.visit.labels})),
            occurrences=len(self.missed),
            wake_at=min(moment for moment in (expires_at, self.changes_at) if moment is not None),
        )
