"""How plans of care, goals, tasks, leave and flags become belief."""

from datetime import date

from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.plans import (
    CarePlan,
    CareTask,
    Flag,
    Goal,
    Leave,
    Recommendation,
    RecommendationEnd,
    Recommended,
)
from care_scoring.core.state.statements import envelope_of, tell, told
from care_shared.contracts.care_events import (
    CarePlanUpdated,
    CareTaskChanged,
    FlagChanged,
    FollowUpRecommended,
    GoalStated,
    LeavePlanned,
)

LONGEST_NAME = 80  # of what is recommended; names of services come from outside
PlanFact = CarePlanUpdated | GoalStated | CareTaskChanged | FlagChanged | LeavePlanned | FollowUpRecommended


def note_plan(state: PatientState, event: PlanFact) -> None:
    """One statement."""
    match event:
        case CarePlanUpdated():
            tell(state.care_plans, event.plan_id, CarePlan(*envelope_of(event), event.active))
        case GoalStated():
            tell(state.goals, event.goal_id, _goal(event))
        case CareTaskChanged():
            tell(state.care_tasks, event.task_id, _task(event))
        case FollowUpRecommended():
            _note_recommendation(state, event)
        case FlagChanged():
            flag = Flag(*envelope_of(event), event.flag.system, event.flag.code, event.category, event.active)
            tell(state.flags, event.flag_id, flag)
        case LeavePlanned():
            envelope = envelope_of(event, void=event.cancelled)
            tell(state.leaves, event.leave_id, Leave(*envelope, event.starts_on, event.ends_on or date.max))


def _note_recommendation(state: PatientState, event: FollowUpRecommended) -> None:
    held = state.recommendations.setdefault(event.recommendation_id, Recommendation())
    if event.ended is not None:
        held.ended = told(held.ended, RecommendationEnd(*envelope_of(event), event.ended))
        return
    service = (event.service.display or event.service.code) if event.service else ""
    held.recommended = told(held.recommended, Recommended(*envelope_of(event), service[:LONGEST_NAME], event.due_on))


def _task(event: CareTaskChanged) -> CareTask:
    return CareTask(
        *envelope_of(event),
        event.status,
        event.kind.code if event.kind else "",
        event.owner or "",
        event.gap_id,
        event.due_at,
        event.recommendation_id or "",
    )


def _goal(event: GoalStated) -> Goal:
    return Goal(
        *envelope_of(event),
        event.goal.code if event.goal else "",
        event.measure.code if event.measure else "",
        event.low,
        event.high,
        event.unit,
        event.due_on,
        event.active,
    )
