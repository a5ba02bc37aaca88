"""What people and channels did with an alert, as messages for `care.alert-activity.v1` and `care.events.v1`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from care_notifications.core.messages import Message
from care_notifications.core.state import Channel
from care_shared.contracts.alert_activity import AlertActivity
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


def outbox_row(activity: AlertActivity) -> Row:
    """The outbox row of one activity, keyed by patient."""
    headers = cloud_event_headers(activity.event_id, activity.type, SOURCE, activity.occurred_at.isoformat())
    value = activity.model_dump_json(exclude_none=True).encode()
    return activity.event_id, Record(CARE_ALERT_ACTIVITY.name, activity.patient_id.encode(), value, headers)


def event_row(event: CareEvent, event_type: str) -> Row:
    """The outbox row of one fact that a person told us, keyed by patient."""
    headers = cloud_event_headers(event.event_id, event_type, SOURCE, event.occurred_at.isoformat())
    return event.event_id, Record(CARE_EVENTS.name, event.patient_id.encode(), encode_event(event), headers)
