"""What is left is to be sent, as long as it is fresh enough to be useful."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from care_notifications.core.effects import Deliver, Effect, Intent, Suppress
from care_notifications.core.reasons import Reason
from care_notifications.core.situation import Situation
from care_notifications.core.state import Channel

# Last week's mail misleads; a partner that was down over a long weekend still wants to know.
USEFUL_FOR = {
    Channel.CONSOLE: timedelta(days=1),
    Channel.EMAIL: timedelta(days=1),
    Channel.SMS: timedelta(hours=12),
    Channel.WEBHOOK: timedelta(days=5),
}


def deliver(situation: Situation, intents: Iterable[Intent | Suppress]) -> Iterator[Effect]:
    """Turn each intent into a delivery with an end."""
    record = situation.record
    for one in intents:
        if isinstance(one, Suppress):
            yield one
            continue
        expires_at = situation.alert.changed_at + USEFUL_FOR[one.channel]
        if expires_at <= situation.now:
            yield Suppress(record.gap_id, record.revision, one.recipient.id, one.channel, Reason.EXPIRED)
        else:
            yield Deliver(
                gap_id=record.gap_id,
                round=record.round,
                revision=record.revision,
                tier=record.tier,
                recipient=one.recipient.id,
                standing=one.recipient.standing,
                channel=one.channel,
                notice=one.notice,
                expires_at=expires_at,
                wait=one.wait,
            )
