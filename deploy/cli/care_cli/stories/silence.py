"""After all the stories: no dead letters, and no log line that holds a patient's name or number."""

from collections.abc import Iterator
from pathlib import Path

from aiokafka import AIOKafkaConsumer, TopicPartition

from care_cli.stories.stage import CANARY, CANARY_NUMBER, Stage, StoryFailedError
from care_shared.runtime.kafka import connection_options
from care_shared.settings import KafkaSettings
from care_shared.topics import CONSUMED


async def nothing_was_set_aside(stage: Stage) -> None:
    """Every message could be used."""
    consumer = AIOKafkaConsumer(**connection_options(KafkaSettings(bootstrap=stage.system.stack.kafka_bootstrap)))
    await consumer.start()
    try:
        ends = await consumer.end_offsets([TopicPartition(topic.dead_letters.name, 0) for topic in CONSUMED])
    finally:
        await consumer.stop()
    letters = sum(ends.values())
    stage.require(f"{letters} dead letters", holds=letters == 0)


async def logs_hold_no_patient(stage: Stage) -> None:
    """Not one log of any service or server holds a name or number of the stories' patients."""
    logs = sorted(stage.system.stack.folder.logs.glob("*"))
    for place in _leaks(logs):
        raise StoryFailedError(f"a patient's name or number stands in {place}")
    stage.require(f"{len(logs)} logs hold no patient's name or number", holds=bool(logs))


def _leaks(logs: list[Path]) -> Iterator[str]:
    for log in logs:
        with log.open("rb") as stream:
            for number, line in enumerate(stream, 1):
                if CANARY.encode() in line or CANARY_NUMBER.encode() in line:
                    yield f"{log.name}, line {number}"
