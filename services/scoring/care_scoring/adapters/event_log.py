"""Asks the broker where the topic of facts begins and ends, over a connection of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaConnectionError, KafkaError

from care_scoring.adapters.batch_faust import BatchApp
from care_scoring.ports import Slice
from care_shared.errors import NotReadyError
from care_shared.runtime.kafka import connection_options
from care_shared.settings import KafkaSettings

ASK_SECONDS = 5.0


class KafkaEventLog:
    """The EventLog of a running service.

    On Faust's own connection a question would wait behind a fetch that waits for facts, for a second and a half.
    """

    def __init__(self, kafka: KafkaSettings, topic: str, app: BatchApp) -> None:
        self._topic = topic
        self._app = app
        self._asking = AIOKafkaConsumer(**connection_options(kafka), enable_auto_commit=False)

    async def start(self) -> None:
        """Connect. Raises NotReadyError when no broker answers."""
        try:
            await self._asking.start()
        except KafkaConnectionError as error:
            raise NotReadyError("no Kafka broker answers at CARE_KAFKA_BOOTSTRAP") from error

    async def stop(self) -> None:
        """Disconnect."""
        await self._asking.stop()

    async def ends(self, partitions: Collection[int]) -> dict[int, int]:
        """The broker's end offsets now."""
        return await self._ask(self._asking.end_offsets, partitions)

    async def starts(self, partitions: Collection[int]) -> dict[int, int]:
        """The oldest offsets the broker still has."""
        return await self._ask(self._asking.beginning_offsets, partitions)

    async def reread(self, partition: int, offset: int) -> None:
        """Go back to `offset`."""
        await self._app.reread(partition, offset)

    def is_current(self, one: Slice) -> bool:
        """Whether the slice was read after the latest seek of its partition."""
        return self._app.is_current(one)

    async def _ask(
        self,
        question: Callable[[list[TopicPartition]], Awaitable[Mapping[TopicPartition, int]]],
        partitions: Collection[int],
    ) -> dict[int, int]:
        tps = [TopicPartition(self._topic, one) for one in partitions]
        if not tps:
            return {}
        try:
            answer = await asyncio.wait_for(question(tps), ASK_SECONDS)
        except (KafkaError, TimeoutError) as error:
            raise NotReadyError("Kafka did not say where the log begins and ends") from error
        return {tp.partition: offset for tp, offset in answer.items()}
