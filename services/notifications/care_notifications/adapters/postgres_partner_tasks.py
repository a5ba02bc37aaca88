"""Partners read and answer their tasks; what they say is kept, published, and handed back where it must be."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from care_notifications.adapters.activity import outbox_row
from care_notifications.adapters.postgres import NOTE_CHANGE, Ring, transaction
from care_notifications.adapters.postgres_task_book import fact_row, keep_task, task_of
from care_notifications.core.agreements import Grant
from care_notifications.core.fhir.caller import Caller
from care_notifications.core.fhir.outcomes import Problem, missing
from care_notifications.core.fhir.searches import Search
from care_notifications.core.fhir.tasks import Lead
from care_notifications.core.partner_tasks import ACTIVITIES, GIVEN_BACK, PartnerTask, Said, grown_silent, say
from care_shared.contracts.alert_activity import AlertActivity
from care_shared.contracts.care_alerts import CareAlert
from care_shared.contracts.envelope import derived_id
from care_shared.runtime.outbox import Row, enqueue
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import ActivityKind, EventId

# $1 is the partner's organisation, or NULL for our own people; $2 whether labelled alerts exist for these.
TASKS = """
SELECT partner_tasks.*, body, owner, display_name, phone
FROM partner_tasks JOIN issues USING (gap_id) JOIN alerts USING (gap_id) JOIN people ON person_id = owner
WHERE (partner_tasks.updated_at, task_id) > ($3, $4) AND partner_tasks.updated_at >= $5
    AND partner_tasks.updated_at < $6 AND ($8::text IS NULL OR partner_tasks.patient_id = $8)
    AND ($9::text IS NULL OR status = $9) AND ($10::text IS NULL OR task_id = $10)
    AND ($1::text IS NULL OR organization_id = $1) AND may_see($1, $2, issues, $11)
ORDER BY partner_tasks.updated_at, task_id LIMIT $7
"""
# The alert first, as everybody does who changes both.
LOCK_ALERT = """
SELECT body, owner, display_name, phone FROM alerts JOIN people ON person_id = owner
WHERE gap_id = (SELECT gap_id FROM partner_tasks WHERE task_id = $1) FOR UPDATE OF alerts
"""
LOCK_TASK = """
SELECT partner_tasks.* FROM partner_tasks JOIN issues USING (gap_id)
WHERE task_id = $1 AND organization_id = $2 AND may_see($2, false, issues, $3) FOR UPDATE OF partner_tasks
"""
SAVE_ACT = """
INSERT INTO acts (act_id, gap_id, patient_id, kind, done_at, done_by, reason, note)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING
"""
# Whoever took the alert trusting that the partner would do it is asked again: the escalation takes its next step now.
HAND_BACK = """
UPDATE alerts SET next_escalation_at = least(next_escalation_at, $2)
WHERE gap_id = $1 AND state IN ('acknowledged', 'in-progress', 'snoozed')
"""
SILENT = """
SELECT task_id FROM partner_tasks
WHERE status IN ('requested', 'received') AND silent_at IS NULL AND answer_by <= $1 ORDER BY answer_by LIMIT 200
"""
LOCK_ANY_TASK = "SELECT * FROM partner_tasks WHERE task_id = $1 FOR UPDATE"


@dataclass(frozen=True, slots=True)
class Shown:
    """A task with what is shown around it."""

    task: PartnerTask
    alert: CareAlert
    lead: Lead | None
    instructions: str = ""

    def seen_by(self, caller: Caller) -> "Shown":
        """The task as far as its reader may see it, with what we ask this partner to mind."""
        minimum = caller.minimum
        lead = self.lead if Grant.LEAD in minimum.grants(self.alert) else None
        return Shown(self.task, minimum.of(self.alert), lead, minimum.instructions(self.alert))


@dataclass(frozen=True, slots=True)
class Saying:
    """What a partner says about one task, and the version it knows."""

    task_id: str
    version: int
    said: Said


class PostgresPartnerTasks:
    """The tasks of all partners."""

    def __init__(self, pool: asyncpg.Pool, ring: Ring) -> None:
        """`ring` is called after each commit that changed something."""
        self._pool = pool
        self._ring = ring

    async def search(self, caller: Caller, search: Search) -> list[Shown]:
        """Tasks this caller may see, by their last change; one more than asked for when there is a next page."""
        chosen = search.chosen
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                TASKS, caller.organization, caller.may_have_labelled, search.after.at, search.after.id,
                search.span.since, search.span.until, search.size + 1,
                chosen.get("patient"), chosen.get("status"), chosen.get("_id"), caller.minimum.door,
            )  # fmt: skip
        return [shown_of(row, task_of(row)) for row in rows]

    async def say(self, caller: Caller, saying: Saying, now: datetime) -> Shown:
        """Do what the partner says, once: saying it again changes nothing. Raises Problem."""
        async with transaction(self._pool) as connection:
            alert_row = await connection.fetchrow(LOCK_ALERT, saying.task_id)
            row = await connection.fetchrow(LOCK_TASK, saying.task_id, caller.organization, caller.minimum.door)
            if row is None or alert_row is None:
                raise missing("Task")
            task = task_of(row)
            if task.status is saying.said.status:
                return shown_of(alert_row, task)
            after = _said(task, saying, now)
            alert = CareAlert.model_validate_json(alert_row["body"])
            await keep_task(connection, after)
            await _publish(connection, after, ACTIVITIES[after.status], fact_row(after, alert, now), now)
            if after.status in GIVEN_BACK:
                await connection.execute(HAND_BACK, after.gap_id, now)
        self._ring()
        return shown_of(alert_row, after)

    async def notice_silence(self, now: datetime) -> int:
        """Write down, once each, who has not answered in time, and hand the alerts back. Returns how many."""
        async with transaction(self._pool) as connection:
            due = [row["task_id"] for row in await connection.fetch(SILENT, now)]
        noticed = [task_id for task_id in due if await self._grow_silent(task_id, now)]
        if noticed:
            self._ring()
        return len(noticed)

    async def _grow_silent(self, task_id: str, now: datetime) -> bool:
        async with transaction(self._pool) as connection:
            await connection.fetchrow(LOCK_ALERT, task_id)
            row = await connection.fetchrow(LOCK_ANY_TASK, task_id)
            after = grown_silent(task_of(row), now) if row is not None else None
            if after is None:
                return False
            await keep_task(connection, after)
            await _publish(connection, after, ActivityKind.PARTNER_SILENT, None, now)
            await connection.execute(HAND_BACK, after.gap_id, now)
            return True


def _said(task: PartnerTask, saying: Saying, now: datetime) -> PartnerTask:
    if saying.version != task.version:
        raise Problem(412, "conflict", f"The Task has changed: it is {task.status.value}, version {task.version}.")
    after = say(task, saying.said, now)
    if after is None:
        text = f"A Task that is {task.status.value} cannot become {saying.said.status.value}."
        raise Problem(409, "business-rule", text, "Task.status")
    return after


async def _publish(
    connection: Connection, task: PartnerTask, kind: ActivityKind, fact: Row | None, now: datetime
) -> None:  # fmt: skip
    act_id = derived_id("partner-act", task.task_id, str(task.version), kind)
    await connection.execute(
        SAVE_ACT, act_id, task.gap_id, task.patient_id, kind, now, task.organization, task.reason or task.outcome,
        task.note,
    )  # fmt: skip
    codes = {"task": task.task_id, "status": task.status.value, "reason": task.reason, "outcome": task.outcome}
    activity = AlertActivity(
        event_id=EventId(derived_id("activity", act_id)),
        gap_id=task.gap_id,
        patient_id=task.patient_id,
        kind=kind,
        occurred_at=now,
        by=task.organization,
        detail={name: code for name, code in codes.items() if code},
    )
    await enqueue(connection, [*([fact] if fact is not None else []), outbox_row(activity)])
    await connection.execute(NOTE_CHANGE, task.gap_id, now)


def shown_of(row: asyncpg.Record, task: PartnerTask) -> Shown:
    """The task of a row that has also the body of its alert and the owner."""
    lead = Lead(row["owner"], row["display_name"], row["phone"])
    return Shown(task, CareAlert.model_validate_json(row["body"]), lead)
