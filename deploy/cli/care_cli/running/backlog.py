"""What waits in the running system: facts not yet read, messages not yet sent, and whatever a person must look at."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from care_cli.output import plural
from care_cli.running.machine import Finding
from care_cli.running.schemas import SERVICES
from care_shared.runtime.kafka import connection_options
from care_shared.settings import KafkaSettings
from care_shared.topics import CARE_ALERTS, CARE_EVENTS, CARE_INBOUND, CONSUMED, Topic

LAG_LIMIT = 1000
OLDEST_WAITING_SECONDS = 30.0

# The positions that hold are those in PostgreSQL; what Kafka remembers of our groups is a hint only.
POSITIONS = {
    "intake": (CARE_INBOUND, "SELECT partition, next_offset FROM intake.inbound_offsets WHERE topic = $1"),
    "scoring": (CARE_EVENTS, "SELECT partition, next_offset FROM scoring.partitions WHERE $1 <> ''"),
    "notifications": (CARE_ALERTS, "SELECT partition, next_offset FROM notifications.positions WHERE topic = $1"),
}
WAITING = {
    service: "SELECT count(*) AS waiting, coalesce(extract(epoch FROM now() - min(created_at)), 0)::float AS seconds "  # noqa: S608  # three fixed names
    f"FROM {service}.outbox WHERE published_at IS NULL"
    for service in SERVICES
}
# Letters that notifications has not read yet wait as well; those that somebody settled do not.
LETTERS = "SELECT count(*) FROM notifications.dead_letters WHERE topic = $1 AND state = 'waiting'"
LETTERS_READ = "SELECT partition, next_offset FROM notifications.positions WHERE topic = $1"
PARKED = "SELECT count(*) FROM scoring.parked_patients"
SKIPPED = "SELECT count(*) FROM scoring.skipped_offsets"
SET_ASIDE = """
SELECT verdict, count(*) AS found FROM intake.receipts
WHERE verdict IN ('quarantined', 'rejected', 'conflict', 'held') AND received_at > now() - interval '1 day'
GROUP BY verdict ORDER BY verdict
"""

SEE_LOG = "look at the end of {service}.log in the folder of the stack"
FIX_LAG = "wait and ask again; if the number does not fall, " + SEE_LOG
FIX_OUTBOX = "it goes out as soon as Kafka answers; if it does, " + SEE_LOG
FIX_PARKED = (
    "a rule fails on their facts: see select * from scoring.parked_patients, deploy the fix, then set "
    "release_requested_at = now() there; their facts are folded again in order"
)
FIX_SKIPPED = "Kafka removed facts before they were read: see scoring.skipped_offsets, and replay intake from that time"
FIX_LETTERS = "mend the cause, then send them again or discard them: /interfaces/dead-letters on the worklist's address"
FIX_SET_ASIDE = "carelead intake list shows each with its field; mend and replay them with carelead intake replay"


@dataclass(frozen=True, slots=True)
class Ends:
    """Where each partition begins and ends on the broker."""

    begins: Mapping[TopicPartition, int]
    ends: Mapping[TopicPartition, int]

    def behind(self, topic: Topic, positions: Mapping[int, int]) -> int:
        """Messages after the positions; a partition that nobody has read yet counts from its beginning."""
        return sum(
            max(0, end - max(positions.get(place.partition, 0), self.begins[place]))
            for place, end in self.ends.items()
            if place.topic == topic.name
        )


async def backlog_findings(dsn: str, kafka: KafkaSettings) -> AsyncIterator[Finding]:
    """Everything that waits, in the order in which a message meets it."""
    ends = await _ends(kafka)
    connection = await asyncpg.connect(dsn, timeout=5)
    try:
        for service, (topic, question) in POSITIONS.items():
            positions = {row["partition"]: row["next_offset"] for row in await connection.fetch(question, topic.name)}
            yield lag(service, topic, ends.behind(topic, positions))
        for service in SERVICES:
            row = await connection.fetchrow(WAITING[service])
            assert row is not None
            yield outbox(service, row["waiting"], row["seconds"])
        yield counted(await connection.fetchval(PARKED), "parked patient", FIX_PARKED)
        yield skipped(await connection.fetchval(SKIPPED))
        yield set_aside({row["verdict"]: row["found"] for row in await connection.fetch(SET_ASIDE)})
        for topic in CONSUMED:
            read = await connection.fetch(LETTERS_READ, topic.dead_letters.name)
            unread = ends.behind(topic.dead_letters, {row["partition"]: row["next_offset"] for row in read})
            waiting = unread + await connection.fetchval(LETTERS, topic.name)
            yield counted(waiting, f"{topic.name} dead letter", FIX_LETTERS)
    finally:
        await connection.close()


def lag(service: str, topic: Topic, behind: int) -> Finding:
    """How far a reader's own position is behind the broker's end."""
    said = f"{service} has read {topic.name} to the end"
    if behind:
        said = f"{service} is {plural(behind, 'message')} behind on {topic.name}"
    return Finding(said, behind < LAG_LIMIT, FIX_LAG.format(service=service), blocks=False)


def outbox(service: str, waiting: int, seconds: float) -> Finding:
    """What a service has to say and Kafka has not got yet."""
    said = f"nothing waits in the outbox of {service}"
    if waiting:
        said = f"{plural(waiting, 'message')} in the outbox of {service}, the oldest for {seconds:.0f} s"
    return Finding(said, seconds < OLDEST_WAITING_SECONDS, FIX_OUTBOX.format(service=service))


def counted(number: int, noun: str, fix: str) -> Finding:
    """Something of which there should be none."""
    return Finding(plural(number, noun) if number else f"no {noun}s", not number, fix, blocks=False)


def skipped(number: int) -> Finding:
    """Facts that the broker deleted before scoring had read them."""
    said = f"facts left the log unread in {plural(number, 'place')}" if number else "no fact left the log unread"
    return Finding(said, not number, FIX_SKIPPED, blocks=False)


def set_aside(verdicts: Mapping[str, int]) -> Finding:
    """Messages of the last day that intake could not use."""
    said = ", ".join(f"{number} {verdict}" for verdict, number in verdicts.items())
    what = f"messages of the last day set aside: {said}" if said else "no message of the last day was set aside"
    return Finding(what, not said, FIX_SET_ASIDE, blocks=False)


async def _ends(kafka: KafkaSettings) -> Ends:
    topics = [topic for consumed in CONSUMED for topic in (consumed, consumed.dead_letters)]
    places = [TopicPartition(topic.name, number) for topic in topics for number in range(topic.partitions)]
    consumer = AIOKafkaConsumer(**connection_options(kafka))
    await consumer.start()
    try:
        return Ends(await consumer.beginning_offsets(places), await consumer.end_offsets(places))
    finally:
        await consumer.stop()
