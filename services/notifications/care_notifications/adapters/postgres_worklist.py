"""What stands around alerts on a list, and all about one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from care_notifications.adapters.postgres import record_of, statement, transaction
from care_notifications.core.state import AlertRecord
from care_shared.contracts.care_alerts import CareAlert
from care_shared.errors import NotFoundError
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import GapId, PatientId, PersonId

ONE = "SELECT * FROM alerts WHERE gap_id = $1"
AROUND = """
SELECT gap_id, owners.display_name AS owner_name, takers.display_name AS taker_name,
    contact.done_at AS contact_at, contact.outcome AS contact_outcome, callers.display_name AS contact_by,
    EXISTS (SELECT FROM deliveries WHERE deliveries.gap_id = alerts.gap_id AND deliveries.round = alerts.round
        AND deliveries.state = 'failed') AS undelivered,
    held.act_id AS held_id, held.kind AS held_kind, held.done_by AS held_by, holders.display_name AS held_by_name
FROM alerts
JOIN people AS owners ON owners.person_id = owner
LEFT JOIN people AS takers ON takers.person_id = acknowledged_by
LEFT JOIN LATERAL (SELECT done_at, outcome, done_by FROM acts
    WHERE acts.patient_id = alerts.patient_id AND kind = 'contact-logged'
    ORDER BY done_at DESC LIMIT 1) AS contact ON true
LEFT JOIN people AS callers ON callers.person_id = contact.done_by
LEFT JOIN (SELECT * FROM held_acts WHERE ended_at IS NULL) AS held USING (gap_id)
LEFT JOIN people AS holders ON holders.person_id = held.done_by
WHERE gap_id = ANY($1::text[])
"""
NEXT = """
SELECT min(snoozed_until) AS wakes_at FROM alerts WHERE owner = $1 AND state = 'snoozed' AND NOT is_over
"""
ATTEMPTS = "SELECT count(*) FROM acts WHERE patient_id = $1 AND kind = 'contact-logged' AND done_at >= $2"
CHANGES = """
SELECT change, tier, close_reason, changed_at FROM alert_changes WHERE gap_id = $1 ORDER BY revision DESC LIMIT 50
"""
ACTS = """
SELECT kind, done_at, coalesce(display_name, done_by) AS display_name, outcome, channel, party, purpose, reason, note,
    codes
FROM acts LEFT JOIN people ON person_id = done_by
WHERE gap_id = $1 OR (patient_id = $2 AND kind = 'contact-logged') ORDER BY done_at DESC LIMIT 50
"""
# An endpoint or a person; a recipient that is neither is a role or somebody unknown, shown as it was written.
DELIVERIES = """
SELECT coalesce(people.display_name, organizations.display_name, recipient) AS told, channel, notice, state,
    CASE WHEN state = 'held' THEN held_because ELSE reason END AS reason, code, attempts,
    CASE WHEN state = 'held' THEN held_until ELSE next_attempt_at END AS next_attempt_at,
    coalesce(ended_at, CASE WHEN state = 'held' THEN held_until END, next_attempt_at) AS at
FROM deliveries
LEFT JOIN people ON person_id = recipient
LEFT JOIN endpoints ON endpoint_id = recipient
LEFT JOIN organizations USING (organization_id)
WHERE gap_id = $1 ORDER BY at DESC, delivery_id LIMIT 100
"""
SUPPRESSIONS = """
SELECT coalesce(people.display_name, organizations.display_name, recipient) AS told, channel, reason,
    decided_at AS at
FROM suppressions
LEFT JOIN people ON person_id = recipient
LEFT JOIN endpoints ON endpoint_id = recipient
LEFT JOIN organizations ON organizations.organization_id = coalesce(endpoints.organization_id, recipient)
WHERE gap_id = $1 ORDER BY at DESC, recipient LIMIT 100
"""


@dataclass(frozen=True, slots=True)
class LastContact:
    """The newest contact with the patient that was logged here."""

    at: datetime
    outcome: str
    by: str


@dataclass(frozen=True, slots=True)
class Pending:
    """What somebody asked for and may still take back."""

    act_id: str
    kind: str
    by: PersonId
    by_name: str


@dataclass(frozen=True, slots=True)
class ListedAlert:
    """One alert with what a row shows of it."""

    alert: CareAlert
    record: AlertRecord
    owner_name: str
    taken_by: str | None
    taken_at: datetime | None
    last_contact: LastContact | None
    undelivered: bool
    pending: Pending | None = None


@dataclass(frozen=True, slots=True)
class AlertStory:
    """All that happened with one alert, newest first."""

    listed: ListedAlert
    changes: Sequence[asyncpg.Record]
    acts: Sequence[asyncpg.Record]
    deliveries: Sequence[asyncpg.Record]
    suppressions: Sequence[asyncpg.Record]


class PostgresWorklist:
    """Read access for the pages."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def wakes_at(self, person: PersonId) -> datetime | None:
        """When the first of what this person put aside comes back."""
        async with statement(self._pool) as connection:
            wakes: datetime | None = await connection.fetchval(NEXT, person)
        return wakes

    async def attempts(self, patient_id: PatientId, since: datetime) -> int:
        """How often somebody tried to reach this patient since then."""
        async with statement(self._pool) as connection:
            found: int = await connection.fetchval(ATTEMPTS, patient_id, since)
        return found

    async def story(self, gap_id: GapId) -> AlertStory:
        """Everything about one alert. Raises NotFoundError."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(ONE, gap_id)
            if row is None:
                raise NotFoundError("no such alert")
            return AlertStory(
                listed=(await listed(connection, [row]))[0],
                changes=await connection.fetch(CHANGES, gap_id),
                acts=await connection.fetch(ACTS, gap_id, row["patient_id"]),
                deliveries=await connection.fetch(DELIVERIES, gap_id),
                suppressions=await connection.fetch(SUPPRESSIONS, gap_id),
            )


async def listed(connection: Connection, rows: Sequence[asyncpg.Record]) -> tuple[ListedAlert, ...]:
    """These alerts with what a list shows around them."""
    around = {row["gap_id"]: row for row in await connection.fetch(AROUND, [GapId(row["gap_id"]) for row in rows])}
    return tuple(_listed(row, around[row["gap_id"]]) for row in rows)


def _listed(row: asyncpg.Record, around: asyncpg.Record) -> ListedAlert:
    contact = None
    if around["contact_at"] is not None:
        contact = LastContact(around["contact_at"], around["contact_outcome"], around["contact_by"])
    pending = None
    if around["held_id"] is not None:
        held_by = PersonId(around["held_by"])
        pending = Pending(around["held_id"], around["held_kind"], held_by, around["held_by_name"])
    return ListedAlert(
        alert=CareAlert.model_validate_json(row["body"]),
        record=record_of(row),
        owner_name=around["owner_name"],
        taken_by=around["taker_name"],
        taken_at=row["acknowledged_at"],
        last_contact=contact,
        undelivered=around["undelivered"],
        pending=pending,
    )
