"""What a report recommends, such as imaging in six months, becomes somebody's work within a week."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from care_scoring.core.about import About, Unless
from care_scoring.core.answered_work import COMPLETED, UNDER_WAY, tasks_for
from care_scoring.core.calendar import end_of_day, local_date, spoken_day
from care_scoring.core.effects import ClockTicked
from care_scoring.core.reasons.common import CommonReason
from care_scoring.core.reasons.reason import Reason
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.plans import CareTask, RecommendationEnd, Recommended
from care_scoring.core.suppression import FACTS_OF
from care_scoring.core.thresholds import Looser, Mark, RuleSettings, Thresholds, threshold
from care_scoring.core.told import worth_saying
from care_scoring.core.verdicts import PERSON_FACTS, STAY_FACTS, Open, Settled, Verdict, Watching
from care_shared.contracts.care_alerts import Evidence
from care_shared.contracts.care_events import CareTaskChanged, FollowUpRecommended
from care_shared.vocabulary import CloseReason, ReferralEnd, Role, Tier

RULE_ID = "REC-TASK"
ONE_SECOND = timedelta(seconds=1)
NEXT_STEP = "Decide with the referring clinician who orders it and by when; make it a task, or document the decision."


class RecommendationSettings(RuleSettings):
    """REC-TASK: from a recommendation to somebody's task."""

    section: ClassVar[str] = "recommended_follow_up"

    task_days: int = threshold(
        7, Mark.DESIGN, "after the report there is a task, P3", looser=Looser.HIGHER, least=1, most=60
    )
    expires_after_days: int = threshold(
        60, Mark.DESIGN, "after the report it is history", looser=Looser.LOWER, least=14, most=110
    )


class RecommendationReason(Reason):
    """Codes and sentences."""

    NOBODY_SEES_TO_IT = (
        "recommendation_without_task",
        "The report of {day} recommends {what}{due}; nobody has a task for it after {days} days.",
    )
    TASK_AWAITED = "recommendation_task_awaited", "There is still time to give the recommendation to somebody."
    SEEN_TO = "recommendation_seen_to", "Somebody has the task, or the service was ordered or done."
    DECLINED = "recommendation_declined", "The patient declined, and that is documented."
    WITHDRAWN = "recommendation_withdrawn", "The recommendation was called off or entered by mistake."


ENDS = {
    ReferralEnd.DECLINED: (CloseReason.EVIDENCE, RecommendationReason.DECLINED),
    ReferralEnd.COMPLETED: (CloseReason.EVIDENCE, RecommendationReason.SEEN_TO),
    ReferralEnd.REVOKED: (CloseReason.WITHDRAWN, RecommendationReason.WITHDRAWN),
    ReferralEnd.ENTERED_IN_ERROR: (CloseReason.WITHDRAWN, RecommendationReason.WITHDRAWN),
}
ABOUT = About(
    sentence="What a report recommends has a task within 7 days, P3.",
    sources=(
        "[D] seven days, around CMS50",
        "[C] Callen 2012: 1 to 36 % of imaging results are not followed up",
    ),
    settings=(RecommendationSettings,),
    unless=frozenset({Unless.INPATIENT, Unless.HOSPICE, Unless.NOT_ALIGNED}),
    vectors=("section 6.3",),
)


@dataclass(frozen=True, slots=True)
class RecommendedFollowUp:
    """REC-TASK: a task that names the recommendation or the gap answers it, for as long as it is not dropped."""

    rule_id: str = RULE_ID
    version: int = 1
    scope: str = ""
    key: str = RULE_ID
    reads: frozenset[type] = (
        PERSON_FACTS | STAY_FACTS | FACTS_OF[Unless.HOSPICE] | {FollowUpRecommended, CareTaskChanged, ClockTicked}
    )
    about: About = ABOUT

    def judge(self, state: PatientState, now: datetime, thresholds: Thresholds) -> Iterator[Verdict]:
        """One episode per recommendation."""
        if state.recommendations:
            judged = (
                _judged(state, number, one.recommended, now, thresholds)
                if one.ended is None
                else _over(number, one.ended)
                for number, one in state.recommendations.items()
                if one.recommended is not None
            )
            yield from worth_saying(state, self.key, judged)


def _over(number: str, ended: RecommendationEnd) -> Settled:
    close_reason, reason = ENDS[ended.reason]
    seen = (Evidence(event_id=ended.event_id, what="Word about the recommendation", at=ended.at),)
    return Settled(episode=number, close_reason=close_reason, reason=reason, evidence=seen, labels=ended.labels)


def _judged(state: PatientState, number: str, said: Recommended, now: datetime, thresholds: Thresholds) -> Verdict:
    task = _task_for(state, number)
    if task is not None:
        seen = (Evidence(event_id=task.event_id, what="Task", at=task.at),)
        return Settled(
            episode=number,
            close_reason=CloseReason.EVIDENCE,
            reason=RecommendationReason.SEEN_TO,
            evidence=seen,
            labels=task.labels,
        )
    limits, home = thresholds.of(RecommendationSettings), state.home_zone(thresholds.home_zone)
    day = local_date(said.at, home)
    due_at = end_of_day(day + timedelta(days=limits.task_days), home)
    expires_at = end_of_day(day + timedelta(days=limits.expires_after_days), home)
    if now <= due_at:
        return Watching(episode=number, reason=RecommendationReason.TASK_AWAITED, wake_at=due_at + ONE_SECOND)
    if now > expires_at:
        return Settled(episode=number, close_reason=CloseReason.EXPIRED, reason=CommonReason.TOO_LONG_AGO)
    reason = RecommendationReason.NOBODY_SEES_TO_IT
    return Open(
        episode=number,
        tier=Tier.P3,
        reason=reason,
        explanation=reason.say(
            day=spoken_day(day),
            what=said.service or "a follow-up",
            due=f" by {spoken_day(said.due_on)}" if said.due_on else "",
            days=limits.task_days,
        ),
        next_step=NEXT_STEP,
        evidence=(Evidence(event_id=said.event_id, what="Recommendation", at=said.at),),
        due_at=due_at,
        audience=(Role.CARE_MANAGER,),
        labels=said.labels,
        wake_at=expires_at + ONE_SECOND,
    )


def _task_for(state: PatientState, number: str) -> CareTask | None:
    """The first task that somebody has or had and did; a rejected or dropped one is nobody's."""
    naming = [task for task in state.care_tasks.values() if task.recommendation == number and not task.void]
    held = [task for task in (*naming, *tasks_for(state, RULE_ID, number)) if task.status in UNDER_WAY | {COMPLETED}]
    return min(held, key=lambda task: (task.at, task.event), default=None)
