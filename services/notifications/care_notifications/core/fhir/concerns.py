"""Which subscriptions an alert concerns, and as what: opened, escalated or closed, once each, if they may know."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from care_notifications.core.effects import Suppress
from care_notifications.core.fhir.issues import shareable
from care_notifications.core.fhir.notifications import is_told
from care_notifications.core.fhir.subscriptions import Subscription, Topic, passes
from care_notifications.core.reasons import Reason
from care_notifications.core.state import AlertRecord, Channel, is_over
from care_shared.contracts.care_alerts import CareAlert
from care_shared.vocabulary import AlertChange, GapId, Role, Tier


@dataclass(frozen=True, slots=True)
class Happened:
    """An event for one subscription; it gets its number when it is kept."""

    subscription_id: str
    gap_id: GapId
    round: int
    kind: Topic
    tier: Tier


# What a subscription was told of one round of a gap: the kinds, each with the gravest tier.
Heard = Mapping[tuple[str, Topic], Tier]


def concerned(
    alert: CareAlert,
    record: AlertRecord,
    subscriptions: Sequence[Subscription],
    heard: Heard,
    not_agreed: Reason | None,
) -> Iterator[Happened | Suppress]:
    """One event, or the reason why not, for each subscription of the patient's agency that asks for such alerts.

    `not_agreed` says why the agency's agreements do not cover it, when they do not.
    """
    for one in subscriptions:
        if one.organization != alert.care_team.agency or not is_told(one.status):
            continue
        if Role.AGENCY not in alert.audience or not passes(one.wanted.filters, alert):
            continue
        reason = not_agreed if shareable(alert) else Reason.SENSITIVE
        if reason is not None:
            yield Suppress(record.gap_id, record.revision, one.organization, Channel.FHIR, reason)
            continue
        kind = _kind(alert, record, one, heard)
        if kind is not None:
            yield Happened(one.id, record.gap_id, record.round, kind, record.tier)


def _kind(alert: CareAlert, record: AlertRecord, one: Subscription, heard: Heard) -> Topic | None:
    topic = one.wanted.topic
    told = [tier for (subscription, kind), tier in heard.items() if subscription == one.id and kind is not Topic.CLOSED]
    if is_over(record.state):
        is_news = (one.id, Topic.CLOSED) not in heard
        return Topic.CLOSED if topic in (Topic.ALL, Topic.CLOSED) and is_news else None
    if told:
        graver = alert.tier < min(told)
        return Topic.ESCALATED if graver and topic in (Topic.ALL, Topic.ESCALATED) else None
    # The first that this subscriber hears of the gap is its opening, whatever happened to it before.
    if topic is Topic.ESCALATED:
        return Topic.ESCALATED if alert.change is AlertChange.ESCALATED else None
    return Topic.OPENED if topic in (Topic.ALL, Topic.OPENED) else None
