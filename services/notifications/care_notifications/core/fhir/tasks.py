"""A partner's task as a FHIR Task: what, about whom, by when, and whom to call."""

from dataclasses import dataclass

from care_notifications.core.fhir.issues import PRIORITIES
from care_notifications.core.fhir.names import Names, Resource, instant, present
from care_notifications.core.partner_tasks import PartnerTask
from care_shared.contracts.care_alerts import CareAlert


@dataclass(frozen=True, slots=True)
class Lead:
    """Who answers for the patient with us, and how to reach them: it travels with what a partner gets."""

    person: str
    display_name: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Around:
    """What travels with a task when it is agreed: whom to call, and what to mind."""

    lead: Lead | None = None
    instructions: str = ""


def task_resource(task: PartnerTask, alert: CareAlert, around: Around, names: Names) -> Resource:
    """The Task of one partner. Its version is counted by what either side did."""
    return present(
        resourceType="Task",
        id=task.task_id,
        meta={"versionId": str(task.version), "lastUpdated": instant(task.updated_at)},
        contained=[_practitioner(around.lead, names)] if around.lead else [],
        identifier=[names.identifier("task", task.task_id)],
        status=task.status.value,
        statusReason=_reason(task, names),
        intent="order",
        priority=PRIORITIES[task.tier],
        code=names.code("rule", alert.rule_id, alert.reason) if alert.rule_id else None,
        description=alert.next_step,
        focus={"reference": f"DetectedIssue/{task.gap_id}"},
        for_=names.patient(task.patient_id),
        authoredOn=instant(task.requested_at),
        lastModified=instant(task.updated_at),
        requester={"reference": "#lead"} if around.lead else None,
        owner={"type": "Organization", "identifier": names.identifier("organization", task.organization)},
        note=[{"text": task.note}] if task.note else [],
        restriction={"period": {"end": instant(alert.due_at)}} if alert.due_at else None,
        input=_input(task, around),
        output=_output(task, names),
    )


def _practitioner(lead: Lead, names: Names) -> Resource:
    return present(
        resourceType="Practitioner",
        id="lead",
        identifier=[names.identifier("person", lead.person)],
        name=[{"text": lead.display_name}],
        telecom=[{"system": "phone", "value": lead.phone, "use": "work"}] if lead.phone else [],
    )


def _reason(task: PartnerTask, names: Names) -> Resource | None:
    return names.code("task-reason", task.reason) if task.reason else None


def _input(task: PartnerTask, around: Around) -> list[Resource]:
    found: list[Resource] = [{"type": {"text": "answer-by"}, "valueDateTime": instant(task.answer_by)}]
    if around.instructions:
        found.append({"type": {"text": "care-instructions"}, "valueString": around.instructions})
    return found


def _output(task: PartnerTask, names: Names) -> list[Resource]:
    if not task.outcome:
        return []
    return [{"type": {"text": "outcome"}, "valueCodeableConcept": names.code("task-outcome", task.outcome)}]
