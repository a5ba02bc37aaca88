"""How a patient's state is stored: one byte of version, then compact MessagePack; old versions are lifted when read."""

from collections.abc import Callable

from msgspec import DecodeError
from msgspec.msgpack import Decoder, Encoder

from care_scoring.core.codes.conditions import plain_code
from care_scoring.core.state.conditions import Condition
from care_scoring.core.state.patient import PatientState
from care_shared.errors import UnusableMessageError

VERSION = 2

_ENCODER = Encoder()
_DECODER = Decoder(PatientState)


def _with_plain_codes(body: bytes) -> bytes:
    """Version 2 appended nouns, absent here, and keys conditions by plain code: `I50.22` and `I5022` are one.

    The number also keeps an older release from reading, and then writing without them, what a newer one wrote.
    """
    state = _DECODER.decode(body)
    conditions: dict[str, Condition] = {}
    for code, condition in state.conditions.items():
        held = conditions.get(plain_code(code))
        if held is None or (condition.said, condition.active) > (held.said, held.active):
            conditions[plain_code(code)] = condition
    state.conditions = conditions
    return _ENCODER.encode(state)


# Version → what turns its bytes into those of the next version. Kept for ever: states are lifted when they are read.
UPCASTERS: dict[int, Callable[[bytes], bytes]] = {
    1: _with_plain_codes,
}


def encode_state(state: PatientState) -> bytes:
    """The bytes to store."""
    buffer = bytearray((VERSION,))
    _ENCODER.encode_into(state, buffer, 1)
    return bytes(buffer)


def decode_state(data: bytes) -> PatientState:
    """The state in stored bytes. Raises UnusableMessageError when they are not ours or newer than we are."""
    if not data:
        raise UnusableMessageError("patient state", "is empty")
    version, body = data[0], data[1:]
    try:
        while version in UPCASTERS:
            body, version = UPCASTERS[version](body), version + 1
        if version != VERSION:
            raise UnusableMessageError("patient state", f"has version {version}, this release reads up to {VERSION}")
        return _DECODER.decode(body)
    except DecodeError as error:  # its text may quote a value, so it is not carried on
        raise UnusableMessageError("patient state", "cannot be read") from error
