"""Listens to the topic of care alerts, as a partner system would, and finds the alert one is waiting for."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer
from pydantic import ValidationError

from care_shared.contracts.care_alerts import CareAlert
from care_shared.errors import NotReadyError
from care_shared.runtime.kafka import connection_options
from care_shared.settings import KafkaSettings
from care_shared.topics import CARE_ALERTS

Wanted = Callable[[CareAlert], bool]


@dataclass(frozen=True, slots=True)
class Heard:
    """One alert message and when we heard it (monotonic seconds)."""

    alert: CareAlert
    at: float


@dataclass(slots=True)
class AlertEar:
    """Every alert heard so far, and waiting for one."""

    heard: list[Heard] = field(default_factory=list)
    _arrival: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def first(self, wanted: Wanted, within_seconds: float, what: str) -> Heard:
        """The first alert that is wanted; NotReadyError names `what` when it does not come in time."""
        try:
            async with asyncio.timeout(within_seconds), self._arrival:
                while True:
                    for one in self.heard:
                        if wanted(one.alert):
                            return one
                    await self._arrival.wait()
        except TimeoutError:
            raise NotReadyError(f"{what}: not heard on {CARE_ALERTS.name} within {within_seconds:.0f} s") from None

    async def take(self, value: bytes) -> None:
        """Keep one message; one that is no alert is somebody else's problem (the dead letters tell)."""
        try:
            alert = CareAlert.model_validate_json(value)
        except ValidationError:
            return
        async with self._arrival:
            self.heard.append(Heard(alert, time.monotonic()))
            self._arrival.notify_all()


@contextlib.asynccontextmanager
async def listening(bootstrap: str, *, from_start: bool = False) -> AsyncIterator[AlertEar]:
    """Listen while the block runs, to what comes from now on or to all there ever was."""
    consumer = AIOKafkaConsumer(
        CARE_ALERTS.name,
        **connection_options(KafkaSettings(bootstrap=bootstrap)),
        auto_offset_reset="earliest" if from_start else "latest",
        enable_auto_commit=False,
    )
    await consumer.start()
    ear = AlertEar()
    try:
        # Without a position the first poll would decide where «now» is, and an alert before it would be lost.
        for partition in consumer.assignment():
            await consumer.position(partition)
        ears = asyncio.create_task(_listen(consumer, ear))
        try:
            yield ear
        finally:
            ears.cancel()
            await asyncio.gather(ears, return_exceptions=True)
    finally:
        await consumer.stop()


async def _listen(consumer: AIOKafkaConsumer, ear: AlertEar) -> None:
    async for message in consumer:
        await ear.take(message.value or b"")
