"""A file or a batch (FHS, BHS … BTS, FTS) is cut into the messages it holds, each as its sender wrote it."""

import re

from care_intake.core.hl7.parser import UTF8_MARK

_BATCH = (b"FHS", b"BHS")
# A message begins where a line begins with MSH; MLLP's own signs may still stand around it in a capture.
_START = re.compile(rb"(?:^|[\r\n\x0b\x1c]+)(?=MSH[^A-Za-z0-9\s])")
_ENVELOPE = re.compile(rb"(?:^|[\r\n]+)(?:FHS|BHS|BTS|FTS)(?![A-Za-z0-9])[^\r\n]*")
_AROUND = b"\r\n\x0b\x1c\x1a"


def is_batch(raw: bytes) -> bool:
    """Whether it says of itself that it holds several messages."""
    return raw.removeprefix(UTF8_MARK).lstrip(b"\r\n").startswith(_BATCH)


def messages_of(raw: bytes) -> list[bytes]:
    """The messages, without the headers and trailers of the batch; what holds none is given back whole."""
    body = _ENVELOPE.sub(b"", raw.removeprefix(UTF8_MARK))
    parts = [part.strip(_AROUND) for part in _START.split(body)]
    return [part + _end_of(part) for part in parts if part.startswith(b"MSH")] or [raw]


def _end_of(message: bytes) -> bytes:
    ends = (end for end in (b"\r\n", b"\r", b"\n") if end in message)
    return next(ends, b"\r")
