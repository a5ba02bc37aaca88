"""What is planned between visits becomes facts that scoring reads like any other: a visit, a contact to come."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, assert_never

from care_shared.contracts.care_events import AppointmentBooked, CareEvent, CareTaskChanged, CodedConcept
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import EventId, PatientId, SourceId

SOURCE = SourceId("worklist")
TASKS = "urn:carelead:task"
PLANNED_CONTACT = "planned-contact"


@dataclass(frozen=True, slots=True)
class PlanVisit:
    """An appointment was made; its id came with the form, so saying it twice is booking it once."""

    act_id: str
    starts_at: datetime
    specialty: str
    telehealth: bool


@dataclass(frozen=True, slots=True)
class PlanContact:
    """Somebody will call by then."""

    act_id: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class ContactDone:
    """The planned contact took place, or is not needed any more."""

    act_id: str
    task_id: str


Plan = PlanVisit | PlanContact | ContactDone


def fact_of(plan: Plan, patient_id: PatientId, now: datetime) -> CareEvent:
    """The fact of one plan. Its id follows from the form's: a retry is the same fact."""
    told: dict[str, Any] = {
        "event_id": EventId(derived_id("patient-plan", type(plan).__name__, plan.act_id)),
        "patient_id": patient_id, "occurred_at": now, "recorded_at": now, "source": SOURCE,
    }  # fmt: skip
    kind = CodedConcept(system=TASKS, code=PLANNED_CONTACT, display="Planned contact")
    match plan:
        case PlanVisit():
            return AppointmentBooked(
                **told, appointment_id=plan.act_id, starts_at=plan.starts_at.astimezone(UTC),
                specialty=plan.specialty, telehealth=plan.telehealth,
            )  # fmt: skip
        case PlanContact():
            return CareTaskChanged(
                **told, task_id=plan.act_id, status="requested", kind=kind, due_at=plan.due_at.astimezone(UTC)
            )
        case ContactDone():
            return CareTaskChanged(**told, task_id=plan.task_id, status="completed", kind=kind)
        case _:
            assert_never(plan)
