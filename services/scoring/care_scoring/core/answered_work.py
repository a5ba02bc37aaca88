"""Whether somebody did, or is doing, the work that a care gap asked for, as far as tasks tell."""

from datetime import datetime

from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.plans import CareTask
from care_shared.contracts.care_alerts import Evidence
from care_shared.contracts.envelope import derived_id

COMPLETED = "completed"
UNDER_WAY = frozenset({"requested", "received", "accepted", "ready", "in-progress", "on-hold"})


def tasks_for(state: PatientState, rule_id: str, episode: str) -> list[CareTask]:
    """The tasks that name this gap, oldest first."""
    if not state.care_tasks:
        return []
    gap_id = derived_id(state.patient_id, rule_id, episode)
    naming = [task for task in state.care_tasks.values() if task.gap_id == gap_id and not task.void]
    return sorted(naming, key=lambda task: (task.at, task.event))


def work_done(state: PatientState, rule_id: str, episode: str, since: datetime) -> CareTask | None:
    """The first task for this gap that a person completed at or after a moment."""
    tasks = tasks_for(state, rule_id, episode)
    return next((task for task in tasks if task.status == COMPLETED and task.at >= since), None)


def task_evidence(task: CareTask) -> tuple[Evidence, ...]:
    """The task as evidence."""
    return (Evidence(event_id=task.event_id, what="Task completed", at=task.at),)
