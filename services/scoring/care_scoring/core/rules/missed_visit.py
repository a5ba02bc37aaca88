"""Home visits that do not take place are noticed: one is noted, two in a row are told, three in a row are urgent."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import end_of_day, local_date, spoken_day
from care_scoring.core.effects import ClockTicked
from care_scoring.core.reasons.common import CommonReason
from care_scoring.core.reasons.person import PersonReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.reasons.visits import VisitReason
from care_scoring.core.settings.visits import MissedVisitSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import PERSON_FACTS, STAY_FACTS, Open, Settled, Verdict, Watching
from care_scoring.core.visiting import SPOKEN, VISIT_FACTS, SeenVisit, Standing, Visiting
from care_shared.vocabulary import CloseReason, Discipline, Role, Tier, VisitId

RULE_ID = "VISIT-MISSED"
SCHEDULE = "schedule"  # the episode under which we merely wait for the next visit
NEXT_STEP = {
    Tier.P1: "Call the agency now, put the back-up plan to work, and draft the notice to the ordering practitioner.",
    Tier.P2: "Call the agency and the patient; agree when the next visit comes.",
    Tier.P4: "Note it; call if the next visit is missed too.",
}


@dataclass(slots=True)
class Run:
    """Misses of one discipline with no delivered visit in between. It is named by its first missed visit."""

    discipline: Discipline
    missed: list[SeenVisit] = field(default_factory=list)
    resumed: SeenVisit | None = None

    @property
    def episode(self) -> str:
        """Named by a visit, not by a date: a late fact about the home's time zone must not rename it."""
        return f"{self.discipline}:{self.missed[0].visit_id}"


ABOUT = About(
    sentence="A missed home visit is noted, P4; two in a row, or three in 14 days, P2; three in a row, P1.",
    sources=("[C] state EVV reason codes: which count and which excuse", "[D] runs and patterns"),
    settings=(MissedVisitSettings,),
    weighs=frozenset({Unless.INPATIENT}),
    vectors=("rule 12", "V1", "V2", "V3", "V4", "V7", "V9", "section 4.3"),
)


@dataclass(frozen=True, slots=True)
class MissedVisits:
    """VISIT-MISSED: one miss P4; two in a row, or three in fourteen days, P2; three in a row P1."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = PERSON_FACTS | STAY_FACTS | VISIT_FACTS | {ClockTicked}
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One episode per run of misses."""
        if not state.visits:
            return
        visiting = Visiting(state, now, thresholds)
        told = state.open_episodes(self.rule_id)
        runs = _runs(visiting.visits)
        pattern = _Pattern.of(runs, visiting)
        for run in runs:
            verdict = _RunJudged(run, visiting, pattern).verdict()
            if isinstance(verdict, Open) or run.episode in told or run.resumed is None:
                yield verdict
        for episode in told.keys() - {run.episode for run in runs}:
            yield _lost(episode, visiting)
        yield from _next_look(visiting)


def _runs(visits: list[SeenVisit]) -> list[Run]:
    """Runs in the order of their first misses; what does not count neither lengthens nor ends a run."""
    running: dict[Discipline, Run] = {}
    runs: list[Run] = []
    for seen in visits:
        discipline = seen.visit.discipline
        if seen.is_missed:
            if discipline not in running:
                running[discipline] = Run(discipline)
                runs.append(running[discipline])
            running[discipline].missed.append(seen)
        elif seen.is_delivered and discipline in running:
            running.pop(discipline).resumed = seen
    return runs


@dataclass(frozen=True, slots=True)
class _Pattern:
    """Three misses in fourteen days, whatever their disciplines. It belongs to the run in which it was completed."""

    episode: str = ""
    count: int = 0
    ends_at: datetime | None = None

    @staticmethod
    def of(runs: list[Run], visiting: Visiting) -> "_Pattern":
        limits = visiting.limits
        within = timedelta(days=limits.pattern_days)
        misses = sorted(
            (seen.starts_at, seen.visit_id, run.episode)
            for run in runs
            for seen in run.missed
            if not visiting.admitted_since(seen.starts_at)
        )
        completed_in = ""
        for number in range(limits.pattern_count - 1, len(misses)):
            holds = misses[number][0] - misses[number - limits.pattern_count + 1][0] <= within
            completed_in = (completed_in or misses[number][2]) if holds else ""
        if not completed_in:
            return _Pattern()
        ends_at = misses[-limits.pattern_count][0] + within
        if visiting.now > ends_at:
            return _Pattern()
        return _Pattern(completed_in, sum(at >= visiting.now - within for at, _, _ in misses), ends_at)


@dataclass(frozen=True, slots=True)
class _RunJudged:
    """One run as of now."""

    run: Run
    visiting: Visiting
    pattern: _Pattern

    def verdict(self) -> Verdict:
        """Over, or open in a tier; a single critical visit is told by its own rule."""
        settled = self._settled()
        if settled is not None:
            return settled
        tier, reason = self._tier()
        alone_and_critical = len(self.run.missed) == 1 and self.run.missed[0].visit.plan.critical
        if tier is Tier.P4 and alone_and_critical:
            return Watching(
                episode=self.run.episode, reason=VisitReason.CRITICAL_VISIT_MISSED, wake_at=self._look_again_at()
            )
        return self._open(tier, reason)

    @property
    def _carries_pattern(self) -> bool:
        return self.pattern.episode == self.run.episode

    def _settled(self) -> Settled | None:
        last = self.run.missed[-1]
        if self.visiting.admitted_since(last.starts_at):
            return self._over(CloseReason.SUPERSEDED, PersonReason.INPATIENT)
        if self._carries_pattern:
            return None
        if self.run.resumed is not None:
            late = self.run.resumed.was_told_missed
            reason = VisitReason.VISIT_PROVEN_LATE if late else VisitReason.CARE_RESUMED
            return self._over(CloseReason.LATE_EVIDENCE if late else CloseReason.EVIDENCE, reason)
        if self.visiting.now > self._expires_at:
            return self._over(CloseReason.EXPIRED, CommonReason.TOO_LONG_AGO)
        return None

    @property
    def _expires_at(self) -> datetime:
        kept = timedelta(days=self.visiting.limits.expires_after_days)
        return self.run.missed[-1].starts_at + kept

    def _over(self, close_reason: CloseReason, reason: Reason) -> Settled:
        return Settled(episode=self.run.episode, close_reason=close_reason, reason=reason)

    def _tier(self) -> tuple[Tier, Reason]:
        limits = self.visiting.limits
        in_a_row = 0 if self.run.resumed else len(self.run.missed)
        if in_a_row >= limits.in_a_row_for_p1:
            return Tier.P1, VisitReason.THREE_MISSED_IN_A_ROW
        if in_a_row >= limits.in_a_row_for_p2:
            return Tier.P2, VisitReason.TWO_MISSED_IN_A_ROW
        if self._carries_pattern:
            return Tier.P2, VisitReason.THREE_MISSED_IN_PERIOD
        return Tier.P4, VisitReason.VISIT_MISSED

    def _open(self, tier: Tier, reason: Reason) -> Open:
        first, last = self.run.missed[0], self.run.missed[-1]
        pattern = reason is VisitReason.THREE_MISSED_IN_PERIOD
        count = self.pattern.count if pattern else len(self.run.missed)
        last_day = local_date(last.starts_at, self.visiting.zone)
        calendar = self.visiting.thresholds.holidays.calendar
        audience = (Role.CARE_MANAGER, Role.AGENCY)
        return Open(
            episode=self.run.episode,
            tier=tier,
            reason=reason,
            explanation=reason.say(
                count=count,
                days=self.visiting.limits.pattern_days,
                discipline=SPOKEN[self.run.discipline],
                first=spoken_day(local_date(first.starts_at, self.visiting.zone)),
                last=spoken_day(last_day),
                why=last.why,
            ),
            next_step=NEXT_STEP[tier],
            evidence=tuple(evidence for seen in self.run.missed for evidence in seen.evidence),
            due_at=end_of_day(calendar.business_day_after(last_day, 1), self.visiting.zone),
            audience=(*audience, Role.SUPERVISOR) if tier is Tier.P1 else audience,
            labels=tuple(sorted({label for seen in self.run.missed for label in seen.visit.labels})),
            occurrences=count,
            wake_at=self._look_again_at(),
        )

    def _look_again_at(self) -> datetime:
        ends = [self._expires_at] if self.run.resumed is None else []
        if self._carries_pattern and self.pattern.ends_at is not None:
            ends.append(self.pattern.ends_at)
        return min(ends) + timedelta(seconds=1)


def _lost(episode: str, visiting: Visiting) -> Settled:
    """A run that was told has another first visit now: proven after all, excused, or joined to an earlier miss."""
    visit_id = VisitId(episode.partition(":")[2])
    seen = next((seen for seen in visiting.visits if seen.visit_id == visit_id), None)
    if seen is not None and seen.is_delivered:
        return Settled(episode=episode, close_reason=CloseReason.LATE_EVIDENCE, reason=VisitReason.VISIT_PROVEN_LATE)
    if seen is not None and seen.is_missed:
        return Settled(episode=episode, close_reason=CloseReason.SUPERSEDED, reason=VisitReason.JOINED_EARLIER_MISS)
    return Settled(
        episode=episode,
        close_reason=CloseReason.WITHDRAWN,
        reason=VisitReason.NOT_COUNTED,
        explanation=f"{VisitReason.NOT_COUNTED.sentence} Why: {seen.why if seen else 'it is no longer known'}.",
    )


def _next_look(visiting: Visiting) -> Iterator[Watching]:
    """When the next visit may turn from unverified to missed; nothing when none is awaited."""
    moments = [
        seen.changes_at
        for seen in visiting.visits
        if seen.changes_at is not None and seen.standing is not Standing.DELIVERED
    ]
    reason = VisitReason.FEED_SILENT if visiting.feed_is_silent else VisitReason.VISIT_AWAITED
    if moments or visiting.feed_is_silent:
        yield Watching(episode=SCHEDULE, reason=reason, wake_at=min(moments, default=None))
