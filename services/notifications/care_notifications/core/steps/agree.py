"""A partner is told what its agreement covers; what it does not cover is written down as not agreed."""

from collections.abc import Iterable, Iterator

from care_notifications.core.agreements import reason_not_agreed
from care_notifications.core.effects import Intent, Suppress, not_told
from care_notifications.core.situation import Situation
from care_notifications.core.state import Channel, Notice


def agree(situation: Situation, intents: Iterable[Intent | Suppress]) -> Iterator[Intent | Suppress]:
    """Let through what is agreed. That a gap closed is told to those who were told it opened, whatever ended since."""
    for one in intents:
        if not isinstance(one, Intent) or one.channel is not Channel.WEBHOOK or one.notice is Notice.CLOSED:
            yield one
            continue
        organization = one.recipient.organization
        agreements = situation.directory.agreements.get(organization, ()) if organization is not None else ()
        reason = reason_not_agreed(agreements, situation.alert.rule_id, one.channel, situation.now)
        if reason is None:
            yield one
        else:
            yield not_told(situation.record, one, reason)
