"""Events get their numbers at the end of the transaction that keeps the alerts: no gaps, no deadlock."""

from collections import defaultdict
from datetime import datetime

from care_notifications.adapters.postgres_agreements import agreements_of
from care_notifications.adapters.postgres_telling import save_suppressions
from care_notifications.adapters.subscription_rows import subscription_of
from care_notifications.core.agreements import reason_not_agreed
from care_notifications.core.effects import Suppress
from care_notifications.core.fhir.concerns import Happened, concerned
from care_notifications.core.fhir.subscriptions import Topic
from care_notifications.core.state import AlertRecord, Channel
from care_shared.contracts.care_alerts import CareAlert
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import GapId, Tier

ASKED_FOR = "SELECT * FROM subscriptions WHERE organization_id = $1 AND status <> 'off' ORDER BY subscription_id"
HEARD = """
SELECT subscription_id, kind, min(tier) AS tier FROM subscription_events WHERE gap_id = $1 AND round = $2 GROUP BY 1, 2
"""
NUMBER = "UPDATE subscriptions SET events = events + $2 WHERE subscription_id = $1 AND status <> 'off' RETURNING events"
KEEP_EVENT = """
INSERT INTO subscription_events (subscription_id, number, gap_id, round, kind, tier, noted_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


class PostgresEventBook:
    """The events of one transaction, waiting for their numbers."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: list[tuple[Happened, datetime]] = []

    async def note(self, alert: CareAlert, record: AlertRecord, now: datetime) -> None:
        """What this alert means to the subscriptions of its agency."""
        if alert.care_team.agency is None:
            return
        rows = await self._connection.fetch(ASKED_FOR, alert.care_team.agency)
        if not rows:
            return
        heard = await self._heard(record.gap_id, record.round)
        agreements = await agreements_of(self._connection, alert.care_team.agency)
        not_agreed = reason_not_agreed(agreements, alert.rule_id, Channel.FHIR, now)
        found = list(concerned(alert, record, [subscription_of(row) for row in rows], heard, not_agreed))
        self._waiting += [(one, now) for one in found if not isinstance(one, Suppress)]
        await save_suppressions(self._connection, [one for one in found if isinstance(one, Suppress)], now)

    async def number(self) -> None:
        """Give the numbers; whoever else gives numbers to the same subscriptions waits until this transaction ends.

        Always in the order of the ids, and as the last thing: two transactions cannot hold each other up.
        """
        by_subscription: defaultdict[str, list[tuple[Happened, datetime]]] = defaultdict(list)
        for one, noted_at in self._waiting:
            by_subscription[one.subscription_id].append((one, noted_at))
        for subscription_id in sorted(by_subscription):
            waiting = by_subscription[subscription_id]
            last = await self._connection.fetchval(NUMBER, subscription_id, len(waiting))
            if last is None:
                continue  # deleted or switched off meanwhile
            first = last - len(waiting) + 1
            rows = [
                (subscription_id, first + place, one.gap_id, one.round, one.kind, one.tier, noted_at)
                for place, (one, noted_at) in enumerate(waiting)
            ]
            await self._connection.executemany(KEEP_EVENT, rows)
        self._waiting.clear()

    async def _heard(self, gap_id: GapId, round_: int) -> dict[tuple[str, Topic], Tier]:
        rows = await self._connection.fetch(HEARD, gap_id, round_)
        heard = {(row["subscription_id"], Topic(row["kind"])): Tier(row["tier"]) for row in rows}
        for one, _ in self._waiting:
            if (one.gap_id, one.round) == (gap_id, round_):
                key = (one.subscription_id, one.kind)
                heard[key] = min(one.tier, heard.get(key, one.tier))
        return heard
