"""What the worklist shows: pages of open alerts by urgency, the recently closed, and all about one alert."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg

from care_notifications.adapters.postgres import record_of, transaction
from care_notifications.core.state import AlertRecord
from care_shared.contracts.care_alerts import CareAlert
from care_shared.errors import NotFoundError
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import GapId, PersonId

# The page is found by the index alone; what stands around its alerts is looked up for these only.
OPEN_OF_ALL = """
SELECT * FROM alerts WHERE NOT is_over AND (tier, due_sort, opened_at, gap_id) > ($1, $2, $3, $4)
ORDER BY tier, due_sort, opened_at, gap_id LIMIT $5
"""
OPEN_OF_ONE = """
SELECT * FROM alerts
WHERE NOT is_over AND (tier, due_sort, opened_at, gap_id) > ($1, $2, $3, $4) AND owner = $6
ORDER BY tier, due_sort, opened_at, gap_id LIMIT $5
"""
RECENTLY_CLOSED = """
SELECT * FROM alerts WHERE is_over AND (changed_at, gap_id) < ($1, $2)
ORDER BY changed_at DESC, gap_id DESC LIMIT $3
"""
ONE = "SELECT * FROM alerts WHERE gap_id = $1"
AROUND = """
SELECT gap_id, owners.display_name AS owner_name, takers.display_name AS taker_name,
    contact.done_at AS contact_at, contact.outcome AS contact_outcome, callers.display_name AS contact_by,
    EXISTS (SELECT FROM deliveries WHERE deliveries.gap_id = alerts.gap_id AND deliveries.round = alerts.round
        AND deliveries.state = 'failed') AS undelivered
FROM alerts
JOIN people AS owners ON owners.person_id = owner
LEFT JOIN people AS takers ON takers.person_id = acknowledged_by
LEFT JOIN LATERAL (SELECT done_at, outcome, done_by FROM acts
    WHERE acts.patient_id = alerts.patient_id AND kind = 'contact-logged'
    ORDER BY done_at DESC LIMIT 1) AS contact ON true
LEFT JOIN people AS callers ON callers.person_id = contact.done_by
WHERE gap_id = ANY($1::text[])
"""
PLACE = "SELECT tier, due_sort, opened_at, changed_at, gap_id FROM alerts WHERE gap_id = $1"
# Counting stops where the badge stops counting.
COUNTS = """
SELECT (SELECT count(*) FROM (SELECT FROM alerts WHERE NOT is_over AND owner = $1 LIMIT $2) AS mine) AS mine,
    (SELECT count(*) FROM (SELECT FROM alerts WHERE NOT is_over LIMIT $2) AS everything) AS everything
"""
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

BADGE_LIMIT = 1000
_FIRST = ("", datetime(1, 1, 2, tzinfo=UTC), datetime(1, 1, 2, tzinfo=UTC), "")
_NEWEST = (datetime(9999, 1, 1, tzinfo=UTC), "")


@dataclass(frozen=True, slots=True)
class LastContact:
    """The newest contact with the patient that was logged here."""

    at: datetime
    outcome: str
    by: str


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


@dataclass(frozen=True, slots=True)
class AlertPage:
    """Some alerts, and after which one the next page begins; None when this is the last."""

    alerts: tuple[ListedAlert, ...]
    next_after: GapId | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many open alerts there are, up to `BADGE_LIMIT`."""

    mine: int
    everything: int


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

    async def open_alerts(self, owner: PersonId | None, after: GapId | None, size: int) -> AlertPage:
        """Open alerts by tier, deadline and age; of one owner, or of all."""
        async with transaction(self._pool) as connection:
            start = _FIRST
            if after is not None:
                place = await _place(connection, after)
                start = (place["tier"], place["due_sort"], place["opened_at"], place["gap_id"])
            if owner is None:
                rows = await connection.fetch(OPEN_OF_ALL, *start, size + 1)
            else:
                rows = await connection.fetch(OPEN_OF_ONE, *start, size + 1, owner)
            return await page_of(connection, rows, size)

    async def closed_alerts(self, after: GapId | None, size: int) -> AlertPage:
        """Closed alerts, the newest first."""
        async with transaction(self._pool) as connection:
            start = _NEWEST
            if after is not None:
                place = await _place(connection, after)
                start = (place["changed_at"], place["gap_id"])
            rows = await connection.fetch(RECENTLY_CLOSED, *start, size + 1)
            return await page_of(connection, rows, size)

    async def counts(self, owner: PersonId) -> Counts:
        """What the tabs say."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(COUNTS, owner, BADGE_LIMIT)
        assert row is not None
        return Counts(row["mine"], row["everything"])

    async def story(self, gap_id: GapId) -> AlertStory:
        """Everything about one alert. Raises NotFoundError."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(ONE, gap_id)
            if row is None:
                raise NotFoundError("no such alert")
            return AlertStory(
                listed=(await page_of(connection, [row], 1)).alerts[0],
                changes=await connection.fetch(CHANGES, gap_id),
                acts=await connection.fetch(ACTS, gap_id, row["patient_id"]),
                deliveries=await connection.fetch(DELIVERIES, gap_id),
                suppressions=await connection.fetch(SUPPRESSIONS, gap_id),
            )


async def _place(connection: Connection, after: GapId) -> asyncpg.Record:
    row = await connection.fetchrow(PLACE, after)
    if row is None:
        raise NotFoundError("no such alert")
    return row


async def page_of(connection: Connection, rows: Sequence[asyncpg.Record], size: int) -> AlertPage:
    """The first `size` of these alerts with what a list shows around them."""
    shown = rows[:size]
    around = {row["gap_id"]: row for row in await connection.fetch(AROUND, [GapId(row["gap_id"]) for row in shown])}
    alerts = tuple(_listed(row, around[row["gap_id"]]) for row in shown)
    return AlertPage(alerts, alerts[-1].record.gap_id if len(rows) > size else None)


def _listed(row: asyncpg.Record, around: asyncpg.Record) -> ListedAlert:
    contact = None
    if around["contact_at"] is not None:
        contact = LastContact(around["contact_at"], around["contact_outcome"], around["contact_by"])
    return ListedAlert(
        alert=CareAlert.model_validate_json(row["body"]),
        record=record_of(row),
        owner_name=around["owner_name"],
        taken_by=around["taker_name"],
        taken_at=row["acknowledged_at"],
        last_contact=contact,
        undelivered=around["undelivered"],
    )
