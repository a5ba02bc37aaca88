"""What was told of a score, in six bytes or seven: how often, a stamp of what was said last, and its labels."""

from hashlib import blake2b
from struct import Struct
from typing import Final, NamedTuple

from care_scoring.core.patient_scores.picture import Labels
from care_shared.vocabulary import SensitivityLabel

_PACKING = Struct("<H4s")
STAMP_BYTES = 4
CODES: Final = {"lace": "L", "hospital": "H", "charlson": "C", "news2": "N", "outreach-priority": "O"}
MODELS: Final = {code: model for model, code in CODES.items()}
LABELS = tuple(SensitivityLabel)  # bits in the stored state: append only


class Told(NamedTuple):
    """The last message of one score about one subject."""

    revision: int = 0
    stamp: bytes = b""
    labels: Labels = ()

    def packed(self) -> bytes:
        """As it is stored."""
        bits = sum(1 << place for place, label in enumerate(LABELS) if label in self.labels)
        return _PACKING.pack(min(self.revision, 0xFFFF), self.stamp) + (bytes((bits,)) if bits else b"")


def key_of(model: str, subject: str) -> str:
    """Under which name it is stored: a letter, and the stay if it is about one."""
    return f"{CODES[model]}{subject}"


def named_by(key: str) -> tuple[str, str]:
    """Score and subject of a stored name."""
    return MODELS[key[:1]], key[1:]


def told_before(data: bytes | None) -> Told:
    """From what is stored; nothing was told yet when there is nothing."""
    if data is None:
        return Told()
    revision, stamp = _PACKING.unpack_from(data)
    bits = data[_PACKING.size] if len(data) > _PACKING.size else 0
    return Told(revision, stamp, tuple(sorted(label for place, label in enumerate(LABELS) if bits >> place & 1)))


def stamp_of(essence: str) -> bytes:
    """Another essence, another stamp."""
    return blake2b(essence.encode(), digest_size=STAMP_BYTES).digest()
