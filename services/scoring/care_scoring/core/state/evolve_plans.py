"""How plans of care, goals, tasks, leave and flags become belief."""

from datetime import date

from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.plans import CarePlan, CareTask, Flag, Goal, Leave
from care_scoring.core.state.statements import envelope_of, tell
from care_shared.contracts.care_events import CarePlanUpdated, CareTaskChanged, FlagChanged, GoalStated, LeavePlanned

PlanFact = CarePlanUpdated | GoalStated | CareTaskChanged | FlagChanged | LeavePlanned


def note_plan(state: PatientState, event: PlanFact) -> None:
    """One statement."""
    match event:
        case CarePlanUpdated():
            tell(state.care_plans, event.plan_id, CarePlan(*envelope_of(event), event.active))
        case GoalStated():
            tell(state.goals, event.goal_id, _goal(event))
        case CareTaskChanged():
            kind = event.kind.code if event.kind else ""
            task = CareTask(*envelope_of(event), event.status, kind, event.owner or "", event.gap_id, event.due_at)
            tell(state.care_tasks, event.task_id, task)
        case FlagChanged():
            flag = Flag(*envelope_of(event), event.flag.system, event.flag.code, event.category, event.active)
            tell(state.flags, event.flag_id, flag)
        case LeavePlanned():
            envelope = envelope_of(event, void=event.cancelled)
            tell(state.leaves, event.leave_id, Leave(*envelope, event.starts_on, event.ends_on or date.max))


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
