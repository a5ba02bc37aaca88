"""Beside each alert stands what FHIR readers ask of it: whose agency it names, and whether it may leave the house."""

from collections.abc import Sequence
from datetime import datetime

from care_notifications.adapters.postgres_agreements import Agreements
from care_notifications.adapters.postgres_events import AlertNews, PostgresEventBook
from care_notifications.adapters.postgres_task_book import PostgresTaskBook
from care_notifications.core.fhir.issues import is_cancelled, shareable
from care_notifications.core.state import AlertRecord, is_over
from care_shared.contracts.care_alerts import CareAlert
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import OrganizationId, PatientId

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


async def keep_issues(connection: Connection, news: Sequence[AlertNews], now: datetime) -> None:
    """Keep what these alerts say now; call it only for news, of scoring or of a person."""
    await connection.executemany(KEEP_ISSUE, [_issue(alert, record, now) for alert, record in news])
    # In this order everywhere: two patients' rows must not be waited for crosswise.
    agencies = sorted(((alert.patient_id, alert.care_team.agency, alert.changed_at) for alert, _ in news), key=_patient)
    await connection.executemany(KEEP_AGENCY, agencies)


async def tell_partners(connection: Connection, news: AlertNews, agreements: Agreements, now: datetime) -> None:
    """A person of ours ended or reopened an alert: what partners read, hear and are asked follows. Call it last."""
    await keep_issues(connection, (news,), now)
    await PostgresTaskBook(connection).follow((news,), agreements, now)
    events = PostgresEventBook(connection)
    await events.note((news,), agreements, now)
    await events.number()


def _issue(alert: CareAlert, record: AlertRecord, now: datetime) -> Sequence[object]:
    return (
        alert.gap_id, alert.patient_id, alert.care_team.agency, shareable(alert), bool(alert.labels),
        is_over(record.state), is_cancelled(alert), now, alert.rule_id,
    )  # fmt: skip


def _patient(row: tuple[PatientId, OrganizationId | None, datetime]) -> str:
    return row[0]
