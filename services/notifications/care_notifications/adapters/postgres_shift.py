"""What happened in a shift, and what the next one meets: by time, for one person or for all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import asyncpg

from care_notifications.adapters.postgres import adding_up
from care_notifications.core.shift import Shift

# `$1` is the person, or NULL for everybody.
OPENED = """
SELECT gap_id, max(alert_changes.changed_at) AS at, '' AS by, '' AS how FROM alert_changes JOIN alerts USING (gap_id)
WHERE alert_changes.changed_at >= $2 AND alert_changes.changed_at < $3 AND change IN ('opened', 'reopened')
    AND ($1::text IS NULL OR owner = $1)
GROUP BY gap_id ORDER BY at, gap_id LIMIT $4
"""
ACTS = """
SELECT gap_id, done_at AS at, coalesce(display_name, done_by) AS by, coalesce(outcome, '') AS how
FROM acts LEFT JOIN people ON person_id = done_by
WHERE done_at >= $2 AND done_at < $3 AND kind IN ('acknowledged', 'resolved') AND kind = $5
    AND ($1::text IS NULL OR done_by = $1)
ORDER BY done_at, gap_id LIMIT $4
"""
CLOSED = """
SELECT gap_id, alert_changes.changed_at AS at, '' AS by, close_reason AS how
FROM alert_changes JOIN alerts USING (gap_id)
WHERE alert_changes.changed_at >= $2 AND alert_changes.changed_at < $3 AND change = 'closed'
    AND ($1::text IS NULL OR owner = $1)
ORDER BY at, gap_id LIMIT $4
"""
DUE = """
SELECT gap_id, due_sort AS at, '' AS by, '' AS how FROM alerts
WHERE NOT is_over AND due_sort >= $2 AND due_sort < $3 AND ($1::text IS NULL OR owner = $1)
ORDER BY due_sort, gap_id LIMIT $4
"""
WAKING = """
SELECT gap_id, snoozed_until AS at, '' AS by, '' AS how FROM alerts
WHERE NOT is_over AND snoozed_until >= $2 AND snoozed_until < $3 AND ($1::text IS NULL OR owner = $1)
ORDER BY snoozed_until, gap_id LIMIT $4
"""
# A check-in belongs to whoever answers for the patient, and is shown beside the patient's newest alert.
UNANSWERED = """
SELECT newest.gap_id, check_ins.patient_id, ended_at AS at, check_in, party
FROM check_ins
LEFT JOIN LATERAL (SELECT person_id FROM lead_history WHERE lead_history.patient_id = check_ins.patient_id
    ORDER BY since DESC, entry DESC LIMIT 1) AS lead ON true
LEFT JOIN LATERAL (SELECT gap_id FROM alerts WHERE alerts.patient_id = check_ins.patient_id
    ORDER BY changed_at DESC, gap_id DESC LIMIT 1) AS newest ON true
WHERE state = 'unanswered' AND ended_at >= $2 AND ended_at < $3 AND ($1::text IS NULL OR lead.person_id = $1)
ORDER BY ended_at, check_in_id LIMIT $4
"""
# The words come from the newest message.
ABOUT = """
SELECT gap_id, tier, rule_id, alerts.state, labelled, patient_id, display_name AS owner,
    message #>> '{patient,display_name}' AS patient, message #>> '{patient,home_zone}' AS zone,
    message ->> 'explanation' AS explanation, message ->> 'next_step' AS next_step
FROM alerts JOIN people ON person_id = owner
CROSS JOIN LATERAL (SELECT convert_from(body, 'UTF8')::jsonb AS message) AS said
WHERE gap_id = ANY($1::text[])
"""


class Part(StrEnum):
    """The parts of a report, in the order in which it is read out."""

    OPENED = "opened"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    CLOSED = "closed"
    UNANSWERED = "unanswered"
    DUE = "due"
    WAKING = "waking"


@dataclass(frozen=True, slots=True)
class Happened:
    """One line: when, by whom, how it ended, about which alert. A check-in may be about a patient without one."""

    at: datetime
    by: str
    how: str
    patient_id: str
    alert: asyncpg.Record | None


Lines = Mapping[Part, Sequence[Happened]]


@dataclass(frozen=True, slots=True)
class PostgresShift:
    """Read access."""

    pool: asyncpg.Pool

    async def report(self, person: str | None, shift: Shift, most: int) -> Lines:
        """At most so many lines of each part, the earliest first."""
        then, ahead = (person, shift.since, shift.until, most), (person, shift.until, shift.next_until, most)
        async with adding_up(self.pool) as connection:
            rows = {
                Part.OPENED: await connection.fetch(OPENED, *then),
                Part.ACKNOWLEDGED: await connection.fetch(ACTS, *then, "acknowledged"),
                Part.RESOLVED: await connection.fetch(ACTS, *then, "resolved"),
                Part.CLOSED: await connection.fetch(CLOSED, *then),
                Part.DUE: await connection.fetch(DUE, *ahead),
                Part.WAKING: await connection.fetch(WAKING, *ahead),
            }
            silent = await connection.fetch(UNANSWERED, *then)
            spoken_of = {row["gap_id"] for part in (*rows.values(), silent) for row in part}
            alerts = {row["gap_id"]: row for row in await connection.fetch(ABOUT, list(spoken_of - {None}))}
        found = {part: [_happened(row, alerts) for row in part_rows] for part, part_rows in rows.items()}
        found[Part.UNANSWERED] = [_silence(row, alerts) for row in silent]
        return {part: found[part] for part in Part}


def _happened(row: asyncpg.Record, alerts: Mapping[str, asyncpg.Record]) -> Happened:
    alert = alerts[row["gap_id"]]
    return Happened(row["at"], row["by"], row["how"], alert["patient_id"], alert)


def _silence(row: asyncpg.Record, alerts: Mapping[str, asyncpg.Record]) -> Happened:
    how = f"{row['check_in']}, {row['party']}"
    return Happened(row["at"], "", how, row["patient_id"], alerts.get(row["gap_id"]))
