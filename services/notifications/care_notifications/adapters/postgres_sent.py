"""Notices of all alerts, the newest first: what went out, what waits, what failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from care_notifications.adapters.postgres import statement
from care_notifications.adapters.postgres_listing import numbered

DELIVERIES = """
SELECT delivery_id, gap_id AS alert_id, deliveries.tier, recipient,
    coalesce(people.display_name, organizations.display_name, recipient) AS told, channel, notice,
    deliveries.state, reason, code, attempts, CASE WHEN deliveries.state = 'waiting' THEN next_attempt_at END
    AS next_attempt_at, coalesce(ended_at, next_attempt_at) AS at, noticed_at
FROM deliveries
LEFT JOIN people ON person_id = recipient
LEFT JOIN endpoints ON endpoint_id = recipient
LEFT JOIN organizations USING (organization_id)
WHERE
"""
WHERE = {"state": "deliveries.state = ?", "channel": "channel = ?", "recipient": "recipient = ?", "alert": "gap_id = ?"}
PUBLIC = "EXISTS (SELECT FROM alerts WHERE alerts.gap_id = deliveries.gap_id AND NOT labelled)"
AFTER = "(noticed_at, delivery_id) < (?, ?)"
IN_ORDER = "ORDER BY noticed_at DESC, delivery_id DESC LIMIT ?"


@dataclass(frozen=True, slots=True)
class SentFilters:
    """Which notices; None does not filter."""

    state: str | None = None
    channel: str | None = None
    recipient: str | None = None
    alert: str | None = None
    sensitive: bool = True


class PostgresSent:
    """Read access to notices."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def page(
        self, filters: SentFilters, after: Sequence[str | datetime | int] | None, size: int
    ) -> tuple[Sequence[asyncpg.Record], tuple[str | datetime, ...] | None]:
        """Notices after this place, and the place of the last one when more may follow."""
        chosen = [(part, getattr(filters, name)) for name, part in WHERE.items() if getattr(filters, name) is not None]
        parts, values = [part for part, _ in chosen], [value for _, value in chosen]
        if not filters.sensitive:
            parts = [*parts, PUBLIC]
        if after is not None:
            parts, values = [*parts, AFTER], [*values, *after]
        sql = numbered(DELIVERIES, " AND ".join(parts) or "true", IN_ORDER)
        async with statement(self._pool) as connection:
            rows = await connection.fetch(sql, *values, size + 1)
        last = rows[size - 1] if len(rows) > size else None
        return rows[:size], None if last is None else (last["noticed_at"], last["delivery_id"])
