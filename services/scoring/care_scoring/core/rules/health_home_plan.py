"""A Health Home member has a plan of care in time, and it is revised each year and after a stay in hospital."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import at_local, end_of_day, local_date, months_after, spoken_day
from care_scoring.core.effects import ClockTicked
from care_scoring.core.episodes import WENT_HOME, episodes_of
from care_scoring.core.health_home import enrolled_since, enrolment_changes_at
from care_scoring.core.reasons.programmes import ProgrammeReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.settings.programmes import HealthHomeSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.plans import CarePlan
from care_scoring.core.suppression import FACTS_OF
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import PERSON_FACTS, STAY_FACTS, Open, Settled, Verdict, Watching
from care_shared.contracts.care_events import CarePlanUpdated
from care_shared.vocabulary import CloseReason, Role, SensitivityLabel, Tier

RULE_ID = "HHP-PLAN"
NEXT_STEP = "Assess the member, write or revise the plan of care with them, and record that they agree."
ABOUT = About(
    sentence="A Health Home plan of care is due 60 days after enrolment, then yearly and after a stay: P4, then P3.",
    sources=("[M] 60 days in New York, 90 elsewhere; yearly", "[D] the days after a stay and before the deadline"),
    settings=(HealthHomeSettings,),
    unless=frozenset({Unless.OPTED_OUT}),
    weighs=frozenset({Unless.NOT_ALIGNED}),
    vectors=("section 5.1",),
)


@dataclass(frozen=True, slots=True)
class HealthHomePlan:
    """HHP-PLAN: one episode per deadline."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = PERSON_FACTS | STAY_FACTS | FACTS_OF[Unless.OPTED_OUT] | {CarePlanUpdated, ClockTicked}
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """The first plan, or what asks for the next revision; what was told before and is met closes."""
        if not state.person.alignments:
            return
        planning = _Planning(state, now, thresholds)
        verdicts = list(planning.verdicts())
        reason = ProgrammeReason.PLAN_WRITTEN if planning.since else ProgrammeReason.NOT_ENROLLED
        close_reason = CloseReason.EVIDENCE if planning.since else CloseReason.WITHDRAWN
        for episode in state.open_episodes(self.rule_id).keys() - {verdict.episode for verdict in verdicts}:
            if planning.last_plan is not None or planning.since is None:
                yield Settled(episode=episode, close_reason=close_reason, reason=reason)
        yield from verdicts


@dataclass(frozen=True)
class _Planning:
    """The plan of care of one member as of now."""

    state: PatientState
    now: datetime
    thresholds: Thresholds

    @property
    def _limits(self) -> HealthHomeSettings:
        return self.thresholds.of(HealthHomeSettings)

    @cached_property
    def _home(self) -> ZoneInfo:
        return self.state.home_zone(self.thresholds.home_zone)

    @cached_property
    def since(self) -> date | None:
        """The day of enrolment, of a member of today."""
        return enrolled_since(self.state, self._limits.programmes, local_date(self.now, self._home))

    @cached_property
    def _turns_at(self) -> datetime | None:
        """When the enrolment itself begins or ends."""
        today = local_date(self.now, self._home)
        return enrolment_changes_at(self.state, self._limits.programmes, today, self._home)

    @cached_property
    def last_plan(self) -> CarePlan | None:
        """The latest plan written since the enrolment."""
        if self.since is None:
            return None
        begins_at = at_local(self.since, time(), self._home)
        plans = [one for one in self.state.care_plans.values() if one.active and not one.void and one.at >= begins_at]
        return max(plans, key=lambda plan: plan.at, default=None)

    def verdicts(self) -> Iterator[Verdict]:
        """One for each deadline that is not met."""
        limits, last = self._limits, self.last_plan
        if self.since is None:
            yield Watching(episode="", reason=ProgrammeReason.NOT_ENROLLED, wake_at=self._turns_at)
            return
        if last is None:
            due = self.since + timedelta(days=limits.plan_within_days)
            yield self._verdict(f"enrolled:{self.since}", ProgrammeReason.PLAN_DUE, self.since, due)
            return
        written = local_date(last.at, self._home)
        yearly = months_after(written, limits.reassess_after_months)
        yield self._verdict(f"yearly:{yearly}", ProgrammeReason.PLAN_YEARLY_DUE, written, yearly)
        yield from self._after_stay(last)

    def _after_stay(self, last: CarePlan) -> Iterator[Verdict]:
        """The last stay that ended at home after the plan was written; an emergency visit alone does not count."""
        homes = [
            one
            for one in episodes_of(self.state, self.now, self.thresholds)
            if one.ended_at and one.ended_at > last.at and one.went in WENT_HOME and not one.is_treat_and_release
        ]
        newest = max(homes, key=lambda one: one.last.until, default=None)
        if newest is not None and newest.last.ended_on is not None:
            day = newest.last.ended_on
            due = day + timedelta(days=self._limits.reassess_after_stay_days)
            yield self._verdict(f"stay:{day}", ProgrammeReason.PLAN_EVENT_DUE, day, due, newest.labels)

    def _verdict(
        self, episode: str, reason: Reason, day: date, due: date, labels: tuple[SensitivityLabel, ...] = ()
    ) -> Verdict:
        """Far away, noted, or told."""
        noted_at = at_local(due - timedelta(days=self._limits.plan_noted_before_days), time(), self._home)
        told_at = at_local(due - timedelta(days=self._limits.plan_told_before_days), time(), self._home)
        if self.now < min(noted_at, told_at):
            wake_at = self._first_of(min(noted_at, told_at))
            return Watching(episode=episode, reason=ProgrammeReason.PLAN_NOT_DUE, wake_at=wake_at)
        told = self.now >= told_at
        return Open(
            episode=episode,
            tier=Tier.P3 if told else Tier.P4,
            reason=reason,
            explanation=reason.say(day=spoken_day(day), due=spoken_day(due)),
            next_step=NEXT_STEP,
            due_at=end_of_day(due, self._home),
            audience=(Role.CARE_MANAGER,),
            labels=labels,
            wake_at=self._turns_at if told else self._first_of(told_at),
        )

    def _first_of(self, moment: datetime) -> datetime:
        return moment if self._turns_at is None else min(moment, self._turns_at)
