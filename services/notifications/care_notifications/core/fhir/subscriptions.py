"""What a partner subscribes to: a topic of care gaps, narrowed by filters, told over a rest-hook (R5 Backport 1.1)."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from care_notifications.core.fhir.names import BACKPORT, Names, Resource, instant, present
from care_shared.contracts.care_alerts import CareAlert
from care_shared.vocabulary import OrganizationId

PROFILE = f"{BACKPORT}/backport-subscription"
FILTER = f"{BACKPORT}/backport-filter-criteria"
CONTENT = f"{BACKPORT}/backport-payload-content"
HEARTBEAT = f"{BACKPORT}/backport-heartbeat-period"
TIMEOUT = f"{BACKPORT}/backport-timeout"
MAX_COUNT = f"{BACKPORT}/backport-max-count"
HIDDEN = "***"


class Topic(StrEnum):
    """What can be subscribed to; its canonical is `{base}/SubscriptionTopic/{topic}`."""

    ALL = "care-gaps"
    OPENED = "care-gap-opened"
    ESCALATED = "care-gap-escalated"
    CLOSED = "care-gap-closed"


class Content(StrEnum):
    """How much stands in a notification."""

    EMPTY = "empty"
    ID_ONLY = "id-only"
    FULL = "full-resource"


class Status(StrEnum):
    """Where a subscription is: waiting for its handshake, told, given up after failures, or switched off."""

    REQUESTED = "requested"
    ACTIVE = "active"
    ERROR = "error"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the partner asks for. A filter is a name and the values of which one must match; all filters must."""

    topic: Topic
    endpoint: str
    status: Status = Status.REQUESTED
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    headers: tuple[str, ...] = field(default=(), repr=False)
    content: Content = Content.ID_ONLY
    heartbeat_seconds: int | None = None
    timeout_seconds: int = 15
    max_count: int = 20
    ends_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription as it stands."""

    id: str
    organization: OrganizationId
    wanted: Wanted
    status: Status
    version: int
    events: int
    updated_at: datetime
    code: str | None = None
    failing_since: datetime | None = None


def canonical(topic: Topic, names: Names) -> str:
    """The name by which integrators subscribe."""
    return f"{names.base}/SubscriptionTopic/{topic}"


def passes(filters: tuple[tuple[str, tuple[str, ...]], ...], alert: CareAlert) -> bool:
    """Whether an alert is one of those asked for."""
    own = {"patient": alert.patient_id, "rule": alert.rule_id, "tier": alert.tier.value}
    return all(own[name] in values for name, values in filters)


def subscription_resource(one: Subscription, names: Names) -> Resource:
    """The Subscription as its owner reads it; the values of its headers stay with us."""
    wanted = one.wanted
    filters = [{"url": FILTER, "valueString": written(name, values)} for name, values in wanted.filters]
    return present(
        resourceType="Subscription",
        id=one.id,
        meta={"versionId": str(one.version), "lastUpdated": instant(one.updated_at), "profile": [PROFILE]},
        status=one.status.value,
        end=instant(wanted.ends_at) if wanted.ends_at else None,
        reason=wanted.reason or "Care gaps of patients we serve",
        criteria=canonical(wanted.topic, names),
        _criteria={"extension": filters} if filters else None,
        error=trouble(one),
        channel=_channel(wanted),
    )


def trouble(one: Subscription) -> str:
    """What went wrong last, as a code and since when; empty when all is well."""
    if one.failing_since is None:
        return one.code or "" if one.status in (Status.ERROR, Status.OFF) else ""
    return f"{one.code} since {instant(one.failing_since)}"


def written(name: str, values: tuple[str, ...]) -> str:
    """A filter as FHIR writes it."""
    return f"DetectedIssue?{name}={','.join(values)}"


def _channel(wanted: Wanted) -> Resource:
    extensions: list[Resource] = [
        {"url": TIMEOUT, "valueUnsignedInt": wanted.timeout_seconds},
        {"url": MAX_COUNT, "valuePositiveInt": wanted.max_count},
    ]
    if wanted.heartbeat_seconds is not None:
        extensions.append({"url": HEARTBEAT, "valueUnsignedInt": wanted.heartbeat_seconds})
    return present(
        extension=extensions,
        type="rest-hook",
        endpoint=wanted.endpoint,
        payload="application/fhir+json",
        _payload={"extension": [{"url": CONTENT, "valueCode": wanted.content.value}]},
        header=[f"{one.partition(':')[0]}: {HIDDEN}" for one in wanted.headers],
    )
