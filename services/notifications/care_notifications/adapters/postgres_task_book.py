"""The partner's task of an alert follows the alert, in the transaction that keeps it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import asyncpg

from care_notifications.adapters.activity import event_row
from care_notifications.adapters.postgres_agreements import Agreements
from care_notifications.adapters.postgres_events import AlertNews
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

TASKS_OF_GAPS = "SELECT * FROM partner_tasks WHERE gap_id = ANY($1::text[]) ORDER BY task_id FOR UPDATE"
KEEP_TASK = """
INSERT INTO partner_tasks (task_id, gap_id, round, organization_id, patient_id, status, version, tier, reason, note,
    outcome, requested_at, updated_at, answer_by, silent_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
ON CONFLICT (task_id) DO UPDATE SET status = $6, version = $7, tier = $8, reason = $9, note = $10, outcome = $11,
    updated_at = $13, answer_by = $14, silent_at = $15
"""
SOURCE = SourceId("partner")
ANSWERING = (Channel.FHIR, Channel.PORTAL)


class PostgresTaskBook:
    """The tasks of the alerts that one transaction keeps."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def follow(self, news: Sequence[AlertNews], agreements: Agreements, now: datetime) -> None:
        """Ask agencies for what is new, and let go of what is over or no longer theirs, one alert after the other."""
        tasks = await self._tasks({record.gap_id for _, record in news})
        changed: dict[str, PartnerTask] = {}
        facts: list[Row] = []
        for alert, record in news:
            of_gap = tasks[record.gap_id]
            for before, after in _followed(of_gap, alert, record, agreements, now):
                of_gap[after.task_id] = changed[after.task_id] = after
                if before is not None and after.status is not before.status and before.status not in UNANSWERED:
                    facts.append(fact_row(after, alert, now))
        if changed:
            await self._connection.executemany(KEEP_TASK, [_columns(one) for one in changed.values()])
        await enqueue(self._connection, facts)

    async def _tasks(self, gaps: Iterable[GapId]) -> defaultdict[GapId, dict[str, PartnerTask]]:
        found: defaultdict[GapId, dict[str, PartnerTask]] = defaultdict(dict)
        for task in map(task_of, await self._connection.fetch(TASKS_OF_GAPS, list(gaps))):
            found[task.gap_id][task.task_id] = task
        return found


def _followed(
    tasks: Mapping[str, PartnerTask], alert: CareAlert, record: AlertRecord, agreements: Agreements, now: datetime
) -> list[tuple[PartnerTask | None, PartnerTask]]:
    """Each task that is another one after this news, and the one it was; None for a new one."""
    if not tasks and alert.care_team.agency is None:
        return []
    home = zone_named(alert.patient.home_zone)  # an agency works where its patients live
    due = answer_by(alert.tier, now, home, BusinessCalendar())
    found: list[tuple[PartnerTask | None, PartnerTask]] = [
        (task, after)
        for task in tasks.values()
        if task.round <= record.round and (after := follow(task, alert, record, due, now)) is not None
    ]
    new = asked(alert, record, due, now)
    # Only for those who can answer, over FHIR or in the portal: whoever has agreed neither is not silent.
    if new is not None and new.task_id not in tasks and _is_agreed(new, alert, agreements, now):
        found.append((None, new))
    return found


def _is_agreed(task: PartnerTask, alert: CareAlert, agreements: Agreements, now: datetime) -> bool:
    own = agreements.get(task.organization, ())
    return any(reason_not_agreed(own, alert.rule_id, door, now) is None for door in ANSWERING)


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
