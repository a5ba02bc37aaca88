"""What people and channels did with an alert, as messages for `care.alert-activity.v1` and `care.events.v1`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from care_notifications.core.messages import Message
from care_notifications.core.state import AlertRecord, AlertState, Channel, is_over
from care_shared.contracts.alert_activity import AlertActivity
from care_shared.contracts.care_alerts import CareAlert
from care_shared.contracts.care_events import CareEvent, encode_event
from care_shared.contracts.envelope import derived_id
from care_shared.runtime.kafka import Record, cloud_event_headers
from care_shared.runtime.outbox import Row
from care_shared.topics import CARE_ALERT_ACTIVITY, CARE_EVENTS
from care_shared.vocabulary import ActivityKind, EventId

SOURCE = "notifications"


def activity_row(message: Message, kind: ActivityKind, code: str, now: datetime) -> Row:
    """The outbox row that says how a notice ended; the same notice and end give the same id."""
    return outbox_row(
        AlertActivity(
            event_id=EventId(derived_id("activity", message.delivery_id, kind)),
            gap_id=message.gap_id,
            patient_id=message.patient_id,
            kind=kind,
            occurred_at=now,
            by=SOURCE,
            detail={
                "channel": message.channel.value,
                "recipient": message.recipient,
                "notice": message.notice.value,
                "tier": message.tier.value,
                "code": code,
            },
        )
    )


def told_row(subscription_id: str, event: Mapping[str, Any], now: datetime) -> Row:
    """The outbox row that says that a subscriber has a numbered event."""
    number = str(event["number"])
    return outbox_row(
        AlertActivity(
            event_id=EventId(derived_id("activity", subscription_id, number, ActivityKind.DELIVERED)),
            gap_id=event["gap_id"],
            patient_id=event["patient_id"],
            kind=ActivityKind.DELIVERED,
            occurred_at=now,
            by=SOURCE,
            detail={
                "channel": Channel.FHIR.value,
                "recipient": subscription_id,
                "notice": event["kind"],
                "tier": event["tier"],
                "number": number,
            },
        )
    )


def activity_of_news(before: AlertRecord | None, after: AlertRecord, alert: CareAlert) -> AlertActivity | None:
    """What news from scoring did to an alert's life; None when it only says more about it."""
    kind = _kind_of_news(before, after)
    if kind is None:
        return None
    told = {
        "state": after.state.value,
        "before": before.state.value if before is not None else "",
        "owner": after.owner,
        "version": str(after.version),
        "round": str(after.round),
        "tier": after.tier.value,
        "reason": alert.close_reason.value if alert.close_reason is not None else "",
    }
    return AlertActivity(
        event_id=EventId(derived_id("activity", alert.event_id, kind)),
        gap_id=after.gap_id,
        patient_id=after.patient_id,
        kind=kind,
        occurred_at=alert.changed_at,
        by="scoring",
        detail={name: value for name, value in told.items() if value},
    )


def _kind_of_news(before: AlertRecord | None, after: AlertRecord) -> ActivityKind | None:
    if before is None:  # an opening is what `care.alerts.v1` says
        return None
    if is_over(before.state) != is_over(after.state):
        return ActivityKind.CLOSED if is_over(after.state) else ActivityKind.REOPENED
    if before.state is not after.state:
        return ActivityKind.WOKEN if before.state is AlertState.SNOOZED else ActivityKind.UPDATED
    return ActivityKind.HANDED_OVER if before.owner != after.owner else None


def outbox_row(activity: AlertActivity) -> Row:
    """The outbox row of one activity, keyed by patient."""
    headers = cloud_event_headers(activity.event_id, activity.type, SOURCE, activity.occurred_at.isoformat())
    value = activity.model_dump_json(exclude_none=True).encode()
    return activity.event_id, Record(CARE_ALERT_ACTIVITY.name, activity.patient_id.encode(), value, headers)


def event_row(event: CareEvent, event_type: str) -> Row:
    """The outbox row of one fact that a person told us, keyed by patient."""
    headers = cloud_event_headers(event.event_id, event_type, SOURCE, event.occurred_at.isoformat())
    return event.event_id, Record(CARE_EVENTS.name, event.patient_id.encode(), encode_event(event), headers)
