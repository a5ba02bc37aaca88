"""An alert for a partner is a task that it accepts, declines, starts and completes; its silence is noticed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from care_notifications.core.fhir.issues import shareable
from care_notifications.core.state import AlertRecord, is_closed, is_over
from care_shared.business_days import BusinessCalendar, at_local
from care_shared.contracts.care_alerts import CareAlert
from care_shared.contracts.envelope import derived_id
from care_shared.vocabulary import ActivityKind, CloseReason, GapId, OrganizationId, PatientId, Tier


class TaskStatus(StrEnum):
    """FHIR's task-status, as far as a partner and we use it."""

    REQUESTED = "requested"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class DeclineReason(StrEnum):
    """Why a partner does not do it, or could not."""

    NO_CAPACITY = "no-capacity"
    OUT_OF_AREA = "out-of-area"
    NOT_OUR_PATIENT = "not-our-patient"
    PATIENT_REFUSED = "patient-refused"
    PATIENT_UNREACHABLE = "patient-unreachable"
    ALREADY_DONE = "already-done"
    OTHER = "other"


class TaskOutcome(StrEnum):
    """What came of it."""

    VISIT_MADE = "visit-made"
    VISIT_SCHEDULED = "visit-scheduled"
    PATIENT_REACHED = "patient-reached"
    HANDED_ON = "handed-on"
    NOT_NEEDED = "not-needed"
    OTHER = "other"


OVER = frozenset({TaskStatus.REJECTED, TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED})
UNANSWERED = frozenset({TaskStatus.REQUESTED, TaskStatus.RECEIVED})
GIVEN_BACK = frozenset({TaskStatus.REJECTED, TaskStatus.FAILED})
S = TaskStatus
# What a partner may do; to cancel is ours.
NEXT: Mapping[TaskStatus, frozenset[TaskStatus]] = {
    S.REQUESTED: frozenset({S.RECEIVED, S.ACCEPTED, S.REJECTED, S.IN_PROGRESS, S.COMPLETED}),
    S.RECEIVED: frozenset({S.ACCEPTED, S.REJECTED, S.IN_PROGRESS, S.COMPLETED}),
    S.ACCEPTED: frozenset({S.IN_PROGRESS, S.COMPLETED, S.REJECTED, S.FAILED}),
    S.IN_PROGRESS: frozenset({S.COMPLETED, S.FAILED}),
}
ACTIVITIES: Mapping[TaskStatus, ActivityKind] = {
    S.RECEIVED: ActivityKind.PARTNER_RECEIVED,
    S.ACCEPTED: ActivityKind.PARTNER_ACCEPTED,
    S.REJECTED: ActivityKind.PARTNER_DECLINED,
    S.IN_PROGRESS: ActivityKind.PARTNER_STARTED,
    S.COMPLETED: ActivityKind.PARTNER_COMPLETED,
    S.FAILED: ActivityKind.PARTNER_FAILED,
}
AFTER_CLOSING = {
    CloseReason.EVIDENCE: S.COMPLETED,
    CloseReason.LATE_EVIDENCE: S.COMPLETED,
    CloseReason.WITHDRAWN: S.CANCELLED,
    CloseReason.SUPERSEDED: S.CANCELLED,
    CloseReason.EXPIRED: S.FAILED,
}
NO_LONGER_YOURS, RESOLVED = "no-longer-yours", "resolved"

ANSWER_P1 = timedelta(minutes=30)
LEAST_P2 = timedelta(hours=2)
END_OF_DAY = time(17)
BUSINESS_DAYS = {Tier.P3: 2, Tier.P4: 10}


@dataclass(frozen=True, slots=True)
class PartnerTask:
    """One task as it stands. `reason` and `outcome` are codes; `note` is what the partner wrote for a person."""

    task_id: str
    gap_id: GapId
    round: int
    organization: OrganizationId
    patient_id: PatientId
    status: TaskStatus
    version: int
    tier: Tier
    requested_at: datetime
    updated_at: datetime
    answer_by: datetime
    reason: str | None = None
    note: str | None = None
    outcome: str | None = None
    silent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What a partner says about a task."""

    status: TaskStatus
    reason: DeclineReason | None = None
    note: str | None = None
    outcome: TaskOutcome | None = None


def task_id_of(record: AlertRecord, organization: OrganizationId) -> str:
    """The same round of a gap and organisation always give the same task."""
    return derived_id("partner-task", record.gap_id, str(record.round), organization)


def answer_by(tier: Tier, asked_at: datetime, zone: ZoneInfo, calendar: BusinessCalendar) -> datetime:
    """By when a partner answers: P1 half an hour, P2 the same business day, P3 two business days (clinical.md 8.3)."""
    if tier is Tier.P1:
        return asked_at + ANSWER_P1
    day = asked_at.astimezone(zone).date()
    if tier in BUSINESS_DAYS:
        return at_local(calendar.business_day_after(day, BUSINESS_DAYS[tier]), END_OF_DAY, zone)
    today = at_local(day, END_OF_DAY, zone)
    if calendar.is_business_day(day) and today - asked_at >= LEAST_P2:
        return today
    return at_local(calendar.business_day_after(day, 1), END_OF_DAY, zone)


def asked(alert: CareAlert, record: AlertRecord, due: datetime, now: datetime) -> PartnerTask | None:
    """The task that this alert asks of its agency, or None when it asks none."""
    agency = alert.care_team.agency
    if agency is None or is_over(record.state) or not shareable(alert):
        return None
    return PartnerTask(
        task_id=task_id_of(record, agency),
        gap_id=record.gap_id,
        round=record.round,
        organization=agency,
        patient_id=record.patient_id,
        status=TaskStatus.REQUESTED,
        version=1,
        tier=record.tier,
        requested_at=now,
        updated_at=now,
        answer_by=due,
    )


def follow(
    task: PartnerTask, alert: CareAlert, record: AlertRecord, due: datetime, now: datetime
) -> PartnerTask | None:
    """The task after news of its alert, or None when they change nothing for it. Its status is the partner's
    until the gap closes, somebody of ours resolves the alert, or the patient is no longer theirs.
    """
    if task.status in OVER:
        return None
    if is_over(record.state) and is_closed(alert):
        reason = alert.close_reason or CloseReason.EVIDENCE
        return replace(_changed(task, now), status=AFTER_CLOSING[reason], reason=reason.value)
    if is_over(record.state) or record.round > task.round:
        return replace(_changed(task, now), status=TaskStatus.CANCELLED, reason=RESOLVED)
    if not shareable(alert) or alert.care_team.agency != task.organization:
        return replace(_changed(task, now), status=TaskStatus.CANCELLED, reason=NO_LONGER_YOURS)
    if alert.tier < task.tier:
        return replace(_changed(task, now), tier=alert.tier, answer_by=min(due, task.answer_by))
    return None


def say(task: PartnerTask, said: Said, now: datetime) -> PartnerTask | None:
    """The task after what its partner says; None when it cannot be said of a task that stands so."""
    if said.status not in NEXT.get(task.status, frozenset()):
        return None
    after = replace(_changed(task, now), status=said.status, reason=said.reason, outcome=said.outcome)
    return replace(after, note=said.note or task.note)


def silent_since(task: PartnerTask, now: datetime) -> datetime | None:
    """Since when the partner owes an answer; None when it owes none."""
    return task.answer_by if task.status in UNANSWERED and task.answer_by <= now else None


def grown_silent(task: PartnerTask, now: datetime) -> PartnerTask | None:
    """The task once its silence is noticed; None when there is none, or it was noticed before."""
    return replace(task, silent_at=now) if task.silent_at is None and silent_since(task, now) else None


def _changed(task: PartnerTask, now: datetime) -> PartnerTask:
    return replace(task, version=task.version + 1, updated_at=now)
