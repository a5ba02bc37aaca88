"""Events get their numbers at the end of the transaction that keeps the alerts: no gaps, no deadlock."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from care_notifications.adapters.postgres_agreements import Agreements
from care_notifications.adapters.postgres_telling import save_suppressions
from care_notifications.adapters.subscription_rows import subscription_of
from care_notifications.core.agreements import reason_not_agreed
from care_notifications.core.effects import Suppress
from care_notifications.core.fhir.concerns import Happened, concerned
from care_notifications.core.fhir.subscriptions import Subscription, Topic
from care_notifications.core.state import AlertRecord, Channel
from care_shared.contracts.care_alerts import CareAlert
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import GapId, OrganizationId, Tier

ASKED_FOR = """
SELECT * FROM subscriptions WHERE organization_id = ANY($1::text[]) AND status <> 'off' ORDER BY subscription_id
"""
HEARD = """
SELECT gap_id, round, subscription_id, kind, min(tier) AS tier FROM subscription_events
WHERE gap_id = ANY($1::text[]) GROUP BY 1, 2, 3, 4
"""
NUMBER = "UPDATE subscriptions SET events = events + $2 WHERE subscription_id = $1 AND status <> 'off' RETURNING events"
KEEP_EVENT = """
INSERT INTO subscription_events (subscription_id, number, gap_id, round, kind, tier, noted_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""

# An alert and its record after some news of it.
AlertNews = tuple[CareAlert, AlertRecord]
# For each round of each gap: what subscriptions were told of it, with the gravest tier.
Heard = defaultdict[tuple[GapId, int], dict[tuple[str, Topic], Tier]]


class PostgresEventBook:
    """The events of one transaction, waiting for their numbers."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: list[tuple[Happened, datetime]] = []

    async def note(self, news: Sequence[AlertNews], agreements: Agreements, now: datetime) -> None:
        """What these alerts mean to the subscriptions of their agencies, one after the other."""
        told = [(alert, record) for alert, record in news if alert.care_team.agency is not None]
        asked = await self._asked_for({alert.care_team.agency for alert, _ in told}) if told else {}
        told = [(alert, record) for alert, record in told if alert.care_team.agency in asked]
        if not told:
            return
        heard = await self._heard({record.gap_id for _, record in told})
        suppressed: list[Suppress] = []
        for alert, record in told:
            agency = alert.care_team.agency
            assert agency is not None
            not_agreed = reason_not_agreed(agreements.get(agency, ()), alert.rule_id, Channel.FHIR, now)
            so_far = heard[record.gap_id, record.round]
            found = list(concerned(alert, record, asked[agency], so_far, not_agreed))
            for one in found:
                if isinstance(one, Suppress):
                    suppressed.append(one)
                    continue
                key = one.subscription_id, one.kind
                so_far[key] = min(one.tier, so_far.get(key, one.tier))
                self._waiting.append((one, now))
        await save_suppressions(self._connection, suppressed, now)

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

    async def _asked_for(self, agencies: Iterable[OrganizationId | None]) -> dict[OrganizationId, list[Subscription]]:
        found: defaultdict[OrganizationId, list[Subscription]] = defaultdict(list)
        for row in await self._connection.fetch(ASKED_FOR, list(agencies)):
            one = subscription_of(row)
            found[one.organization].append(one)
        return dict(found)

    async def _heard(self, gaps: Iterable[GapId]) -> Heard:
        heard: Heard = defaultdict(dict)
        for row in await self._connection.fetch(HEARD, list(gaps)):
            key = row["subscription_id"], Topic(row["kind"])
            heard[row["gap_id"], row["round"]][key] = Tier(row["tier"])
        return heard
