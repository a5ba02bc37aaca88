"""`carelead topics`: create the Kafka topics that are missing; existing ones stay as they are."""

import asyncio
from typing import Annotated

import typer

from care_cli.output import plural, say


def topics(
    replication: Annotated[int, typer.Option(min=1, help="Copies of each partition; 3 on a real cluster.")] = 1,
) -> None:
    """Create the topics that are missing."""
    from care_cli.running.target import kafka_target
    from care_shared.runtime.kafka import create_topics
    from care_shared.settings import KafkaSettings
    from care_shared.topics import all_topics

    settings = KafkaSettings(bootstrap=kafka_target())
    wanted = list(all_topics())
    created = asyncio.run(create_topics(settings, wanted, replication))
    for topic in wanted:
        verdict = "created" if topic.name in created else "exists "
        say(f"{verdict}  {topic.name}  {plural(topic.partitions, 'partition')}")
