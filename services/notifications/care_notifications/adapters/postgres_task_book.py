"""The partner's task of an alert follows the alert, in the transaction that keeps it."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from care_notifications.adapters.activity import event_row
from care_notifications.adapters.postgres_agreements import agreements_of
from care_notifications.core.agreements import reason_not_agreed
from care_notifications.core.local_time import zone_named
from care_notifications.core.partner_tasks import UNANSWERED, PartnerTask, TaskStatus, answer_by, asked, follow
from care_notifications.core.state import AlertRecord, Channel
from care_shared.business_days import BusinessCalendar
from care_shared.contracts.care_alerts import CareAlert
from care_shared.contracts.care_events import CareTaskChanged
from care_shared.contracts.envelope import derived_id
from care_shared.runtime.outbox import Row, enqueue
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import EventId, GapId, OrganizationId, PatientId, SourceId, Tier

TASKS_OF_ROUND = "SELECT * FROM partner_tasks WHERE gap_id = $1 AND round <= $2 ORDER BY task_id FOR UPDATE"
KEEP_TASK = """
INSERT INTO partner_tasks (task_id, gap_id, round, organization_id, patient_id, status, version, tier, reason, note,
    outcome, requested_at, updated_at, answer_by, silent_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
ON CONFLICT (task_id) DO UPDATE SET status = $6, version = $7, tier = $8, reason = $9, note = $10, outcome = $11,
    updated_at = $13, answer_by = $14, silent_at = $15
"""
SOURCE = SourceId("partner")


class PostgresTaskBook:
    """The tasks of the alerts that one transaction keeps."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def follow(self, alert: CareAlert, record: AlertRecord, now: datetime) -> None:
        """Ask the agency for what is new, and let go of what is over or no longer theirs."""
        home = zone_named(alert.patient.home_zone)  # an agency works where its patients live
        due = answer_by(alert.tier, now, home, BusinessCalendar())
        rows = await self._connection.fetch(TASKS_OF_ROUND, record.gap_id, record.round)
        for task in map(task_of, rows):
            after = follow(task, alert, record, due, now)
            if after is not None:
                await keep_task(self._connection, after)
                if after.status is not task.status and task.status not in UNANSWERED:
                    await enqueue(self._connection, [fact_row(after, alert, now)])
        new = asked(alert, record, due, now)
        if new is None or new.task_id in {row["task_id"] for row in rows}:
            return
        # Only for those with whom FHIR is agreed: whoever does not speak it with us is not silent.
        agreements = await agreements_of(self._connection, new.organization)
        if reason_not_agreed(agreements, alert.rule_id, Channel.FHIR, now) is None:
            await keep_task(self._connection, new)


async def keep_task(connection: Connection, task: PartnerTask) -> None:
    """Keep a task as it is now."""
    await connection.execute(KEEP_TASK, *_columns(task))


def fact_row(task: PartnerTask, alert: CareAlert, now: datetime) -> Row:
    """What became of the partner's work, as a fact: scoring decides what it means."""
    fact = CareTaskChanged(
        event_id=EventId(derived_id("care-task", task.task_id, str(task.version))),
        patient_id=task.patient_id,
        occurred_at=now,
        recorded_at=now,
        source=SOURCE,
        task_id=task.task_id,
        status=task.status.value,
        owner=task.organization,
        gap_id=task.gap_id,
        due_at=alert.due_at,
    )
    return event_row(fact, fact.type)


def task_of(row: asyncpg.Record) -> PartnerTask:
    """The task in a row that has its columns."""
    return PartnerTask(
        task_id=row["task_id"],
        gap_id=GapId(row["gap_id"]),
        round=row["round"],
        organization=OrganizationId(row["organization_id"]),
        patient_id=PatientId(row["patient_id"]),
        status=TaskStatus(row["status"]),
        version=row["version"],
        tier=Tier(row["tier"]),
        requested_at=row["requested_at"],
        updated_at=row["updated_at"],
        answer_by=row["answer_by"],
        reason=row["reason"],
        note=row["note"],
        outcome=row["outcome"],
        silent_at=row["silent_at"],
    )


def _columns(task: PartnerTask) -> Sequence[object]:
    return (
        task.task_id, task.gap_id, task.round, task.organization, task.patient_id, task.status, task.version,
        task.tier, task.reason, task.note, task.outcome, task.requested_at, task.updated_at, task.answer_by,
        task.silent_at,
    )  # fmt: skip
