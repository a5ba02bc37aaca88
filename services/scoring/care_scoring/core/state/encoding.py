"""How a patient's state is stored: one byte of version, then compact MessagePack; old versions are lifted when read."""

from collections.abc import Callable
from datetime import datetime
from struct import pack, unpack

from msgspec import DecodeError, Raw
from msgspec.msgpack import Decoder, Encoder, decode

from care_scoring.core.codes.conditions import plain_code
from care_scoring.core.state.packed_ids import packed
from care_scoring.core.state.patient import PatientState
from care_shared.errors import UnusableMessageError

VERSION = 3

_ENCODER = Encoder()
_DECODER = Decoder(PatientState)


def _from_version_1(body: bytes) -> bytes:
    """Version 2 appended nouns, absent here; it keys conditions by plain code and visits by packed id.

    The number also keeps an older release from reading, and then writing without them, what a newer one wrote.
    Written against the bytes, not against today's structs, which go on changing.
    """
    fields = decode(body, type=list[Raw])
    visits = decode(fields[5], type=dict[str, Raw])
    conditions = decode(fields[7], type=dict[str, tuple[datetime, bool, tuple[str, ...]]])
    latest_last = sorted(conditions.items(), key=lambda item: item[1])
    fields[5] = Raw(_ENCODER.encode({packed(visit_id): visit for visit_id, visit in visits.items()}))
    fields[7] = Raw(_ENCODER.encode({plain_code(code): condition for code, condition in latest_last}))
    return _ENCODER.encode(fields)


def _from_version_2(body: bytes) -> bytes:
    """Version 3 keeps a series in rows instead of columns, and packs which event told of a reading."""
    fields = decode(body, type=list[Raw])
    series = decode(fields[6], type=dict[str, list[Raw]])
    fields[6] = Raw(_ENCODER.encode({code: _series_of_version_2(columns) for code, columns in series.items()}))
    return _ENCODER.encode(fields)


def _series_of_version_2(columns: list[Raw]) -> list[object]:
    at, said, values, flags, keys = (decode(one, type=bytes) for one in columns[:5])
    count = len(at) // 4
    kinds = zip("IIiH", (at, said, values, flags), strict=True)
    numbers = (unpack(f"<{count}{kind}", column) for kind, column in kinds)
    rows = b"".join(pack("<IIiH6s", *row) for row in zip(*numbers, unpack("6s" * count, keys), strict=True))
    told = decode(columns[7], type=dict[int, bytes])
    evidence = b"".join(pack(">I", when) + told[when] for when in sorted(told) if len(told[when]) == 20)
    odd = {when: stated for when, stated in told.items() if len(stated) != 20}
    # What version 2 appended is absent from what version 1 wrote.
    more = columns[9:12] or [Raw(b"\x80"), Raw(b"\xc4\x00"), Raw(b"\x00")]
    return [rows, columns[5], columns[6], evidence, columns[8], *more, odd]


# Version → what turns its bytes into those of the next version. Kept for ever: states are lifted when they are read.
UPCASTERS: dict[int, Callable[[bytes], bytes]] = {
    1: _from_version_1,
    2: _from_version_2,
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
