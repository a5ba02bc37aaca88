"""A message that can never be used is set aside whole, with its place and its reason."""

import base64
from dataclasses import dataclass
from datetime import datetime

from care_shared.contracts.alert_activity import DeadLetter
from care_shared.contracts.envelope import derived_id
from care_shared.errors import UnusableMessageError
from care_shared.runtime.kafka import Headers, Record, cloud_event_headers


@dataclass(frozen=True, slots=True)
class Place:
    """Where in Kafka a message stands."""

    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Whole:
    """A message as it stood there; `headers` where they are needed to send it again."""

    key: bytes | None
    value: bytes
    headers: Headers = ()


def dead_letter(place: Place, message: Whole, error: UnusableMessageError, recorded_at: datetime) -> tuple[str, Record]:
    """`(event_id, record)` for the dead-letter topic of `place`; the same place gives the same id."""
    letter = DeadLetter(
        topic=place.topic,
        partition=place.partition,
        offset=place.offset,
        error=type(error).__name__,
        field=error.field,
        problem=error.problem,
        recorded_at=recorded_at,
        key_base64=base64.b64encode(message.key or b"").decode(),
        value_base64=base64.b64encode(message.value).decode(),
        headers_base64=tuple((name, base64.b64encode(one or b"").decode()) for name, one in message.headers),
    )
    event_id = letter_id(place)
    headers = cloud_event_headers(event_id, "dead-letter", place.topic, recorded_at.isoformat())
    return event_id, Record(
        f"{place.topic}.dead-letters", message.key or b"", letter.model_dump_json().encode(), headers
    )


def letter_id(place: Place) -> str:
    """What the letter about a message at this place is called."""
    return derived_id("dead-letter", place.topic, str(place.partition), str(place.offset))
