"""Nobody is told the same thing twice: once per gap, round, channel and kind, and again only when it gets graver."""

from collections.abc import Iterable, Iterator

from care_notifications.core.effects import Intent, Suppress, not_told
from care_notifications.core.reasons import Reason
from care_notifications.core.situation import Situation
from care_notifications.core.state import Channel, Notice


def deduplicate(situation: Situation, intents: Iterable[Intent | Suppress]) -> Iterator[Intent | Suppress]:
    """Let through what the recipient has not heard yet."""
    heard: set[tuple[str, Channel, Notice]] = {
        (told.recipient, told.channel, told.notice)
        for told in situation.told
        if told.round == situation.record.round and (told.notice is Notice.CLOSED or told.tier <= situation.record.tier)
    }
    for one in intents:
        if isinstance(one, Suppress):
            yield one
            continue
        key = (one.recipient.id, one.channel, one.notice)
        if key in heard:
            yield not_told(situation.record, one, Reason.ALREADY_TOLD)
        else:
            heard.add(key)
            yield one
