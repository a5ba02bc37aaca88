"""Whom a step of the ladder reaches for is told over each of their channels, whatever they heard of it before."""

from collections.abc import Iterator

from care_notifications.core.effects import Effect, Intent, Suppress, delivery
from care_notifications.core.situation import Situation
from care_notifications.core.state import Notice, Person, Recipient, Standing
from care_notifications.core.steps.authorise import authorise
from care_notifications.core.steps.deliver import USEFUL_FOR
from care_shared.vocabulary import PersonId


def reach(situation: Situation, recipients: tuple[PersonId, ...]) -> tuple[Effect, ...]:
    """One notice for each person and channel, of this step. Budgets and digests have no say: somebody has to come."""
    return tuple(_told(situation, one) for one in authorise(situation, _intents(situation, recipients)))


def _intents(situation: Situation, recipients: tuple[PersonId, ...]) -> Iterator[Intent]:
    for recipient in recipients:
        person = situation.directory.people.get(recipient, Person(recipient))
        for channel in person.channels:
            if channel in situation.directory.channels:
                yield Intent(Recipient(person.id, Standing.CARE_TEAM, person.channels), channel, Notice.ATTENTION)


def _told(situation: Situation, one: Intent | Suppress) -> Effect:
    if isinstance(one, Suppress):
        return one
    record = situation.record
    return delivery(record, one, situation.now + USEFUL_FOR[one.channel], record.climb.step)
