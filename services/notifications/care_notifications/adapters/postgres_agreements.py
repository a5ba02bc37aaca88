"""Agreements with partner organisations, as the database says now."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

import asyncpg

from care_notifications.adapters.postgres import transaction
from care_notifications.core.agreements import Agreement, Grant
from care_notifications.core.state import Channel
from care_shared.errors import NotFoundError
from care_shared.runtime.postgres import Connection
from care_shared.vocabulary import OrganizationId

READ_ALL = "SELECT * FROM agreements ORDER BY agreement_id"
READ_OF = "SELECT * FROM agreements WHERE organization_id = $1 ORDER BY agreement_id"
PUT = """
INSERT INTO agreements (agreement_id, organization_id, begin_at, end_at, rules, channels, grants, instructions,
    recorded_by, recorded_at)
SELECT $1, organization_id, $3, $4, $5, $6, $7, $8::jsonb, $9, $10 FROM organizations WHERE organization_id = $2
ON CONFLICT (agreement_id) DO UPDATE SET organization_id = $2, begin_at = $3, end_at = $4, rules = $5, channels = $6,
    grants = $7, instructions = $8::jsonb, recorded_by = $9, recorded_at = $10
RETURNING true
"""

Agreements = Mapping[OrganizationId, tuple[Agreement, ...]]


async def read_agreements(connection: Connection) -> Agreements:
    """Every agreement, also those that are over: whoever asks looks at the time."""
    found: dict[OrganizationId, list[Agreement]] = defaultdict(list)
    for row in await connection.fetch(READ_ALL):
        found[OrganizationId(row["organization_id"])].append(_agreement(row))
    return {organization: tuple(those) for organization, those in found.items()}


async def agreements_of(connection: Connection, organization: OrganizationId) -> tuple[Agreement, ...]:
    """The agreements with one organisation."""
    return tuple(_agreement(row) for row in await connection.fetch(READ_OF, organization))


async def put_agreements(pool: asyncpg.Pool, agreements: Sequence[Agreement], by: str, now: datetime) -> None:
    """Enter or change agreements, all or none. Raises NotFoundError when an organisation is not in the directory."""
    async with transaction(pool) as connection:
        for one in agreements:
            known = await connection.fetchval(
                PUT, one.id, one.organization, one.begin, one.end, sorted(one.rules), sorted(one.channels),
                sorted(one.grants), json.dumps(dict(one.instructions)), by, now,
            )  # fmt: skip
            if not known:
                raise NotFoundError(f"agreement {one.id}: no organisation of that name is in the directory")


def _agreement(row: asyncpg.Record) -> Agreement:
    return Agreement(
        id=row["agreement_id"],
        organization=OrganizationId(row["organization_id"]),
        begin=row["begin_at"],
        end=row["end_at"],
        rules=frozenset(row["rules"]),
        channels=frozenset(Channel(one) for one in row["channels"]),
        grants=frozenset(Grant(one) for one in row["grants"]),
        instructions=json.loads(row["instructions"]),
    )
