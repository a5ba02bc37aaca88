"""Dead letters are taken from their topics onto our shelf, each once, together with how far we have read."""

import base64
import json
from collections.abc import Sequence

import asyncpg

from care_notifications.adapters.postgres import transaction
from care_notifications.adapters.postgres_dead_letters import about_letter
from care_notifications.adapters.postgres_positions import PostgresPositions, advance, lock_positions
from care_notifications.adapters.sealed import Sealer
from care_notifications.core.letters import Content, letter_in
from care_notifications.ports import RawAlert, Slot
from care_shared.errors import OwnershipLostError
from care_shared.runtime.clock import Clock
from care_shared.runtime.dead_letters import Place, letter_id

KEEP = """
INSERT INTO dead_letters
    (letter_id, topic, partition, first_offset, error, field, problem, recorded_at, key, value, headers)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING
"""


class DeadLetterReader(PostgresPositions):
    """Takes letters from their topics, each once."""

    def __init__(self, pool: asyncpg.Pool, sealer: Sealer, clock: Clock) -> None:
        super().__init__(pool)
        self._sealer = sealer
        self._clock = clock

    async def handle(self, slot: Slot, batch: Sequence[RawAlert]) -> int:
        """Keep what is new. Returns the next offset to read. Raises OwnershipLostError when there is a hole."""
        async with transaction(self._pool) as connection:
            stored = (await lock_positions(connection, (slot,)))[slot]
            fresh = [raw for raw in batch if raw.offset >= stored]
            if not fresh:
                return stored
            if fresh[0].offset > stored:
                raise OwnershipLostError("the batch does not follow the stored position")
            await connection.executemany(KEEP, [self._row(slot, raw) for raw in fresh])
            await advance(connection, {slot: fresh[-1].offset + 1})
        return fresh[-1].offset + 1

    def _row(self, slot: Slot, raw: RawAlert) -> tuple[object, ...]:
        letter = letter_in(raw.value, slot.topic, (slot.partition, raw.offset), self._clock())
        cause, content = letter.cause, letter.content
        name = letter_id(Place(cause.topic, letter.partition, letter.offset))
        value = self._sealer.seal(base64.b64encode(content.value).decode(), about_letter(name))
        return (
            name, cause.topic, letter.partition, letter.offset, cause.error, cause.field, cause.problem,
            letter.recorded_at, content.key, value, _headers_text(content),
        )  # fmt: skip


def _headers_text(content: Content) -> str | None:
    if content.headers is None:
        return None
    return json.dumps([[name, base64.b64encode(value).decode()] for name, value in content.headers])
