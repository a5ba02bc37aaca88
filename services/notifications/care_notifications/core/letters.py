"""A dead letter: why a message could not be used, what of it may be shown, and whether it may be sent again."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import get_args

from pydantic import ValidationError

from care_shared.contracts.alert_activity import DeadLetter
from care_shared.contracts.care_alerts import AnyCareAlert
from care_shared.contracts.care_events import AnyCareEvent
from care_shared.contracts.envelope import Contract
from care_shared.masking import masked_hl7, masked_json, pattern
from care_shared.topics import CARE_INBOUND, CONSUMED

MOST_SHOWN = 200_000
LONGEST = 500
MOST_PARTITIONS, MOST_OFFSETS = 2**31, 2**63
_NAMES = frozenset(topic.name for topic in CONSUMED)


class LetterState(StrEnum):
    """Where a letter stands."""

    WAITING = "waiting"
    LEAVING = "leaving"
    REPLAYED = "replayed"
    DISCARDED = "discarded"


class LetterAct(StrEnum):
    """What somebody did with a letter."""

    UNMASKED = "unmasked"
    REPLAYED = "replayed"
    DISCARDED = "discarded"
    EXPORTED = "exported"


@dataclass(frozen=True, slots=True)
class Cause:
    """Why letters of one topic were set aside."""

    topic: str
    error: str
    field: str
    problem: str

    @property
    def id(self) -> str:
        """What an address calls it; it tells nothing."""
        text = "\0".join((self.topic, self.error, self.field, self.problem))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Content:
    """The message itself, as it stood in its topic; `headers` is None where nobody kept them."""

    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...] | None


@dataclass(frozen=True, slots=True)
class Letter:
    """One message that was set aside."""

    partition: int
    offset: int
    cause: Cause
    recorded_at: datetime
    content: Content


def letter_in(value: bytes, topic: str, at: tuple[int, int], now: datetime) -> Letter:
    """The letter in a record of a topic of dead letters; what is none is itself one: `at` is where it stands."""
    try:
        said = DeadLetter.model_validate_json(value)
        content = Content(
            _bytes(said.key_base64),
            _bytes(said.value_base64),
            tuple((name, _bytes(one)) for name, one in said.headers_base64) or None,
        )
    except (ValidationError, binascii.Error):
        cause = Cause(topic, "UnusableMessageError", "value", "is no dead letter")
        return Letter(at[0], at[1], cause, now, Content(b"", value, None))
    cause = Cause(*(_text(one) for one in (said.topic, said.error, said.field, said.problem)))
    # Anybody may have written to the topic: a place that no log has is not worth a crash.
    place = (said.partition, said.offset) if _is_a_place(said) else at
    return Letter(*place, cause, said.recorded_at, content)


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _text(value: str) -> str:
    """As the database takes it."""
    return value.replace("\0", "\ufffd")[:LONGEST]


def _is_a_place(said: DeadLetter) -> bool:
    return 0 <= said.partition < MOST_PARTITIONS and 0 <= said.offset < MOST_OFFSETS


def why_not_again(topic: str, content: Content) -> str:
    """Why this message cannot be sent again; empty when it can."""
    if topic not in _NAMES:
        return "it did not come from a topic that our services read"
    if topic == CARE_INBOUND.name and content.headers is None:
        return "it was set aside before its headers were kept: have the producer send it anew"
    if any(not _is_text(value) for _, value in content.headers or ()):
        return "its headers are not text: have the producer send it anew"
    return ""


def masked_letter(value: bytes) -> str:
    """The message without its patient: keys and segment names stay, letters become x and digits 9."""
    text = value[:MOST_SHOWN].decode("utf-8", "replace")
    start = text.lstrip("\ufeff \r\n\t")
    if start.startswith("MSH"):
        return masked_hl7(start)
    return masked_json(text, _WORDS) if start.startswith(("{", "[")) else pattern(text)


def readable(value: bytes) -> str:
    """The message as text; bytes that are none show as marks."""
    return value[:MOST_SHOWN].decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")


def _is_text(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _types(union: object) -> frozenset[str]:
    """The names of the kinds that a union of contracts holds."""
    if isinstance(union, type) and issubclass(union, Contract):
        return frozenset({str(union.model_fields["type"].default)})
    return frozenset().union(*(_types(one) for one in get_args(union)))


_WORDS: Mapping[str, frozenset[str]] = {
    "type": _types(AnyCareEvent) | _types(AnyCareAlert),
    "resourceType": frozenset({"Bundle", "Patient", "Encounter", "Observation", "MessageHeader"}),
}
