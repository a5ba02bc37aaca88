"""Alerts whose time is up take their step. Nothing is scheduled in memory: it looks, works, and looks again."""

import asyncio
from datetime import datetime
from typing import Protocol

from care_notifications.core.escalation import ENDED, Step
from care_notifications.measures import LATE_STEPS, STEPS
from care_shared.errors import NotReadyError
from care_shared.runtime.clock import Clock
from care_shared.runtime.logs import get_log

log = get_log(__name__)

IDLE_SECONDS = 1.0
BATCH = 50


class StepStore(Protocol):
    """Where alerts stand on their ladders."""

    async def take_due(self, now: datetime, most: int) -> list[Step]:
        """Take what is due."""
        ...


class Escalator:
    """One per process; several do not disturb one another."""

    def __init__(self, store: StepStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled. PostgreSQL away: what is due stays due, and is taken once, late."""
        while True:
            taken = 0
            try:
                taken = await self.take_due()
            except NotReadyError as error:
                log.warning("escalator.waiting", error=type(error).__name__)
            await asyncio.sleep(0 if taken == BATCH else IDLE_SECONDS)

    async def take_due(self) -> int:
        """One batch of steps; how many were taken."""
        steps = await self._store.take_due(self._clock(), BATCH)
        for step in steps:
            STEPS.labels(step.kind.value).inc()
            if step.late:
                LATE_STEPS.inc()
            level = log.warning if step.target == ENDED else log.info
            level(
                "alert.stepped", gap_id=step.record.gap_id, tier=step.record.tier.value, kind=step.kind.value,
                reason=step.target, count=len(step.recipients),
            )  # fmt: skip
        return len(steps)
