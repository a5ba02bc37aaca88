"""How a patient's state is stored: one byte of version, then compact MessagePack; old versions are lifted when read."""

from collections.abc import Callable

from msgspec import DecodeError
from msgspec.msgpack import Decoder, Encoder

from care_scoring.core.state.patient import PatientState
from care_shared.errors import UnusableMessageError

VERSION = 1

_ENCODER = Encoder()
_DECODER = Decoder(PatientState)

# Version → what turns its bytes into those of the next version. Kept for ever: states are lifted when they are read.
UPCASTERS: dict[int, Callable[[bytes], bytes]] = {}


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
    while version in UPCASTERS:
        body, version = UPCASTERS[version](body), version + 1
    if version != VERSION:
        raise UnusableMessageError("patient state", f"has version {version}, this release reads up to {VERSION}")
    try:
        return _DECODER.decode(body)
    except DecodeError as error:  # its text may quote a value, so it is not carried on
        raise UnusableMessageError("patient state", "cannot be read") from error
