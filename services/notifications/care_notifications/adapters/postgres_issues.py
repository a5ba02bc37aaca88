"""Beside each alert stands what FHIR readers ask of it: whose agency it names, and whether it may leave the house."""

from datetime import datetime

from care_notifications.adapters.postgres_events import PostgresEventBook
from care_notifications.adapters.postgres_task_book import PostgresTaskBook
from care_notifications.core.fhir.issues import is_cancelled, shareable
from care_notifications.core.state import AlertRecord, is_over
from care_shared.contracts.care_alerts import CareAlert
from care_shared.runtime.postgres import Connection

KEEP_ISSUE = """
INSERT INTO issues (gap_id, patient_id, agency, shareable, labelled, closed, cancelled, updated_at, rule_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (gap_id) DO UPDATE
SET patient_id = $2, agency = $3, shareable = $4, labelled = $5, closed = $6, cancelled = $7, updated_at = $8
"""
KEEP_AGENCY = """
INSERT INTO serving_agencies (patient_id, agency, as_of) VALUES ($1, $2, $3)
ON CONFLICT (patient_id) DO UPDATE SET agency = $2, as_of = $3 WHERE serving_agencies.as_of <= $3
"""


async def keep_issue(connection: Connection, alert: CareAlert, record: AlertRecord, now: datetime) -> None:
    """Keep what this alert says now; call it only for news, of scoring or of a person."""
    agency = alert.care_team.agency
    await connection.execute(
        KEEP_ISSUE, alert.gap_id, alert.patient_id, agency, shareable(alert), bool(alert.labels),
        is_over(record.state),
        is_cancelled(alert), now, alert.rule_id,
    )  # fmt: skip
    await connection.execute(KEEP_AGENCY, alert.patient_id, agency, alert.changed_at)


async def tell_partners(connection: Connection, alert: CareAlert, record: AlertRecord, now: datetime) -> None:
    """A person of ours ended or reopened an alert: what partners read, hear and are asked follows. Call it last."""
    await keep_issue(connection, alert, record, now)
    await PostgresTaskBook(connection).follow(alert, record, now)
    events = PostgresEventBook(connection)
    await events.note(alert, record, now)
    await events.number()
