"""A message that can never be used is set aside whole, with its place and its reason."""

import base64
from dataclasses import dataclass
from datetime import datetime

from care_shared.contracts.alert_activity import DeadLetter
from care_shared.contracts.envelope import derived_id
from care_shared.errors import UnusableMessageError
from care_shared.runtime.kafka import Record, cloud_event_headers


@dataclass(frozen=True, slots=True)
class Place:
    """Where in Kafka a message stands."""

    topic: str
    partition: int
    offset: int


def dead_letter(
    place: Place, key: bytes | None, value: bytes, error: UnusableMessageError, recorded_at: datetime
) -> tuple[str, Record]:
    """`(event_id, record)` for the dead-letter topic of `place`; the same place gives the same id."""
    letter = DeadLetter(
        topic=place.topic,
        partition=place.partition,
        offset=place.offset,
        error=type(error).__name__,
        field=error.field,
        problem=error.problem,
        recorded_at=recorded_at,
        key_base64=base64.b64encode(key or b"").decode(),
        value_base64=base64.b64encode(value).decode(),
    )
    event_id = derived_id("dead-letter", place.topic, str(place.partition), str(place.offset))
    headers = cloud_event_headers(event_id, "dead-letter", place.topic, recorded_at.isoformat())
    return event_id, Record(f"{place.topic}.dead-letters", key or b"", letter.model_dump_json().encode(), headers)
