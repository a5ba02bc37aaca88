"""A visit the patient cannot do without (insulin, ventilator, IV) is missed within the hour, not within the day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from care_scoring.core.about import About, Unless
from care_scoring.core.calendar import spoken_time
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
from care_shared.vocabulary import CloseReason, MissedVisitReason, Role, Tier

RULE_ID = "VISIT-CRITICAL"
NEXT_STEP = "Call the agency's on-call line now, then the patient; put the back-up plan to work."
ABOUT = About(
    sentence="A critical home visit that is not verified an hour after its start is presumed missed, P1.",
    sources=("[D] an hour without proof", "[C] state EVV reason codes: which count and which excuse"),
    settings=(MissedVisitSettings,),
    weighs=frozenset({Unless.INPATIENT}),
    vectors=("rule 3", "V5", "section 4.2"),
)


@dataclass(frozen=True, slots=True)
class CriticalVisit:
    """VISIT-CRITICAL: a critical service not verified an hour after its start is presumed missed, P1.

    A silent visit feed does not silence this rule: the patient may be without insulin. A call that confirms the visit
    arrives as its proof.
    """

    rule_id: str = RULE_ID
    version: int = 2  # since 2 an unsafe way does not excuse a critical visit
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = PERSON_FACTS | STAY_FACTS | VISIT_FACTS | {ClockTicked}
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One episode per critical visit."""
        if not any(visit.plan.critical for visit in state.visits.values()):
            return
        visiting = Visiting(state, now, thresholds)
        told = state.open_episodes(self.rule_id)
        for seen in visiting.visits:
            if not seen.visit.plan.critical:
                continue
            verdict = _judged(seen, visiting)
            if not isinstance(verdict, Settled) or seen.visit_id in told:
                yield verdict


def _judged(seen: SeenVisit, visiting: Visiting) -> Verdict:
    limits = visiting.limits
    unverified_at = seen.starts_at + timedelta(minutes=limits.unverified_after_minutes)
    if seen.standing is Standing.NOT_COUNTED and seen.changes_at is not None:
        return Watching(episode=seen.visit_id, reason=VisitReason.NOT_COUNTED, wake_at=seen.changes_at)
    settled = _settled(seen, visiting, unverified_at)
    if settled is not None:
        return settled
    if seen.standing is Standing.PLANNED:
        return Watching(episode=seen.visit_id, reason=VisitReason.VISIT_AWAITED, wake_at=unverified_at)
    reason = VisitReason.CRITICAL_VISIT_MISSED if seen.evidence else VisitReason.CRITICAL_VISIT_UNVERIFIED
    reason = VisitReason.CRITICAL_VISIT_UNSAFE if _is_unsafe(seen) else reason
    return Open(
        episode=seen.visit_id,
        tier=Tier.P1,
        reason=reason,
        explanation=reason.say(
            discipline=SPOKEN[seen.visit.discipline],
            start=spoken_time(seen.starts_at, visiting.zone),
            why=seen.why,
        ),
        next_step=NEXT_STEP,
        evidence=seen.evidence,
        due_at=unverified_at + timedelta(minutes=limits.unverified_after_minutes),
        audience=(Role.AGENCY, Role.CARE_MANAGER),
        labels=seen.visit.labels,
        wake_at=seen.starts_at + timedelta(days=limits.expires_after_days, seconds=1),
    )


def _settled(seen: SeenVisit, visiting: Visiting, unverified_at: datetime) -> Settled | None:
    if seen.is_delivered:
        late = seen.was_told_missed or seen.proven_later_than(unverified_at)
        reason = VisitReason.VISIT_PROVEN_LATE if late else VisitReason.VISIT_PROVEN
        return _over(seen, CloseReason.LATE_EVIDENCE if late else CloseReason.EVIDENCE, reason)
    if visiting.admitted_since(seen.starts_at) or visiting.state.is_away(seen.starts_at):
        return _over(seen, CloseReason.SUPERSEDED, PersonReason.INPATIENT)
    if seen.standing is Standing.NOT_COUNTED and not _is_unsafe(seen):
        return Settled(
            episode=seen.visit_id,
            close_reason=CloseReason.WITHDRAWN,
            reason=VisitReason.NOT_COUNTED,
            explanation=f"{VisitReason.NOT_COUNTED.sentence} Why: {seen.why}.",
        )
    if _seen_since(seen, visiting):
        return _over(seen, CloseReason.EVIDENCE, VisitReason.CARE_RESUMED)
    if visiting.now > seen.starts_at + timedelta(days=visiting.limits.expires_after_days):
        return _over(seen, CloseReason.EXPIRED, CommonReason.TOO_LONG_AGO)
    return None


def _is_unsafe(seen: SeenVisit) -> bool:
    """Storm or danger excuses the agency, and leaves the patient without insulin all the same (4.2)."""
    return seen.visit.missed_reason is MissedVisitReason.WEATHER_UNSAFE


def _over(seen: SeenVisit, close_reason: CloseReason, reason: Reason) -> Settled:
    return Settled(episode=seen.visit_id, close_reason=close_reason, reason=reason)


def _seen_since(seen: SeenVisit, visiting: Visiting) -> bool:
    """Whether a later visit of the same discipline was delivered."""
    return any(
        other.is_delivered and other.starts_at > seen.starts_at and other.visit.discipline is seen.visit.discipline
        for other in visiting.visits
    )
