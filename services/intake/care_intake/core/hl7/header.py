"""The first line of a message says what it is, who sent it and under which number."""

from dataclasses import dataclass
from functools import lru_cache

from care_intake.core.hl7.message import Message
from care_shared.errors import UnsupportedMessageError, UnusableMessageError

# HL7 v2 grows backwards-compatibly; 2.3 to 2.8 is what we test against.
_OLDEST, _NEWEST = (2, 3), (2, 8)
_PROCESSING_IDS = frozenset({"P", "T", "D"})  # production, training, debugging (table 0103)
# Of these one event is used everywhere, and old senders leave it out.
_ONLY_EVENT = {"ORU": "R01"}
MAX_CONTROL_ID = 199  # the longest any version allows


@dataclass(frozen=True, slots=True)
class MessageHeader:
    """What MSH says about the message, as plain text."""

    code: str
    trigger: str
    control_id: str
    processing_id: str
    version: str
    sending_application: str
    sending_facility: str
    sent: str

    @property
    def is_production(self) -> bool:
        """Training and debugging messages get a full answer, but nothing of them becomes a fact."""
        return self.processing_id == "P"


def header_of(message: Message) -> MessageHeader:
    """The header, or the finding which of its fields makes the message unusable or unsupported."""
    text = message.text
    code, trigger = _kind(message)
    header = MessageHeader(
        code=code,
        trigger=trigger,
        control_id=_required(message, "MSH-10"),
        processing_id=_required(message, "MSH-11"),
        version=_required(message, "MSH-12"),
        sending_application=text("MSH-3"),
        sending_facility=text("MSH-4"),
        sent=text("MSH-7"),
    )
    if len(header.control_id) > MAX_CONTROL_ID:
        raise UnusableMessageError("MSH-10", f"is longer than {MAX_CONTROL_ID} characters")
    if header.processing_id not in _PROCESSING_IDS:
        raise UnsupportedMessageError("MSH-11", "is none of P, T and D")
    if not is_supported_version(header.version):
        raise UnsupportedMessageError("MSH-12", "is not one of the versions 2.3 to 2.8")
    return header


def _kind(message: Message) -> tuple[str, str]:
    """ADT and A03, from ADT^A03^ADT_A01, from ADT^A03, from ADT_A03, or from ADT alone with EVN-1 (before 2.3.1)."""
    code, _, joined = _required(message, "MSH-9").upper().replace(" ", "_").partition("_")
    trigger = message.text("MSH-9.2") or joined or message.text("EVN-1") or _ONLY_EVENT.get(code, "")
    return code, trigger.upper()


def is_supported_version(version: str) -> bool:
    """2.3 to 2.8 with their sub-versions (2.5.1)."""
    numbers = version_numbers(version)
    return numbers is not None and _OLDEST <= numbers[:2] <= _NEWEST


@lru_cache(maxsize=64)  # bounded: versions come from outside; asked several times for every message
def version_numbers(version: str) -> tuple[int, ...] | None:
    """2.5.1 as (2, 5, 1); None when it is not a version."""
    parts = version.split(".")
    if not 2 <= len(parts) <= 3 or not all(part.isascii() and part.isdigit() and len(part) <= 2 for part in parts):
        return None
    return tuple(int(part) for part in parts)


def _required(message: Message, where: str) -> str:
    value = message.text(where)
    if not value:
        raise UnusableMessageError(where, "is missing")
    return value
