"""What is left is to be sent, as long as it is fresh enough to be useful."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from care_notifications.core.effects import Effect, Intent, Suppress, delivery, not_told
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
    for one in intents:
        if isinstance(one, Suppress):
            yield one
            continue
        expires_at = situation.alert.changed_at + USEFUL_FOR[one.channel]
        if expires_at <= situation.now:
            yield not_told(situation.record, one, Reason.EXPIRED)
        else:
            yield delivery(situation.record, one, expires_at)
