"""The part of the composition root that belongs to dead letters: who reads them, their shelf, and their way back."""

from collections.abc import Coroutine
from dataclasses import dataclass

from care_notifications.adapters.dead_letter_reader import DeadLetterReader
from care_notifications.adapters.kafka_alerts import AlertReader, slot_by_slot
from care_notifications.adapters.letter_sender import LetterSender
from care_notifications.adapters.postgres_dead_letters import PostgresDeadLetters
from care_notifications.footing import Footing
from care_shared.runtime.kafka import Publisher
from care_shared.topics import CONSUMED


@dataclass(frozen=True, slots=True)
class Letters:
    """The parts."""

    shelf: PostgresDeadLetters
    taker: DeadLetterReader
    reader: AlertReader
    sender: LetterSender

    def background(self) -> tuple[Coroutine[None, None, None], ...]:
        """What runs beside the pages."""
        return self.reader.run(slot_by_slot(self.taker.handle)), self.sender.run()


def build_letters(on: Footing) -> Letters:
    """Wire the parts; nothing runs yet."""
    taker = DeadLetterReader(on.pool, on.sealer, on.clock)
    topics = tuple(topic.dead_letters.name for topic in CONSUMED)
    reader = AlertReader(on.settings.kafka, topics, f"{on.own.consumer_group}-letters", taker, on.clock)
    sender = LetterSender(on.pool, on.sealer, Publisher(on.settings.kafka))
    return Letters(PostgresDeadLetters(on.pool, on.sealer, on.ring), taker, reader, sender)
