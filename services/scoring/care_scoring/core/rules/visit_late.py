"""A visitor who has not clocked in a quarter of an hour after the planned start: the agency hears it, nobody else."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import moment_of, spoken_time
from care_scoring.core.effects import ClockTicked
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.reasons.visits import VisitReason
from care_scoring.core.settings.visits import MissedVisitSettings
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.visits import Notice
from care_scoring.core.suppression import FACTS_OF
from care_scoring.core.thresholds import Thresholds
from care_scoring.core.verdicts import PERSON_FACTS, Open, Settled, Verdict, Watching
from care_scoring.core.visiting import SPOKEN, VISIT_FACTS, SeenVisit, Standing, Visiting
from care_shared.vocabulary import CloseReason, Role, Tier

RULE_ID = "VISIT-LATE"
WAITING = "schedule"  # the episode under which we merely wait for the next visit
NEXT_STEP = "Find out where the visitor is; send somebody else or tell the patient when."
ABOUT = About(
    sentence="Nobody clocked in 15 minutes after the planned start of a home visit: told to the agency alone, P4.",
    sources=("[D] a quarter of an hour, and only where clock-ins arrive as they happen",),
    settings=(MissedVisitSettings,),
    unless=frozenset({Unless.INPATIENT, Unless.ON_LEAVE}),
    vectors=("section 4.3",),
)


@dataclass(frozen=True, slots=True)
class LateVisit:
    """VISIT-LATE: one episode per visit, until somebody clocks in, says why, or its absence is told by another rule."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = (
        PERSON_FACTS | FACTS_OF[Unless.INPATIENT] | FACTS_OF[Unless.ON_LEAVE] | VISIT_FACTS | {ClockTicked}
    )
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """Nothing is concluded from the silence of a feed that is down, or that sends its clock-ins later."""
        told = state.open_episodes(self.rule_id)
        limits = thresholds.of(MissedVisitSettings)
        if not told and not (state.visits and (_clocks_in_live(state, limits) or not limits.late_needs_live_feed)):
            return
        visiting = Visiting(state, now, thresholds)
        late = timedelta(minutes=limits.late_after_minutes)
        ahead: list[datetime] = []
        for seen in visiting.visits:
            if _is_awaited(seen, visiting) and seen.starts_at + late > now:
                ahead.append(seen.starts_at + late)
            elif _is_awaited(seen, visiting) and not visiting.feed_is_silent:
                yield _open(seen, visiting)
            elif seen.visit_id in told:
                yield _settled(seen)
        reason = VisitReason.FEED_SILENT if visiting.feed_is_silent else VisitReason.VISIT_AWAITED
        if ahead or visiting.feed_is_silent:
            yield Watching(episode=WAITING, reason=reason, wake_at=min(ahead, default=None))


def _clocks_in_live(state: PatientState, limits: MissedVisitSettings) -> bool:
    """Whether a clock-in ever reached us before it would have been late."""
    return any(
        outcome is not None
        and outcome.kind == Notice.STARTED
        and outcome.known_at - outcome.at < limits.late_after_minutes * 60
        for outcome in (visit.outcome for visit in state.visits.values())
    )


def _is_awaited(seen: SeenVisit, visiting: Visiting) -> bool:
    """No notice and no proof; a critical one is told louder an hour after its start, any other when it is missed."""
    if seen.standing is Standing.PLANNED:
        return True
    return seen.standing is Standing.UNVERIFIED and not seen.visit.plan.critical and not visiting.feed_is_silent


def _open(seen: SeenVisit, visiting: Visiting) -> Open:
    limits = visiting.limits
    unverified_at = seen.starts_at + timedelta(minutes=limits.unverified_after_minutes)
    missed_at = moment_of(seen.visit.plan.end) + timedelta(hours=limits.missed_after_hours)
    return Open(
        episode=seen.visit_id,
        tier=Tier.P4,
        reason=VisitReason.VISIT_LATE,
        explanation=VisitReason.VISIT_LATE.say(
            discipline=SPOKEN[seen.visit.discipline], start=spoken_time(seen.starts_at, visiting.zone)
        ),
        next_step=NEXT_STEP,
        due_at=unverified_at,
        audience=(Role.AGENCY,),
        labels=seen.visit.labels,
        wake_at=unverified_at if seen.visit.plan.critical else missed_at,
    )


def _settled(seen: SeenVisit) -> Settled:
    if seen.is_delivered:
        return _over(seen, CloseReason.EVIDENCE, VisitReason.VISIT_PROVEN)
    if seen.standing is Standing.NOT_COUNTED:
        return _over(seen, CloseReason.WITHDRAWN, VisitReason.NOT_COUNTED)
    return _over(seen, CloseReason.SUPERSEDED, VisitReason.VISIT_UNVERIFIED_TOLD)


def _over(seen: SeenVisit, close_reason: CloseReason, reason: Reason) -> Settled:
    return Settled(episode=seen.visit_id, close_reason=close_reason, reason=reason)
