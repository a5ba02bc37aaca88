"""How a patient's state is stored: one byte of version, then compact MessagePack; old versions are lifted when read.

Since version 4 what moves with every reading stands in front, plain, and the rest may be deflated (`resting.py`):
version, how many bytes are plain, these, and then the rest of the same MessagePack.
"""

from collections.abc import Callable
from datetime import datetime
from struct import Struct as Packing
from struct import pack, unpack

from msgspec import DecodeError, Raw
from msgspec.msgpack import Decoder, Encoder, decode

from care_scoring.core.codes.conditions import plain_code
from care_scoring.core.state.packed_ids import packed
from care_scoring.core.state.patient import PatientState
from care_scoring.core.state.resting import Resting
from care_shared.errors import UnusableMessageError

VERSION = 4

_HEAD = Packing(">BI")
FIRST_WITH_HEAD = 4
_HEADER_GROWTH = 2  # the array of all fields begins with three bytes, that of a few with one

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


def _from_version_3(body: bytes) -> bytes:
    """Version 4 puts what moves with every reading first: the patient, the latest moment, wake-ups, vital signs."""
    fields = decode(body, type=list[Raw])
    patient_id, as_of, vitals, wakes = fields[0], fields[1], fields[6], fields[12]
    return _ENCODER.encode([patient_id, as_of, wakes, vitals, *fields[2:6], *fields[7:12], *fields[13:]])


# Version → what turns its bytes into those of the next version. Kept for ever: states are lifted when they are read.
UPCASTERS: dict[int, Callable[[bytes], bytes]] = {
    1: _from_version_1,
    2: _from_version_2,
    3: _from_version_3,
}


def encode_state(state: PatientState, resting: Resting | None = None) -> bytes:
    """The bytes of a state: to be stored, with what rests deflated; without `resting`, plain, to be kept inside."""
    body = _ENCODER.encode(state)
    if resting is None:
        return _HEAD.pack(VERSION, len(body)) + body
    moving = len(_ENCODER.encode((state.patient_id, state.as_of, state.wakes, state.vitals))) + _HEADER_GROWTH
    return b"".join((_HEAD.pack(VERSION, moving), body[:moving], resting.deflated(body[moving:])))


def decode_state(data: bytes, resting: Resting | None = None) -> PatientState:
    """The state in stored bytes. Raises UnusableMessageError when they are not ours or newer than we are.

    `resting` learns what rests, so that the next `encode_state` need not deflate it again.
    """
    if not data:
        raise UnusableMessageError("patient state", "is empty")
    version = data[0]
    try:
        body = _body(data, resting or Resting()) if FIRST_WITH_HEAD <= version <= VERSION else data[1:]
        while version in UPCASTERS:
            body, version = UPCASTERS[version](body), version + 1
        if version != VERSION:
            raise UnusableMessageError("patient state", f"has version {version}, this release reads up to {VERSION}")
        return _DECODER.decode(body)
    except (DecodeError, ValueError) as error:  # may quote a value, so it is not carried on
        raise UnusableMessageError("patient state", "cannot be read") from error


def _body(data: bytes, resting: Resting) -> bytes:
    """The MessagePack in one piece."""
    end = _HEAD.size + int.from_bytes(data[1 : _HEAD.size])
    return data[_HEAD.size : end] + resting.inflated(data[end:])
