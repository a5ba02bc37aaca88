"""Facts from `care.events.v1` become what somebody here knows of patients, together with the position that was read."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import asyncpg
from pydantic import ValidationError

from care_notifications.adapters.postgres import transaction
from care_notifications.adapters.postgres_positions import PostgresPositions, advance, lock_positions
from care_notifications.ports import RawAlert, Slot
from care_shared.contracts.care_events import AnyCareEvent, decode_event
from care_shared.contracts.envelope import CareEvent
from care_shared.errors import OwnershipLostError
from care_shared.runtime.logs import get_log
from care_shared.runtime.postgres import Connection

log = get_log(__name__)


class FactListener(PostgresPositions, ABC):
    """Hears some kinds of facts. Each listener has a position of its own: one that is new reads from the beginning."""

    def __init__(self, pool: asyncpg.Pool, heard: tuple[type[CareEvent], ...], reader: str = "") -> None:
        super().__init__(pool, reader)
        self._kinds = heard
        # Most facts are readings, and a JSON parser that looks at the whole of each costs more than this glance.
        self._names = tuple(f'"{kind.model_fields["type"].default}"'.encode() for kind in heard)

    async def handle(self, slot: Slot, batch: Sequence[RawAlert]) -> int:
        """Take in what is new. Returns the next offset to read. Raises OwnershipLostError when there is a hole."""
        place = self.place(slot)
        async with transaction(self._pool) as connection:
            stored = (await lock_positions(connection, (place,)))[place]
            fresh = [raw for raw in batch if raw.offset >= stored]
            if not fresh:
                return stored
            if fresh[0].offset > stored:
                raise OwnershipLostError("the batch does not follow the stored position")
            heard = [event for raw in fresh if (event := self._heard(raw, slot)) is not None]
            if heard:
                await self.fold(connection, heard)
            next_offset = fresh[-1].offset + 1
            await advance(connection, {place: next_offset})
        if heard:
            self.told()
        return next_offset

    @abstractmethod
    async def fold(self, connection: Connection, events: Sequence[AnyCareEvent]) -> None:
        """Keep what these facts say, in their order."""

    def told(self) -> None:
        """Something was kept, and the transaction has ended."""

    def _heard(self, raw: RawAlert, slot: Slot) -> AnyCareEvent | None:
        """The fact, when its kind is heard. What nobody can read is set aside as a dead letter by scoring."""
        if not any(name in raw.value for name in self._names):
            return None
        try:
            event = decode_event(raw.value)
        except ValidationError:
            log.warning("facts.passed-over", topic=slot.topic, partition=slot.partition, offset=raw.offset)
            return None
        return event if isinstance(event, self._kinds) else None
