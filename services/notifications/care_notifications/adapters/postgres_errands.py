"""What is due to subscribers: claimed under a lease, judged once more in the instant it leaves, and written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from care_notifications.adapters.activity import told_row
from care_notifications.adapters.postgres import Ring, transaction
from care_notifications.adapters.postgres_agreements import agreements_of
from care_notifications.adapters.subscription_rows import subscription_of
from care_notifications.core.attempts import Accepted, Outcome
from care_notifications.core.fhir.issues import detected_issue, patient
from care_notifications.core.fhir.minimum import Minimum
from care_notifications.core.fhir.names import Names, Resource
from care_notifications.core.fhir.notifications import Event, Kind
from care_notifications.core.fhir.subscriptions import Content, Status, Subscription
from care_notifications.core.fhir.tries import Standing, after_attempt
from care_shared.contracts.care_alerts import CareAlert
from care_shared.runtime.outbox import enqueue
from care_shared.runtime.postgres import Connection

DUE = "SELECT subscription_id FROM subscriptions WHERE is_due(subscriptions, $1)"
END = """
UPDATE subscriptions SET status = 'off', code = 'ended', version = version + 1, updated_at = $1
WHERE ends_at <= $1 AND status <> 'off'
"""
CLAIM = """
SELECT * FROM subscriptions WHERE subscription_id = $2 AND is_due(subscriptions, $1) FOR UPDATE SKIP LOCKED
"""
LEASE = """
UPDATE subscriptions SET attempt = attempt + 1, leased_until = $2 WHERE subscription_id = $1 RETURNING attempt
"""
# Asked anew at each attempt: an event about what the partner may not see any more is a number, and nothing else.
EVENTS = """
SELECT number, noted_at, body, issues.updated_at, closed, happened.gap_id, task_id,
    may_see($1, false, issues) AS visible
FROM subscription_events AS happened JOIN issues USING (gap_id) JOIN alerts USING (gap_id)
LEFT JOIN partner_tasks ON partner_tasks.gap_id = happened.gap_id AND partner_tasks.round = happened.round
    AND partner_tasks.organization_id = $1
WHERE subscription_id = $2 AND number >= $3 AND number <= $4 ORDER BY number LIMIT $5
"""
# The number of the attempt is the fence: whoever was overtaken by a later one has nothing to say any more.
SETTLE = """
UPDATE subscriptions SET status = $3, failures = $4, failing_since = $5, next_attempt_at = $6, code = $7,
    told_at = CASE WHEN $8 THEN $9 ELSE told_at END, sent = greatest(sent, $10), leased_until = NULL,
    version = version + (status <> $3)::int, updated_at = CASE WHEN status <> $3 THEN $9 ELSE updated_at END
WHERE subscription_id = $1 AND attempt = $2 RETURNING true
"""
ARRIVED = """
UPDATE subscription_events SET delivered_at = $4
WHERE subscription_id = $1 AND number >= $2 AND number <= $3 AND delivered_at IS NULL
RETURNING gap_id, number, kind, tier, (SELECT patient_id FROM alerts WHERE alerts.gap_id = subscription_events.gap_id)
"""

LEASE_TIME = timedelta(seconds=60)  # four times the longest attempt


@dataclass(frozen=True, slots=True)
class Errand:
    """One notification to bring to one subscriber."""

    subscription: Subscription
    kind: Kind
    events: tuple[Event, ...]
    attempt: int
    before: Standing


class PostgresErrands:
    """The rows of events, and how far each subscriber has come."""

    def __init__(self, pool: asyncpg.Pool, ring: Ring, names: Names, give_up_after: timedelta) -> None:
        """`give_up_after`: for how long a silent subscriber is tried before its subscription says `error`."""
        self._pool = pool
        self._ring = ring
        self._names = names
        self._give_up_after = give_up_after

    async def due(self, now: datetime) -> Sequence[str]:
        """Subscriptions that are to be told something now."""
        async with transaction(self._pool) as connection:
            await connection.execute(END, now)
            return [row["subscription_id"] for row in await connection.fetch(DUE, now)]

    async def claim(self, subscription_id: str, now: datetime) -> Errand | None:
        """Lease the next notification of this subscription, if one is still due."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(CLAIM, now, subscription_id)
            if row is None:
                return None
            one, kind = subscription_of(row), _kind(row)
            events: tuple[Event, ...] = ()
            if kind is Kind.EVENT:
                span = (row["sent"] + 1, row["events"], one.wanted.max_count)
                events = await numbered(connection, one, span, one.wanted.content, (self._names, now))
            attempt = await connection.fetchval(LEASE, subscription_id, now + LEASE_TIME)
        before = Standing(one.status, row["failures"], one.failing_since, now, one.code)
        return Errand(one, kind, events, attempt, before)

    async def events(
        self, one: Subscription, span: tuple[int, int, int], content: Content, now: datetime
    ) -> tuple[Event, ...]:
        """What was numbered before, as it may be shown now."""
        async with transaction(self._pool) as connection:
            return await numbered(connection, one, span, content, (self._names, now))

    async def settle(self, errand: Errand, outcome: Outcome, now: datetime) -> Standing | None:
        """Write down how it went; None when somebody else has taken over meanwhile."""
        one, accepted = errand.subscription, isinstance(outcome, Accepted)
        after = after_attempt(errand.before, errand.kind, outcome, now, self._give_up_after)
        last = errand.events[-1].number if errand.events and accepted else 0
        async with transaction(self._pool) as connection:
            settled = await connection.fetchval(
                SETTLE, one.id, errand.attempt, after.status, after.failures, after.failing_since,
                after.next_attempt_at, after.code, accepted, now, last,
            )  # fmt: skip
            if settled and last:
                first = errand.events[0].number
                rows = await connection.fetch(ARRIVED, one.id, first, last, now)
                await enqueue(connection, [told_row(one.id, dict(row), now) for row in rows])
        self._ring()
        return after if settled else None


async def numbered(
    connection: Connection, one: Subscription, span: tuple[int, int, int], content: Content,
    at: tuple[Names, datetime],
) -> tuple[Event, ...]:  # fmt: skip
    """The events from one number to another, at most so many, as they may be shown now."""
    names, now = at
    rows = await connection.fetch(EVENTS, one.organization, one.id, *span)
    minimum = Minimum(await agreements_of(connection, one.organization), now)
    return tuple(_event(row, content, minimum, names) for row in rows)


def _event(row: asyncpg.Record, content: Content, minimum: Minimum, names: Names) -> Event:
    if not row["visible"]:
        return Event(row["number"], row["noted_at"])
    context = (f"Task/{row['task_id']}",) if row["task_id"] else ()
    resources: tuple[Resource, ...] = ()
    alert = CareAlert.model_validate_json(row["body"])
    if content is Content.FULL and minimum.may_stand_whole(alert):
        alert = minimum.of(alert)
        issue = detected_issue(alert, row["updated_at"], names, row["closed"])
        resources = tuple(one for one in (issue, patient(alert, row["updated_at"], names)) if "id" in one)
    return Event(row["number"], row["noted_at"], f"DetectedIssue/{row['gap_id']}", context, resources)


def _kind(row: asyncpg.Record) -> Kind:
    if row["status"] == Status.REQUESTED:
        return Kind.HANDSHAKE
    if row["status"] == Status.ACTIVE and row["sent"] < row["events"]:
        return Kind.EVENT
    return Kind.HEARTBEAT
