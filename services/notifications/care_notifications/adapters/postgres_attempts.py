"""One attempt as it left: headers and body, rebuilt from what was kept, less what the partner may not have any more."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import asyncpg
from pydantic_core import from_json

from care_notifications.adapters.channels.webhook.channel import content
from care_notifications.adapters.postgres import transaction
from care_notifications.adapters.postgres_catch_up import is_hidden
from care_notifications.adapters.postgres_send_check import About, look_up, message_of
from care_notifications.core.agreements import grants_of
from care_notifications.core.notice_policy import NoticePolicy
from care_notifications.core.state import Channel
from care_shared.errors import NotFoundError
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import OrganizationId

DELIVERY = """
SELECT deliveries.* FROM deliveries JOIN endpoints ON endpoint_id = recipient
WHERE delivery_id = $1 AND recipient = $2 AND organization_id = $3 AND removed_at IS NULL AND channel = 'webhook'
"""
ATTEMPT = "SELECT number, started_at, ended_at, code, granted FROM attempts WHERE delivery_id = $1 AND number = $2"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which attempt of whose."""

    organization: OrganizationId
    endpoint_id: str
    delivery_id: str
    number: int


@dataclass(frozen=True, slots=True)
class SentAttempt:
    """How it went, and what was sent. `body` is None when the partner may not have it now; `less` says that something
    was left out which today's agreement does not name.
    """

    sequence: int
    number: int
    started_at: datetime
    ended_at: datetime
    code: str
    state: str
    headers: Mapping[str, str]
    body: str | None
    less: bool


class PostgresAttempts:
    """Read access to single attempts."""

    def __init__(self, pool: asyncpg.Pool, policy: NoticePolicy, base_url: str) -> None:
        """`base_url` is where people reach the worklist."""
        self._pool = pool
        self._policy = policy
        self._base_url = base_url

    async def one(self, wanted: Wanted, now: datetime) -> SentAttempt:
        """This attempt. Raises NotFoundError, also for one of somebody else's."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(DELIVERY, wanted.delivery_id, wanted.endpoint_id, wanted.organization)
            attempt = await connection.fetchrow(ATTEMPT, wanted.delivery_id, wanted.number)
            if row is None or attempt is None:
                raise NotFoundError("no such attempt")
            body, less = await self._body(connection, row, attempt, now)
        stamp = str(int(attempt["started_at"].timestamp()))
        headers = {"content-type": "application/json", "webhook-id": row["delivery_id"], "webhook-timestamp": stamp}
        return SentAttempt(
            row["sequence"], attempt["number"], attempt["started_at"], attempt["ended_at"], attempt["code"],
            row["state"], headers, body, less,
        )  # fmt: skip

    async def _body(
        self, connection: Connection, row: asyncpg.Record, attempt: asyncpg.Record, now: datetime
    ) -> tuple[str | None, bool]:
        about = await look_up(connection, row, None, now)
        if row["state"] == "suppressed" or await is_hidden(connection, row, about, self._policy, now):
            return None, False
        sent: dict[str, object] = from_json(attempt["granted"])
        kept = {name: value for name, value in sent.items() if name in _granted_now(about, now)}
        message = replace(message_of(row, about, attempt["number"], now), granted=kept)
        return json.dumps(content(message, self._base_url), indent=2, ensure_ascii=False), kept != sent


def _granted_now(about: About, now: datetime) -> frozenset[str]:
    grants = grants_of(about.agreements, about.alert.rule_id, Channel.WEBHOOK, now)
    return frozenset(one.value.replace("-", "_") for one in grants)
