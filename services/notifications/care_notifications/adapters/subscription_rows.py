"""How a subscription stands in its row."""

from collections.abc import Sequence

import asyncpg

from care_notifications.adapters.sealed import Sealer
from care_notifications.core.fhir.subscriptions import Content, Status, Subscription, Topic, Wanted
from care_shared.vocabulary import OrganizationId

HEADERS = 3  # their place among the columns of what is wanted


def wanted_columns(wanted: Wanted) -> Sequence[object]:
    """What is wanted, in the order of the table."""
    filters = [f"{name}={','.join(values)}" for name, values in wanted.filters]
    return (
        wanted.topic, filters, wanted.endpoint, list(wanted.headers), wanted.content, wanted.heartbeat_seconds,
        wanted.timeout_seconds, wanted.max_count, wanted.ends_at, wanted.reason,
    )  # fmt: skip


def subscription_of(row: asyncpg.Record) -> Subscription:
    """The subscription in a whole row."""
    return Subscription(
        id=row["subscription_id"],
        organization=OrganizationId(row["organization_id"]),
        wanted=Wanted(
            topic=Topic(row["topic"]),
            endpoint=row["endpoint"],
            status=Status(row["status"]),
            filters=tuple(_filter(one) for one in row["filters"]),
            headers=tuple(row["headers"]),
            content=Content(row["content"]),
            heartbeat_seconds=row["heartbeat_seconds"],
            timeout_seconds=row["timeout_seconds"],
            max_count=row["max_count"],
            ends_at=row["ends_at"],
            reason=row["reason"],
        ),
        status=Status(row["status"]),
        version=row["version"],
        events=row["events"],
        updated_at=row["updated_at"],
        code=row["code"],
        failing_since=row["failing_since"],
    )


def _filter(text: str) -> tuple[str, tuple[str, ...]]:
    name, _, values = text.partition("=")
    return name, tuple(values.split(","))


def sealed_headers(headers: Sequence[str], sealer: Sealer, subscription_id: str) -> list[str]:
    """Headers whose values rest sealed; their names are shown to the owner."""
    return [f"{name}: {sealer.seal(value.strip(), subscription_id)}" for name, _, value in map(_parted, headers)]


def opened_headers(headers: Sequence[str], sealer: Sealer, subscription_id: str) -> list[str]:
    """Headers as the subscriber knows them. Raises ConfigurationError when their key is gone."""
    return [f"{name}: {sealer.open(value.strip(), subscription_id)}" for name, _, value in map(_parted, headers)]


def _parted(header: str) -> tuple[str, str, str]:
    return header.partition(":")
