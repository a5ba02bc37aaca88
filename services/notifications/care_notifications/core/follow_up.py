"""What a person does about an alert becomes facts that scoring reads like any other, with the alert's labels."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, assert_never

from care_notifications.core.next_steps.library import CoreService
from care_shared.contracts.care_alerts import CareAlert
from care_shared.contracts.care_events import (
    AlertOutcomeStated,
    AlertRated,
    AppointmentBooked,
    CareEvent,
    CodedConcept,
    MedicationsReconciled,
    NextStepTaken,
    ServiceRecorded,
)
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import ActivityKind, EventId, PersonId, SourceId

SOURCE = SourceId("worklist")
CORE_SERVICES = "urn:carelead:core-service"


class NotUseful(StrEnum):
    """Why an alert was not worth its reader's time."""

    KNOWN = "known"
    WRONG = "wrong"
    LATE = "late"
    REPEATED = "repeated"
    NOTHING_TO_DO = "nothing-to-do"
    NOT_OURS = "not-ours"


class ReconciledBy(StrEnum):
    """Whose reconciliation it was; a practical nurse's does not count (HEDIS TRC, clinical.md 1.3)."""

    PRESCRIBER = "prescriber"
    PHARMACIST = "pharmacist"
    NURSE = "RN"
    PRACTICAL_NURSE = "LPN"


@dataclass(frozen=True, slots=True)
class VisitBooked:
    """An appointment was made; its id came with the form, so saying it twice is booking it once."""

    act_id: str
    starts_at: datetime
    specialty: str
    telehealth: bool


@dataclass(frozen=True, slots=True)
class MedicinesReconciled:
    """The lists were compared and settled."""

    act_id: str
    by: ReconciledBy


@dataclass(frozen=True, slots=True)
class Rated:
    """Useful, or not and why."""

    act_id: str
    useful: bool
    reason: NotUseful | None = None


@dataclass(frozen=True, slots=True)
class StepTaken:
    """A step of the library; `core_service` only for a member of a Health Home, `leaflet` where it is sent by this."""

    act_id: str
    step: str
    core_service: CoreService | None = None
    leaflet: str = ""


@dataclass(frozen=True, slots=True)
class OutcomeStated:
    """How the alert ended, by a person's word."""

    act_id: str
    outcome: str


Act = VisitBooked | MedicinesReconciled | Rated | StepTaken | OutcomeStated

KINDS: Mapping[type[Act], ActivityKind] = {
    VisitBooked: ActivityKind.VISIT_BOOKED,
    MedicinesReconciled: ActivityKind.MEDICINES_RECONCILED,
    Rated: ActivityKind.RATED,
    StepTaken: ActivityKind.STEP_TAKEN,
}


def codes_of(act: Act) -> dict[str, str]:
    """What is kept and told of the act, in codes."""
    match act:
        case VisitBooked():
            return {
                "starts_at": act.starts_at.astimezone(UTC).isoformat(),
                "by": "video" if act.telehealth else "in-person",
            }
        case MedicinesReconciled():
            return {"role": act.by.value}
        case Rated():
            return {"useful": "yes" if act.useful else "no"} | ({"reason": act.reason.value} if act.reason else {})
        case StepTaken():
            return {"step": act.step} | ({"core_service": act.core_service.value} if act.core_service else {})
        case OutcomeStated():
            return {"outcome": act.outcome}
        case _:
            assert_never(act)


def facts_of(act: Act, alert: CareAlert, person: PersonId, now: datetime) -> tuple[CareEvent, ...]:
    """The facts of one act. Their ids follow from the act's: a retry is the same fact."""
    about: dict[str, Any] = {"gap_id": alert.gap_id, "rule_id": alert.rule_id, "by": person}
    match act:
        case VisitBooked():
            return (
                AppointmentBooked(
                    **_envelope(act, alert, now), appointment_id=act.act_id, starts_at=act.starts_at,
                    specialty=act.specialty, telehealth=act.telehealth,
                ),
            )  # fmt: skip
        case MedicinesReconciled():
            return (MedicationsReconciled(**_envelope(act, alert, now), by_role=act.by.value),)
        case Rated():
            reason = act.reason.value if act.reason else ""
            return (AlertRated(**_envelope(act, alert, now), **about, useful=act.useful, reason=reason),)
        case StepTaken():
            return tuple(_step_facts(act, alert, about, now))
        case OutcomeStated():
            return (AlertOutcomeStated(**_envelope(act, alert, now), **about, outcome=act.outcome),)
        case _:
            assert_never(act)


def _step_facts(act: StepTaken, alert: CareAlert, about: dict[str, Any], now: datetime) -> list[CareEvent]:
    service = act.core_service.value if act.core_service else ""
    taken = NextStepTaken(
        **_envelope(act, alert, now), **about, step_id=act.act_id, step=act.step, core_service=service
    )
    if not service:
        return [taken]
    given = ServiceRecorded(
        **_envelope(act, alert, now, "service"),
        service_id=act.act_id,
        service=CodedConcept(system=CORE_SERVICES, code=service),
    )
    return [taken, given]


def _envelope(act: Act, alert: CareAlert, now: datetime, part: str = "") -> dict[str, Any]:
    name = type(act).__name__
    return {
        "event_id": EventId(derived_id("worklist-act", name, act.act_id, part)),
        "patient_id": alert.patient_id,
        "occurred_at": now,
        "recorded_at": now,
        "source": SOURCE,
        "labels": alert.labels,
    }
